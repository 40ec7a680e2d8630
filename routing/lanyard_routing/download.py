"""Fetch one GGUF file into the model folder: the one place that leaves the yard, and only because the user asked.

Owns resuming, checking and the atomic appearance of the file. Everything else that Lanyard sends goes through
`adapters/http.py` and its network policy; this module is imported by `lanyard models pull` alone.

Checksums, in the order of trust: one that the caller names (`--sha256`, the curated list), else the one that the hub
sends in the header `X-Linked-ETag`, which for large files is their SHA-256 (huggingface_hub, `get_hf_file_metadata`),
else none, which is said. The first one that was seen is recorded beside the file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from filelock import FileLock, Timeout

from lanyard_routing.download_part import (
    BLOCK,
    Part,
    digest_of,
    forget,
    identity,
    note_part,
    read_note,
    resumable,
    without_secrets,
)
from lanyard_routing.engine.gguf import MAGIC, read_gguf
from lanyard_routing.models import SAFE_NAME, record_path

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_SPARE = 64 * 1024 * 1024  # bytes that stay free on the disk
_MOST_REDIRECTS = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class PullFailed(Exception):
    """The file did not come; `str` is one line with the next step."""


class Reporter(Protocol):
    """Hears of the progress of one pull."""

    def contact(self, host: str) -> None:
        """A host is about to be contacted."""
        ...

    def begin(self, done: int, total: int | None) -> None:
        """Bytes begin to flow; `done` of `total` (None: unknown) are here already."""
        ...

    def advance(self, count: int) -> None:
        """So many bytes more."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to pull: an `http(s)` URL or a path, under which name, and what is known of it beforehand.

    `size` is in bytes and only rough; it serves the check of the disk before the host was asked.
    """

    source: str
    name: str
    sha256: str = ""
    size: int = 0
    licence: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A file that is there now. `verified` says in words what its checksum was compared with."""

    path: Path
    size: int
    sha256: str
    verified: str
    resumed_from: int = 0


@dataclass(slots=True)
class _Reply:
    """The host's answer after all redirects."""

    response: httpx.Response
    hub_sha256: str = ""
    hub_size: int = 0
    hosts: list[str] = field(default_factory=list[str])


def name_from(source: str) -> str:
    """The name under which a URL or path is kept. Raises PullFailed where it gives none that is safe."""
    last = Path(source).name
    if _is_url(source):
        try:
            last = unquote(urlsplit(source).path).replace("\\", "/").rpartition("/")[2]
        except ValueError:
            raise PullFailed("that is no valid URL; correct it") from None
    stem = last.removesuffix(".gguf")
    if stem == last or not SAFE_NAME.fullmatch(stem):
        raise PullFailed(
            f"{without_secrets(source)} does not end in a plain file name with .gguf; give one with --name"
        )
    return stem


def pull(
    wanted: Wanted, folder: Path, reporter: Reporter, *, client: Callable[[], httpx.Client] | None = None
) -> Pulled:
    """Fetch or copy the file into `folder` as `<name>.gguf`. Raises PullFailed; on KeyboardInterrupt the part stays."""
    if not SAFE_NAME.fullmatch(wanted.name):
        raise PullFailed(f"{wanted.name} is no name for a file; use letters, digits and . _ -")
    if wanted.sha256 and not _SHA256.fullmatch(wanted.sha256.lower()):
        raise PullFailed("--sha256 wants 64 hexadecimal digits")
    wanted = replace(wanted, sha256=wanted.sha256.lower())
    target = folder / f"{wanted.name}.gguf"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{wanted.name}.lock", timeout=0):
            if target.exists():
                raise PullFailed(f"{target} is here already; `lanyard models rm {wanted.name}` makes room for another")
            if _is_url(wanted.source):
                with (client or _client)() as http:
                    return _download(http, wanted, target, reporter)
            return _copy(wanted, target, reporter)
    except Timeout:
        raise PullFailed(f"another pull of {wanted.name} is running") from None
    except (httpx.InvalidURL, ValueError):
        raise PullFailed(f"{without_secrets(wanted.source)} or where it leads to is no valid URL; correct it") from None
    except httpx.HTTPError as error:
        raise PullFailed(_words_for(error, wanted, target)) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise PullFailed(f"the disk of {folder} is full; what came so far is kept, pull again to go on") from None
        raise PullFailed(f"cannot write {target}: {error.strerror or error}") from None


def _client() -> httpx.Client:
    return httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers={"Accept-Encoding": "identity"})


def _is_url(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _download(http: httpx.Client, wanted: Wanted, target: Path, reporter: Reporter) -> Pulled:
    part = target.with_name(target.name + ".part")
    have, tag = resumable(part, identity(wanted.source), sha256=wanted.sha256)
    with _open(http, wanted, have, tag, reporter) as reply:
        response = reply.response
        if response.status_code == 416:
            # The part is longer than the file: it belongs to something else.
            forget(part)
            raise PullFailed(
                f"what was left of an older pull does not fit; run `lanyard models pull` for {wanted.name} again"
            )
        if response.status_code not in (200, 206):
            raise PullFailed(_refusal(response, wanted))
        expected, trusted = _expectation(wanted, reply)
        start, total = _start_of(response, have)
        total = total or reply.hub_size
        if start not in (0, have):
            raise PullFailed(f"{_host(wanted.source)} sent another part of the file than asked for; try again later")
        _check_disk(target.parent, (total or wanted.size) - start)
        digest = digest_of(part if start else None)
        note_part(part, Part(identity(wanted.source), _strong_tag(response) or expected, total))
        reporter.begin(start, total or None)
        size = start
        with part.open("ab" if start else "wb") as file:
            for block in response.iter_bytes():  # whole chunks would be lost with a broken connection
                if size == 0 and block[:4] != MAGIC[: len(block)]:
                    raise PullFailed(
                        f"{_host(wanted.source)} sent no GGUF file; "
                        f"open {without_secrets(wanted.source)} in a browser to see what it is"
                    )
                file.write(block)
                digest.update(block)
                size += len(block)
                reporter.advance(len(block))
    if total and size < total:
        raise PullFailed(_cut(size, total, wanted))
    return _finish(part, wanted, _Checked(digest.hexdigest(), expected, trusted), start)


def _copy(wanted: Wanted, target: Path, reporter: Reporter) -> Pulled:
    source = Path(wanted.source).expanduser()
    if not source.is_file():
        raise PullFailed(
            f"{wanted.source} is neither a known model, a URL nor a file; `lanyard models list` shows the known ones"
        )
    header, problem = read_gguf(source)
    if header is None:
        raise PullFailed(problem)
    total = source.stat().st_size
    _check_disk(target.parent, total)
    part = target.with_name(target.name + ".part")
    forget(part)
    digest = hashlib.sha256()
    reporter.begin(0, total)
    try:
        with source.open("rb") as origin, part.open("wb") as file:
            while block := origin.read(BLOCK):
                file.write(block)
                digest.update(block)
                reporter.advance(len(block))
    except BaseException:
        forget(part)  # a copy begins anew faster than it resumes
        raise
    return _finish(part, wanted, _Checked(digest.hexdigest(), wanted.sha256, "the checksum that was named"), 0)


@dataclass(frozen=True, slots=True)
class _Checked:
    """The checksum that came out, the one that had to (empty: unknown), and who says so."""

    actual: str
    expected: str
    trusted: str


def _finish(part: Path, wanted: Wanted, checked: _Checked, start: int) -> Pulled:
    target = part.with_suffix("")
    actual, expected, trusted = checked.actual, checked.expected, checked.trusted
    if expected and actual != expected:
        forget(part)
        raise PullFailed(
            f"the file is not what {trusted} says (sha256 {actual[:12]}…, expected {expected[:12]}…); it was deleted"
        )
    header, problem = read_gguf(part)
    if header is None:
        forget(part)
        raise PullFailed(f"{problem.replace(part.name, target.name)}; it was deleted")
    verified = (
        f"sha256 agrees with {trusted}" if expected else "not verified: neither you nor the host named a checksum"
    )
    record = {
        "source": without_secrets(wanted.source),
        "sha256": actual,
        "verified": verified,
        "licence": wanted.licence,
        "purpose": wanted.purpose,
    }
    size = part.stat().st_size
    part.replace(target)
    record_path(target).write_text(json.dumps(record, indent=1), "utf-8")
    forget(part)
    return Pulled(target, size, actual, verified, start)


@contextmanager
def _open(http: httpx.Client, wanted: Wanted, have: int, tag: str, reporter: Reporter) -> Generator[_Reply]:
    """Ask for the file, from byte `have` on, and follow redirects to https only."""
    url = wanted.source
    reply = _Reply(response=httpx.Response(0))
    for _ in range(_MOST_REDIRECTS + 1):
        host = _host(url)
        if host not in reply.hosts:
            reply.hosts.append(host)
            reporter.contact(host)
        headers = {"Range": f"bytes={have}-"} if have else {}
        if have and tag.startswith('"'):
            headers["If-Range"] = tag
        with http.stream("GET", url, headers=headers) as response:
            linked = response.headers.get("x-linked-etag", "").strip('"')
            if _SHA256.fullmatch(linked):
                reply.hub_sha256 = reply.hub_sha256 or linked
            with contextlib.suppress(ValueError):
                reply.hub_size = reply.hub_size or int(response.headers.get("x-linked-size", "0"))
            if not response.is_redirect:
                reply.response = response
                yield reply
                return
            url = _next_url(url, response)
    raise PullFailed(f"{_host(wanted.source)} redirects in a circle; check the URL")


def _next_url(url: str, response: httpx.Response) -> str:
    """Where a redirect leads. It may not lead from https to http, nor to a host that the user did not name in clear."""
    there = urljoin(url, response.headers.get("location", ""))
    parts = urlsplit(there)
    same_clear_host = (
        parts.scheme == "http" and urlsplit(url).scheme == "http" and parts.hostname == urlsplit(url).hostname
    )
    if parts.scheme != "https" and not same_clear_host:
        raise PullFailed(
            f"{_host(url)} redirects to {parts.scheme or 'nowhere'}://{parts.hostname}; only https is followed"
        )
    return there


def _expectation(wanted: Wanted, reply: _Reply) -> tuple[str, str]:
    """The checksum that must come out, and who says so."""
    tag = reply.response.headers.get("etag", "").strip('"')
    told = reply.hub_sha256 or (tag if _SHA256.fullmatch(tag) else "")
    host = _host(wanted.source)
    if wanted.sha256 and told and wanted.sha256 != told:
        raise PullFailed(
            f"the file at {host} has changed: its sha256 is {told}, not {wanted.sha256[:12]}… as named; "
            "if you trust the new one, pull the URL with --sha256"
        )
    if wanted.sha256:
        return wanted.sha256, "the checksum that was named"
    return told, f"the checksum that {host} sent"


def _start_of(response: httpx.Response, have: int) -> tuple[int, int]:
    """First byte and total size of what the host sends (0: unknown)."""
    if response.status_code == 206:
        found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if found:
            return int(found[1]), 0 if found[2] == "*" else int(found[2])
        return have, 0
    with contextlib.suppress(ValueError):
        return 0, int(response.headers.get("content-length", "0"))
    return 0, 0


def _strong_tag(response: httpx.Response) -> str:
    tag = response.headers.get("etag", "")
    return tag if tag.startswith('"') else ""


def _check_disk(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if wanted + _SPARE > free:
        raise PullFailed(
            f"{folder} has {free / 1e9:.1f} GB free, the file needs {wanted / 1e9:.1f} GB; "
            "free some or point LANYARD_HOME to another disk"
        )


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _refusal(response: httpx.Response, wanted: Wanted) -> str:
    host, status = _host(wanted.source), response.status_code
    if status == 404:
        return f"{host} has no such file (404); check the URL, or `lanyard models list`"
    if status in (401, 403):
        return (
            f"{host} does not give this file to strangers ({status}); download it in a browser and pull the file's path"
        )
    if status == 429 or status >= 500:
        return f"{host} cannot answer now ({status}); try again later"
    return f"{host} answered {status} instead of the file; check the URL"


def _words_for(error: httpx.HTTPError, wanted: Wanted, target: Path) -> str:
    host = _host(wanted.source)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return (
            f"cannot reach {host}: is this machine offline? "
            f"A GGUF file can be pulled from a path too, or put into {target.parent}"
        )
    size = 0
    with contextlib.suppress(OSError):
        size = target.with_name(target.name + ".part").stat().st_size
    if isinstance(error, httpx.TimeoutException):
        return f"{host} went silent after {size / 1e6:.0f} MB; what came is kept, pull again to go on"
    note = read_note(target.with_name(target.name + ".part"))
    return _cut(size, note.total if note else 0, wanted)


def _cut(size: int, total: int, wanted: Wanted) -> str:
    of = f" of {total / 1e6:.0f}" if total else ""
    where = f"{size / 1e6:.0f}{of} MB"
    return f"the connection to {_host(wanted.source)} broke at {where}; what came is kept, pull again to go on"
