"""Which addresses may be reached, and that nothing gets around it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_routing.adapters.base import (
    AddressRefused,
    ChatRequest,
    EndpointError,
    EndpointUnavailable,
    FillRequest,
    Timeouts,
)
from lanyard_routing.adapters.make import Dialect, detect_dialect, make_adapter
from lanyard_routing.netpolicy import (
    CloudAccess,
    Policy,
    loopback_only,
    system_resolve,
    zone_of_address,
    zone_of_host,
)
from lanyard_routing.task import Message, Zone
from lanyard_routing.testing.script import Fault, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint

PUBLIC = "203.0.113.7"
CHAT = ChatRequest((Message(role="user", content="hi"),), max_tokens=4, model="m")


@pytest.fixture(autouse=True)
def network_stays_inside() -> None:
    """Instead of the suite's own guard: these tests are about the policy without it, and open no outside socket."""


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("127.0.0.1", Zone.LOCAL),
        ("127.255.255.254", Zone.LOCAL),
        ("::1", Zone.LOCAL),
        ("::ffff:127.0.0.1", Zone.LOCAL),
        ("10.0.0.0", Zone.LAN),
        ("10.255.255.255", Zone.LAN),
        ("172.16.0.1", Zone.LAN),
        ("172.31.255.255", Zone.LAN),
        ("192.168.1.20", Zone.LAN),
        ("169.254.3.4", Zone.LAN),
        ("100.64.0.1", Zone.LAN),
        ("100.127.255.255", Zone.LAN),
        ("fd12:3456:789a::1", Zone.LAN),
        ("fc00::1", Zone.LAN),
        ("fe80::1", Zone.LAN),
        ("fe80::1%eth0", Zone.LAN),
        ("febf::1", Zone.LAN),
        ("::ffff:192.168.1.20", Zone.LAN),
        ("9.255.255.255", Zone.CLOUD),
        ("11.0.0.0", Zone.CLOUD),
        ("172.15.255.255", Zone.CLOUD),
        ("172.32.0.0", Zone.CLOUD),
        ("192.167.255.255", Zone.CLOUD),
        ("192.169.0.0", Zone.CLOUD),
        ("100.63.255.255", Zone.CLOUD),
        ("100.128.0.0", Zone.CLOUD),
        ("126.255.255.255", Zone.CLOUD),
        ("128.0.0.0", Zone.CLOUD),
        ("8.8.8.8", Zone.CLOUD),
        (PUBLIC, Zone.CLOUD),
        ("198.18.0.1", Zone.CLOUD),
        ("2001:db8::1", Zone.CLOUD),
        ("2606:4700::1", Zone.CLOUD),
        ("fec0::1", Zone.CLOUD),
        ("fe7f::1", Zone.CLOUD),
        ("fbff::1", Zone.CLOUD),
        ("fe00::1", Zone.CLOUD),
        ("::ffff:8.8.8.8", Zone.CLOUD),
        ("::127.0.0.1", Zone.CLOUD),
        ("::ffff:0:127.0.0.1", Zone.CLOUD),
        ("2002:7f00:1::", Zone.CLOUD),
        ("2002:c0a8:101::1", Zone.CLOUD),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", Zone.CLOUD),
        ("64:ff9b::10.0.0.1", Zone.CLOUD),
        ("64:ff9b::127.0.0.1", Zone.CLOUD),
        ("64:ff9b:1::10.0.0.1", Zone.CLOUD),
        ("0.0.0.0", None),
        ("0.1.2.3", None),
        ("::", None),
        ("::ffff:0.0.0.0", None),
        ("224.0.0.1", None),
        ("239.255.255.250", None),
        ("255.255.255.255", None),
        ("ff02::1", None),
        ("ff0e::1", None),
        ("::ffff:224.0.0.1", None),
        ("::ffff:255.255.255.255", None),
    ],
)
def test_the_zone_of_an_address(address: str, zone: Zone | None) -> None:
    assert zone_of_address(ipaddress.ip_address(address)) is zone


@given(st.ip_addresses())
def test_an_address_outside_the_named_networks_is_never_permitted(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """The oracle is another reading of the same RFCs: integers and prefixes."""
    policy = Policy()
    if address.version == 6 and int(address) >> 32 == 0xFFFF:
        address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    number = int(address)
    if address.version == 4:
        inside = (
            number >> 24 in (10, 127)
            or number >> 20 == 0xAC1
            or number >> 16 in (0xC0A8, 0xA9FE)
            or number >> 22 == 0x191
        )
    else:
        inside = number == 1 or number >> 121 == 0x7E or number >> 118 == 0x3FA
    assert policy.permits(zone_of_address(address)) == inside


async def test_a_public_address_is_refused_with_the_switch_named() -> None:
    for url in (f"http://{PUBLIC}:8080", "http://gpu.example:8080"):
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu", policy=Policy(resolve=answers(PUBLIC)))
        with pytest.raises(AddressRefused) as caught:
            async for _ in adapter.chat(CHAT, Timeouts()):
                pass
        line = str(caught.value)
        assert line.startswith(
            f'endpoint "gpu" resolves to the public address {PUBLIC}; Lanyard sends nothing outside your network '
            "unless you set network.allow_cloud = true in "
        )
        assert line.endswith("config.toml")
        assert "\n" not in line
        assert (await adapter.probe()).why == line
        assert await adapter.count_tokens("x") is None
        with pytest.raises(AddressRefused):
            await detect_dialect(url, policy=Policy(resolve=answers(PUBLIC)))
        await adapter.close()


async def test_the_unspecified_address_is_refused_with_a_hint() -> None:
    with pytest.raises(AddressRefused, match=r"write 127\.0\.0\.1 for this machine"):
        await Policy().addresses("gpu", "0.0.0.0", 80)
    with pytest.raises(AddressRefused, match="which no server can be reached at"):
        await Policy(CloudAccess.ALLOWED).addresses("gpu", "224.0.0.1", 80)


async def test_the_switch_lets_public_addresses_through() -> None:
    policy = Policy(CloudAccess.ALLOWED, answers(PUBLIC))
    assert await policy.addresses("gpu", "gpu.example", 80) == (PUBLIC,)


async def test_of_a_name_with_private_and_public_addresses_only_the_private_ones_are_tried() -> None:
    policy = Policy(resolve=answers("2001:db8::7", "192.168.1.20", PUBLIC, "fe80::7%2"))
    assert await policy.addresses("gpu", "gpu.home", 80) == ("192.168.1.20", "fe80::7%2")
    assert await zone_of_host("gpu.home", policy=policy) is Zone.LAN


async def test_numbers_that_are_no_canonical_address_are_judged_by_what_they_resolve_to() -> None:
    for spelling in ("0x08.8.8.8", "134744072", "0177.0.0.1", "127.1"):
        policy = Policy(resolve=answers("8.8.8.8"))
        with pytest.raises(AddressRefused, match=r"8\.8\.8\.8"):
            await policy.addresses("gpu", spelling, 80)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """DNS rebinding: the name answers with loopback first and with a public address ever after."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else [PUBLIC]

    async with ScriptedEndpoint() as endpoint:
        url = endpoint.url.replace("127.0.0.1", "rebind.example")
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu", policy=Policy(resolve=rebinding))
        texts = [delta.text async for delta in adapter.chat(CHAT, Timeouts())]
        assert "".join(texts) == "ok"
        assert asked == ["rebind.example"]
        assert endpoint.asked[0].headers["host"].startswith("rebind.example:")
        await endpoint.refuse()
        with pytest.raises(AddressRefused):
            await anext(adapter.chat(CHAT, Timeouts()))
        await adapter.close()


def test_the_socket_itself_is_refused_whatever_came_before() -> None:
    """The last gate: a resolver that lies does not get past the making of the socket."""
    policy = Policy()
    for family, address in ((socket.AF_INET, (PUBLIC, 80)), (socket.AF_INET6, ("2001:db8::1", 80, 0, 0))):
        with pytest.raises(AddressRefused):
            policy.open_socket("gpu", (family, socket.SOCK_STREAM, 6, "", address))
    with pytest.raises(AddressRefused, match="TCP only"):
        policy.open_socket("gpu", (socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/x.sock",)))
    opened = policy.open_socket("gpu", (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)))
    assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    opened.close()


async def test_a_literal_public_address_is_stopped_where_the_socket_is_opened() -> None:
    """HTTP clients skip their resolver for literal addresses; the socket's gate is what holds."""

    async def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError("a literal address needs no resolver")

    for host in (PUBLIC, "[2001:db8::1]", "[::ffff:8.8.8.8]"):
        adapter = make_adapter(f"http://{host}:8080", Dialect.LLAMACPP, name="gpu", policy=Policy(resolve=never))
        with pytest.raises(AddressRefused, match="public address"):
            await anext(adapter.fill(FillRequest("a", "b"), Timeouts()))
        await adapter.close()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
async def test_proxy_variables_are_ignored(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with counting_listener() as (proxy, connections), ScriptedEndpoint() as endpoint:
        monkeypatch.setenv(variable, proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for dialect in Dialect:
            adapter = make_adapter(endpoint.url, dialect, name="gpu")
            assert (await adapter.probe()).ready
            assert (
                "".join([delta.text async for delta in adapter.chat(ChatRequest(CHAT.messages, 4), Timeouts())]) == "ok"
            )
            await adapter.close()
        assert connections == []


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_redirect_is_not_followed(dialect: Dialect) -> None:
    async with counting_listener() as (elsewhere, connections):
        script = Script(default=Say(fault=Fault.REDIRECT), location=elsewhere)
        async with ScriptedEndpoint(script) as endpoint:
            adapter = make_adapter(endpoint.url, dialect, name="gpu")
            with pytest.raises(AddressRefused, match=f"redirects to {elsewhere}") as caught:
                async for _ in adapter.chat(ChatRequest(CHAT.messages, 4), Timeouts()):
                    pass
            assert "final address" in str(caught.value)
            await adapter.close()
        assert connections == []


async def test_a_redirect_message_shows_no_credentials_and_no_path() -> None:
    script = Script(default=Say(fault=Fault.REDIRECT), location="http://user:hush@elsewhere.example/secret\x1b[31m")
    async with ScriptedEndpoint(script) as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OPENAI, name="gpu")
        with pytest.raises(EndpointError) as caught:
            await anext(adapter.chat(CHAT, Timeouts()))
        assert "hush" not in str(caught.value)
        assert "secret" not in str(caught.value)
        await adapter.close()


async def test_a_name_without_address_is_said_so() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for resolve in (unknown, answers()):
        adapter = make_adapter("http://gpu.home:8080", Dialect.OPENAI, name="gpu", policy=Policy(resolve=resolve))
        with pytest.raises(EndpointUnavailable, match=r'"gpu": no address is known for the host "gpu\.home"'):
            await anext(adapter.chat(CHAT, Timeouts()))
        await adapter.close()
    assert await zone_of_host("gpu.home", policy=Policy(resolve=unknown)) is None


async def test_a_resolver_that_hangs_runs_into_the_connect_timeout() -> None:
    async def hanging(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    adapter = make_adapter("http://gpu.home:8080", Dialect.OPENAI, name="gpu", policy=Policy(resolve=hanging))
    async with asyncio.timeout(50):
        with pytest.raises(EndpointUnavailable, match=r"no connection within 0\.1 s"):
            await anext(adapter.chat(CHAT, Timeouts(connect=0.1)))
    await adapter.close()


async def test_the_system_resolver_knows_localhost() -> None:
    found = await system_resolve("localhost", 80)
    assert {"127.0.0.1", "::1"} & set(found)
    with pytest.raises(OSError, match=r"\w"):
        await system_resolve("a" * 70 + ".example", 80)


async def test_zones_of_hosts() -> None:
    assert await zone_of_host("127.0.0.1", policy=Policy()) is Zone.LOCAL
    assert await zone_of_host("x", policy=Policy(resolve=answers(PUBLIC))) is Zone.CLOUD
    assert await zone_of_host("x", policy=Policy(resolve=answers("127.0.0.1", "10.0.0.1"))) is Zone.LAN


def test_the_switch_of_the_test_suite_leaves_loopback_only() -> None:
    policy = Policy(CloudAccess.ALLOWED)
    with loopback_only():
        assert policy.permits(Zone.LOCAL)
        assert not policy.permits(Zone.LAN)
        assert not policy.permits(Zone.CLOUD)
        with pytest.raises(AddressRefused, match="only loopback is allowed"):
            policy.check("gpu", "10.0.0.1")
    assert policy.permits(Zone.LAN)


@pytest.mark.parametrize(
    "url",
    ["unix:///run/llama.sock", "ftp://host", "http://", "http:///x", "http://ho st:1", "http://host:99999", "",
     "http://host:1/?q", "file:///etc/passwd", "http+unix://x", "http://host:1\r\nX: y", "http://[::1", "http://h:-1"],
)  # fmt: skip
def test_what_is_no_endpoint_url_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(ValueError, match=r"the (URL|host) of an endpoint") as caught:
        make_adapter(url, Dialect.OPENAI)
    assert "\n" not in str(caught.value)


def answers(*addresses: str):
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@asynccontextmanager
async def counting_listener() -> AsyncGenerator[tuple[str, list[object]]]:
    connections: list[object] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", connections
