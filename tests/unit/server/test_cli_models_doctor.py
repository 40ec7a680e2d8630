"""`lanyard models` and `lanyard doctor` as a user types them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from integration.engine import tinygguf
from lanyard_routing.engine.starter import stop_all
from lanyard_server.cli import run
from unit.routing.hub import Hub, serve

Said = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    stop_all()


@pytest.fixture
def lanyard(home: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    def say(line: str) -> tuple[int, str, str]:
        code = run(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return say


def test_list_shows_what_is_here_and_what_can_be_had(lanyard: Said) -> None:
    code, out, err = lanyard("models list")
    assert (code, err) == (0, "")
    here, there = out.split("Can be pulled")
    assert "lanyard-fim" in here
    assert "comes with Lanyard" in here
    assert "qwen2.5-coder-1.5b-instruct" in there
    assert "Apache-2.0" in there
    assert all(line.isascii() for line in out.splitlines())


def test_list_as_json_is_an_object_a_line(lanyard: Said) -> None:
    _, out, _ = lanyard("models list --json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows[0]["origin"] == "shipped"
    assert any(row.get("licence") == "LicenseRef-Qwen-Research" for row in rows)


def test_pull_list_rm(lanyard: Said, home: Path, tmp_path: Path) -> None:
    content = tinygguf.write(tmp_path / "m.gguf").read_bytes()
    with serve(Hub(content)) as hub:
        code, out, err = lanyard(f"models pull {hub.url}")
        assert code == 0
        assert "Contacting 127.0.0.1" in err
        assert "not verified" in out
        assert hub.sha256 in out
        code, out, err = lanyard(f"models pull {hub.url} --name other --sha256 {'0' * 64}")
        assert code == 1
        assert "it was deleted" in err
        code, _, err = lanyard(f"models pull qwen2.5-coder-0.5b --url {hub.url}")
        assert code == 1
        assert "not what the checksum that was named says" in err
    assert "tiny" in lanyard("models list")[1]
    assert lanyard("models rm tiny")[0] == 0
    assert lanyard("models rm tiny")[0] == 1
    assert not list(home.rglob("*.gguf"))


def test_a_model_without_a_known_checksum_says_where_it_will_come_from(lanyard: Said, tmp_path: Path) -> None:
    content = tinygguf.write(tmp_path / "m.gguf").read_bytes()
    with serve(Hub(content)) as hub:
        hub.redirect, hub.linked = f"http://127.0.0.1:{hub.port}/store/1", hub.sha256
        code, out, _ = lanyard(f"models pull smollm2-1.7b-instruct --url {hub.url}")
    assert code == 0
    assert "No checksum of smollm2-1.7b-instruct is known here" in out
    assert "agrees with the checksum that 127.0.0.1 sent" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("models pull qwen2.5-coder-1.5", "did you mean qwen2.5-coder-1.5b"),
        ("models pull nothing.gguf", "neither a known model, a URL nor a file"),
        ("models pull https://127.0.0.1/index.html", "--name"),
        ("models pull whatever --url http://127.0.0.1/x.gguf", "pull the URL itself"),
        ("models rm ../../etc/passwd", "no name of a model"),
    ],
)
def test_mistakes_are_one_line(lanyard: Said, line: str, words: str) -> None:
    code, _, err = lanyard(line)
    assert code == 1
    assert words in err
    assert len(err.splitlines()) == 1


def test_doctor_completes_with_the_model_that_comes_with_lanyard(lanyard: Said, home: Path) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[[endpoints]]\nname = "gone"\nurl = "http://127.0.0.1:9"\n[completion]\ndebouce_ms = 3\n')
    code, out, _ = lanyard("doctor --json")
    rows = [json.loads(line) for line in out.splitlines()]
    said = {row["what"]: row for row in rows}
    assert code == 1  # for the endpoint and the key
    assert any("gone" in what and row["status"] == "problem" and row["next"] for what, row in said.items())
    assert any("debouce_ms" in what for what in said)
    completion = next(row for what, row in said.items() if what.startswith("completion:"))
    assert completion["status"] == "ok"
    assert completion["seconds"] > 0
    chat = next(row for what, row in said.items() if what.startswith("chat"))
    assert (chat["status"], "lanyard models pull" in chat["next"]) == ("missing", True)
    config.unlink()
    code, out, _ = lanyard("doctor")
    assert code == 0
    assert "next: Chat needs a model" in out
