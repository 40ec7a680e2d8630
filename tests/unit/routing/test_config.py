"""The TOML that the user writes: what is taken, what is left out, and in which words."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lanyard_routing.config import DEFAULT_ROUTES, FleetConfig, NetworkConfig, parse
from lanyard_routing.task import Kind, SizeClass, Zone


def read(text: str) -> tuple[FleetConfig, tuple[str, ...]]:
    return parse(tomllib.loads(text), "config.toml", text=text)


def test_nothing_written_is_the_default_with_cloud_off() -> None:
    config, problems = parse({})
    assert problems == ()
    assert config == FleetConfig()
    assert not config.network.allow_cloud
    assert config.table == DEFAULT_ROUTES


def test_a_fleet_of_two_is_read() -> None:
    config, problems = read("""
[[endpoints]]
name = "laptop"
url = "http://127.0.0.1:8080/"
[[endpoints]]
name = "gpu-1"
url = "http://gpu-1.lan:11434"
dialect = "ollama"
models = "qwen2.5-coder:32b"
slots = 2
api_key_env = "GPU_KEY"
[[routes]]
kind = "review"
size = "large"
zones = "lan"
timeout = { first_token = 9 }
fallbacks = ["queue"]
""")
    assert problems == ()
    assert [endpoint.url for endpoint in config.endpoints] == ["http://127.0.0.1:8080", "http://gpu-1.lan:11434"]
    assert config.endpoints[1].models == ("qwen2.5-coder:32b",)
    (route,) = config.routes
    assert (route.kind, route.size, route.zones) == ((Kind.REVIEW,), (SizeClass.LARGE,), (Zone.LAN,))
    assert route.timeout.as_timeouts().first_token == 9
    assert config.table[0] is route
    assert config.table[1:] == DEFAULT_ROUTES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[network]\nallow_clod = true",
            "config.toml:2: [network]: unknown key `allow_clod`; did you mean `allow_cloud`?",
        ),
        (
            '# fleet\n[[endpoints]]\nname = "a"\nurl = "http://a"\n\nsiez = "large"',
            "config.toml:6: [[endpoints]] number 1: unknown key `siez`; did you mean `size`?",
        ),
        (
            '[[routes]]\n[[routes]]\nkind = "review"\nsise = "large"',
            "config.toml:4: [[routes]] number 2: unknown key `sise`; did you mean `size`?; the route is left out",
        ),
        ('[[endpoints]]\nname = "a"', "config.toml:1: [[endpoints]] number 1: `url` is missing"),
        (
            '[[endpoints]]\nname = "a"\nurl = "gpu:11434"',
            "config.toml:3: [[endpoints]] number 1: `url` is no http:// or https:// address with a host",
        ),
        (
            '[endpoints]\nname = "a"',
            "config.toml:1: [endpoints]: write [[endpoints]] with two brackets, once for each",
        ),
        (
            '[[endpoints]]\nname = "gpu"\nurl = "http://a"\n[[routes]]\nworker = "gqu"',
            "config.toml:5: [[routes]] number 1: no endpoint is named gqu; did you mean `gpu`?",
        ),
        ("[network]\nallow_cloud = 1", "config.toml:2: [network]: `allow_cloud` input should be a valid boolean"),
    ],
)
def test_a_mistake_is_said_in_one_line_with_its_place(text: str, said: str) -> None:
    _, problems = read(text)
    assert problems == (said,)


def test_a_key_in_the_wrong_place_is_never_repeated() -> None:
    _, problems = read('[[endpoints]]\nname = "a"\nurl = "http://me:hunter2@a"\napi_key_env = "sk-hunter2"')
    assert len(problems) == 2
    assert "hunter2" not in "".join(problems)


def test_a_second_endpoint_of_the_same_name_is_left_out() -> None:
    config, problems = read('[[endpoints]]\nname = "a"\nurl = "http://a"\n[[endpoints]]\nname = "a"\nurl = "http://b"')
    assert [endpoint.url for endpoint in config.endpoints] == ["http://a"]
    assert problems == ("config.toml:5: [[endpoints]] number 2: a second endpoint named a is left out",)


def test_a_route_with_an_unknown_key_is_left_out_but_an_endpoint_stays() -> None:
    config, problems = read('[[endpoints]]\nname = "a"\nurl = "http://a"\nx = 1\n[[routes]]\nkin = "review"')
    assert len(config.endpoints) == 1
    assert config.routes == ()
    assert len(problems) == 2


def test_the_switch_for_the_cloud_takes_nothing_but_true() -> None:
    for value in ("yes", 1, "true", [True], None):
        config, problems = parse({"network": {"allow_cloud": value}})
        assert not config.network.allow_cloud
        assert len(problems) == 1
    assert parse({"network": {"allow_cloud": True}})[0].network == NetworkConfig(allow_cloud=True)


def test_a_key_with_a_line_break_is_still_said_in_one_line() -> None:
    _, problems = read('[network]\n"a\\nb" = 1\n[[routes]]\nworker = "x\\r\\ny"')
    assert len(problems) == 2
    assert all(len(problem.splitlines()) == 1 for problem in problems)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
_keys = st.sampled_from(["name", "url", "size", "kind", "worker", "timeout", "zones", "slots", "models", "connect"])
_table = st.dictionaries(_keys, _json, max_size=4)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be busy
@given(st.dictionaries(st.sampled_from(["network", "endpoints", "routes", "chat"]), _json | st.lists(_table) | _table))
def test_any_input_gives_a_config_and_lines(data: dict[str, object]) -> None:
    config, problems = parse(data)
    assert isinstance(config, FleetConfig)
    assert all(len(problem.splitlines()) == 1 for problem in problems)
