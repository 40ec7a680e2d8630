"""Pulling a model: it resumes, it checks, it appears whole or not at all, and it says what is wrong in one line."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Generator
from pathlib import Path

import pytest

from integration.engine import tinygguf
from lanyard_routing.download import Pulled, PullFailed, Wanted, name_from, pull
from lanyard_routing.models import in_folder, read_record, remove
from unit.routing.hub import Hub, serve


class Ear:
    """Hears a pull; `stop_after` presses Ctrl-C after so many pieces."""

    def __init__(self, stop_after: int = 0) -> None:
        self.hosts: list[str] = []
        self.began: list[tuple[int, int | None]] = []
        self.bytes = 0
        self.stop_after = stop_after

    def contact(self, host: str) -> None:
        self.hosts.append(host)

    def begin(self, done: int, total: int | None) -> None:
        self.began.append((done, total))

    def advance(self, count: int) -> None:
        self.bytes += count
        if self.stop_after and self.bytes >= self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return tinygguf.write(tmp_path / "origin.gguf").read_bytes()


@pytest.fixture
def hub(content: bytes) -> Generator[Hub]:
    with serve(Hub(content)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def fetch(hub: Hub, folder: Path, *, sha256: str = "", url: str = "") -> Pulled:
    return pull(Wanted(url or hub.url, "tiny", sha256), folder, Ear())


def test_a_file_comes_whole_and_its_record_says_how_it_was_checked(hub: Hub, folder: Path) -> None:
    ear = Ear()
    pulled = pull(Wanted(hub.url, "tiny", hub.sha256, licence="MIT"), folder, ear)
    assert pulled.path.read_bytes() == hub.content
    assert pulled.sha256 == hub.sha256
    assert ear.hosts == ["127.0.0.1"]
    assert ear.began == [(0, len(hub.content))]
    assert ear.bytes == len(hub.content)
    assert read_record(pulled.path)["licence"] == "MIT"
    assert "named" in pulled.verified
    assert sorted(path.name for path in folder.glob("tiny*")) == ["tiny.gguf", "tiny.gguf.json"]
    assert [model.name for model in in_folder(folder)] == ["tiny"]


def test_the_checksum_of_the_hub_is_checked_and_recorded(hub: Hub, folder: Path) -> None:
    hub.redirect, hub.linked = f"http://127.0.0.1:{hub.port}/store/1", hub.sha256
    pulled = fetch(hub, folder)
    assert "checksum that 127.0.0.1 sent" in pulled.verified
    assert read_record(pulled.path)["sha256"] == hub.sha256


def test_without_any_checksum_it_says_that_nothing_was_verified(hub: Hub, folder: Path) -> None:
    assert fetch(hub, folder).verified.startswith("not verified")


def test_a_wrong_file_is_deleted(hub: Hub, folder: Path) -> None:
    with pytest.raises(PullFailed, match="not what the checksum that was named says") as failure:
        fetch(hub, folder, sha256="0" * 64)
    assert "\n" not in str(failure.value)
    assert not list(folder.glob("tiny*"))


def test_a_file_that_the_hub_has_changed_is_refused_before_a_byte_is_kept(hub: Hub, folder: Path) -> None:
    hub.redirect, hub.linked = f"http://127.0.0.1:{hub.port}/store/1", hub.sha256
    with pytest.raises(PullFailed, match="has changed"):
        fetch(hub, folder, sha256="1" * 64)
    assert not list(folder.glob("tiny*"))


def test_a_cut_pull_goes_on_where_it_stopped(hub: Hub, folder: Path) -> None:
    hub.cut = 100_000
    with pytest.raises(PullFailed, match="broke at 0 of 0 MB; what came is kept, pull again to go on"):
        fetch(hub, folder)
    pulled = fetch(hub, folder)
    assert pulled.path.read_bytes() == hub.content
    assert pulled.resumed_from == 100_000
    assert hub.requests[-1]["range"] == "bytes=100000-"
    assert hub.requests[-1]["if-range"] == '"v1"'


def test_a_file_that_changed_meanwhile_begins_anew(hub: Hub, folder: Path) -> None:
    hub.cut = 100_000
    with pytest.raises(PullFailed):
        fetch(hub, folder)
    hub.tag = '"v2"'
    hub.content = hub.content[:-1] + b"\1"
    pulled = fetch(hub, folder)
    assert pulled.resumed_from == 0
    assert pulled.path.read_bytes() == hub.content


def test_a_host_without_ranges_begins_anew(hub: Hub, folder: Path) -> None:
    hub.cut, hub.ranges = 100_000, False
    with pytest.raises(PullFailed):
        fetch(hub, folder)
    assert fetch(hub, folder).path.read_bytes() == hub.content


def test_a_part_without_tag_and_checksum_is_not_trusted(hub: Hub, folder: Path) -> None:
    hub.cut, hub.tag = 100_000, ""
    with pytest.raises(PullFailed):
        fetch(hub, folder)
    assert fetch(hub, folder).resumed_from == 0
    assert "range" not in hub.requests[-1]


def test_a_part_without_tag_is_resumed_where_a_checksum_guards_it(hub: Hub, folder: Path) -> None:
    hub.cut, hub.tag = 100_000, ""
    with pytest.raises(PullFailed):
        fetch(hub, folder, sha256=hub.sha256)
    assert fetch(hub, folder, sha256=hub.sha256).resumed_from == 100_000


def test_a_part_of_another_url_is_not_mixed_in(hub: Hub, folder: Path) -> None:
    hub.cut = 100_000
    with pytest.raises(PullFailed):
        fetch(hub, folder)
    assert fetch(hub, folder, url=hub.url + "?other").resumed_from == 0


def test_a_body_without_a_length_is_read_to_its_end(hub: Hub, folder: Path) -> None:
    hub.length = False
    assert fetch(hub, folder).size == len(hub.content)


def test_a_short_body_without_a_length_is_no_model(hub: Hub, folder: Path) -> None:
    hub.length, hub.cut = False, 100_000
    with pytest.raises(PullFailed, match="the end is missing"):
        fetch(hub, folder)
    assert not list(folder.glob("tiny*"))


def test_ctrl_c_keeps_the_part(hub: Hub, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        pull(Wanted(hub.url, "tiny"), folder, Ear(stop_after=1))
    assert (folder / "tiny.gguf.part").stat().st_size > 0
    assert fetch(hub, folder).path.read_bytes() == hub.content


@pytest.mark.parametrize(
    ("status", "words"), [(404, "no such file"), (403, "strangers"), (503, "try again later"), (418, "418")]
)
def test_a_refusal_is_one_line(hub: Hub, folder: Path, status: int, words: str) -> None:
    hub.status = status
    with pytest.raises(PullFailed, match=words) as failure:
        fetch(hub, folder)
    assert "\n" not in str(failure.value)
    assert len(hub.requests) == 1  # no retry behind the user's back


def test_a_web_page_instead_of_a_model_is_refused(hub: Hub, folder: Path) -> None:
    hub.content = b"<html>please log in</html>"
    with pytest.raises(PullFailed, match="sent no GGUF file"):
        fetch(hub, folder)
    assert not (folder / "tiny.gguf").exists()


def test_a_redirect_is_followed_and_each_host_is_told(hub: Hub, folder: Path) -> None:
    with serve(Hub(hub.content)) as store:
        hub.redirect = f"http://127.0.0.1:{store.port}/store/1"
        assert fetch(hub, folder).path.read_bytes() == hub.content
        assert len(store.requests) == 1


@pytest.mark.parametrize("where", ["http://example.invalid/x.gguf", "file:///etc/passwd", "ftp://127.0.0.1/x.gguf"])
def test_a_redirect_away_from_https_is_not_followed(hub: Hub, folder: Path, where: str) -> None:
    hub.redirect = where
    with pytest.raises(PullFailed, match="only https is followed"):
        fetch(hub, folder)


def test_a_circle_of_redirects_ends(hub: Hub, folder: Path) -> None:
    hub.redirect = hub.url
    with pytest.raises(PullFailed, match="circle"):
        fetch(hub, folder)


def test_offline_is_said_at_once(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/tiny.gguf"
        with pytest.raises(PullFailed, match="is this machine offline"):
            pull(Wanted(url, "tiny"), folder, Ear())


def test_a_full_disk_is_seen_beforehand(hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 64 * 1024 * 1024})
    monkeypatch.setattr("lanyard_routing.download.shutil.disk_usage", lambda _: usage)
    with pytest.raises(PullFailed, match="GB free, the file needs"):
        fetch(hub, folder)
    assert not (folder / "tiny.gguf.part").exists()


def test_a_second_pull_of_the_same_model_waits_for_nobody(hub: Hub, folder: Path) -> None:
    class Nested(Ear):
        def begin(self, done: int, total: int | None) -> None:
            with pytest.raises(PullFailed, match="another pull of tiny is running"):
                pull(Wanted(hub.url, "tiny"), folder, Ear())
            super().begin(done, total)

    ear = Nested()
    pull(Wanted(hub.url, "tiny"), folder, ear)
    assert ear.began


def test_a_model_that_is_here_is_not_replaced(hub: Hub, folder: Path) -> None:
    fetch(hub, folder)
    with pytest.raises(PullFailed, match="is here already"):
        fetch(hub, folder)
    assert len(hub.requests) == 1


def test_a_path_is_copied_and_checked(content: bytes, tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "origin.gguf"
    sha256 = hashlib.sha256(content).hexdigest()
    pulled = pull(Wanted(str(source), "copy", sha256.upper()), folder, Ear())
    assert pulled.path.read_bytes() == content
    assert source.exists()
    with pytest.raises(PullFailed, match="it was deleted"):
        pull(Wanted(str(source), "other", "2" * 64), folder, Ear())
    assert not list(folder.glob("other*"))


def test_a_broken_file_is_not_copied(tmp_path: Path, content: bytes, folder: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content[:300_000])
    with pytest.raises(PullFailed, match="the end is missing"):
        pull(Wanted(str(broken), "broken"), folder, Ear())


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "a b", "x" * 200])
def test_a_name_never_leaves_the_folder(hub: Hub, folder: Path, name: str) -> None:
    with pytest.raises(PullFailed):
        pull(Wanted(hub.url, name), folder, Ear())
    assert not hub.requests


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("https://host/a/b/Model-Q8_0.gguf?download=true", "Model-Q8_0"),
        ("/home/me/my-model.gguf", "my-model"),
        ("https://host/%2e%2e%2fevil.gguf", "evil"),
    ],
)
def test_names_come_from_the_last_part(source: str, name: str) -> None:
    assert name_from(source) == name


@pytest.mark.parametrize("source", ["https://host/", "https://host/readme.md", "https://host/a b.gguf"])
def test_a_source_without_a_plain_name_asks_for_one(source: str) -> None:
    with pytest.raises(PullFailed, match="--name"):
        name_from(source)


def test_rm_takes_the_model_its_record_and_parts(hub: Hub, folder: Path) -> None:
    fetch(hub, folder)
    (folder / "tiny.gguf.part").write_bytes(b"x")
    gone, problem = remove("tiny", folder)
    assert not problem
    assert {path.name for path in gone} == {"tiny.gguf", "tiny.gguf.json", "tiny.gguf.part"}
    assert not list(folder.iterdir())
    assert remove("tiny", folder)[1]
    assert "comes with Lanyard" in remove("lanyard-fim", folder)[1]
    assert "no name of a model" in remove("../tiny", folder)[1]


def test_a_password_or_token_in_the_url_is_neither_written_down_nor_shown(hub: Hub, folder: Path) -> None:
    url = hub.url.replace("http://", "http://me:swordfish@") + "?token=swordfish#swordfish"
    hub.cut = len(hub.content) // 2
    with pytest.raises(PullFailed) as caught:
        fetch(hub, folder, url=url, sha256=hub.sha256)
    assert "swordfish" not in str(caught.value)
    assert not [path for path in folder.rglob("*") if b"swordfish" in path.read_bytes()]
    hub.cut = None
    pulled = fetch(hub, folder, url=url, sha256=hub.sha256)
    assert pulled.resumed_from
    assert read_record(pulled.path)["source"] == hub.url
    hub.content = b"<html>"
    with pytest.raises(PullFailed) as caught:
        pull(Wanted(url, "other"), folder, Ear())
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://[::1/x.gguf", "http://127.0.0.1:99999/x.gguf", "http://127.0.0.1:x/x.gguf"])
def test_a_url_that_is_none_is_one_line(hub: Hub, folder: Path, url: str) -> None:
    with pytest.raises(PullFailed, match=r"no valid URL|cannot reach"):
        pull(Wanted(url, "tiny"), folder, Ear())
    hub.redirect = url
    with pytest.raises(PullFailed):
        fetch(hub, folder)
