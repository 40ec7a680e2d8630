"""URIs of documents and paths of this machine.

Owns the conversion in both directions and the form under which two spellings of a URI are the same document. Only
`file:` URIs of this machine have a path; `untitled:`, `vscode-remote:`, notebook cells, other hosts' files have none.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

Flavour = Literal["posix", "windows"]
HERE: Flavour = "windows" if os.name == "nt" else "posix"

_FILE = re.compile(r"^file:(?://([^/?#]*))?([^?#]*)", re.IGNORECASE)
_DRIVE = re.compile(r"^/?([A-Za-z]):(?=[/\\]|$)")
_PATH = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:(?://[^/?#]*)?([^?#]*)")
_SAFE = "/~!$&'()*+,;=:@-._"


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI on this machine; None for everything else. The path need not exist."""
    text = path_text(uri)
    return None if text is None else Path(text)


def path_text(uri: str, flavour: Flavour = HERE) -> str | None:
    """The path of a `file:` URI as text in the given flavour, with a lower-case drive letter on Windows.

    Bytes that are no UTF-8 come back as `os.fsdecode` would give them. A URI with a NUL, without an absolute path, or
    (on POSIX) with another host has no path.
    """
    match = _FILE.match(uri)
    if match is None:
        return None
    host, raw = (match.group(1) or "").lower(), unquote_to_bytes(match.group(2))
    if b"\0" in raw:
        return None
    path = raw.decode("utf-8", "surrogateescape")
    if host in {"localhost", "127.0.0.1"}:
        host = ""
    if flavour == "posix":
        return path if path.startswith("/") and not host else None
    path = path.replace("\\", "/")
    if host:
        return f"//{host}{path}".replace("/", "\\")
    drive = _DRIVE.match(path)
    if drive is not None:
        path = f"{drive.group(1).lower()}:{path[drive.end() :] or '/'}"
    elif not path.startswith("/"):
        return None
    return path.replace("/", "\\")


def uri_of(path: Path | str, flavour: Flavour = HERE) -> str:
    """The `file:` URI of an absolute path. Raises ValueError for a relative one."""
    text = str(path)
    if flavour == "windows":
        text = text.replace("\\", "/")
        if text.startswith("//"):
            host, _, rest = text[2:].partition("/")
            return f"file://{quote(host)}/{_quoted(rest)}"
        drive = _DRIVE.match(text)
        if drive is None:
            raise ValueError(f"not an absolute path: {path}")
        return f"file:///{drive.group(1).lower()}%3A{_quoted(text[drive.end() :] or '/')}"
    if not text.startswith("/"):
        raise ValueError(f"not an absolute path: {path}")
    return f"file://{_quoted(text)}"


def named_path(uri: str) -> str:
    """The path that a URI of any scheme names, posix and without its first slash; it need not be on this machine."""
    match = _PATH.match(uri)
    return "" if match is None else unquote_to_bytes(match.group(1)).decode("utf-8", "replace").lstrip("/")


@lru_cache(maxsize=2048)
def canonical(uri: str, flavour: Flavour = HERE) -> str:
    """One spelling for all URIs of one document: editors differ in what they percent-encode and in the drive's case."""
    text = path_text(uri, flavour)
    return uri if text is None else uri_of(text, flavour)


def _quoted(path: str) -> str:
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"), safe=_SAFE)
