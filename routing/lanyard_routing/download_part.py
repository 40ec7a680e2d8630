"""The unfinished file of a broken pull, and the note beside it that says what it belongs to.

Owns `<name>.gguf.part` and `<name>.gguf.part.json`; fetches nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

BLOCK = 1024 * 1024


def without_secrets(source: str) -> str:
    """A URL as it may be written down and shown: without password, query and fragment, where tokens stand."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return "the URL"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if "://" in source else source


def identity(source: str) -> str:
    """What tells one URL from another without giving its secrets away."""
    return f"{without_secrets(source)} {hashlib.sha256(source.encode()).hexdigest()[:16]}"


class Digest(Protocol):
    """What is used of `hashlib`'s objects."""

    def update(self, data: bytes, /) -> None:
        """Read more."""
        ...

    def hexdigest(self) -> str:
        """The checksum of all that was read."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs to a `.part` file: a different source or tag makes it worthless. `source` is its `identity`."""

    source: str
    tag: str = ""
    total: int = 0


def resumable(part: Path, source: str, *, sha256: str) -> tuple[int, str]:
    """How many bytes of an older pull may be kept, and the tag under which they came.

    Without a strong tag the host cannot say whether the file is still the same; a checksum then has to.
    """
    note = read_note(part)
    try:
        size = part.stat().st_size
    except OSError:
        return 0, ""
    if note is None or note.source != source or size == 0 or (note.total and size >= note.total):
        return 0, ""
    if not note.tag and not sha256:
        return 0, ""
    return size, note.tag


def digest_of(part: Path | None) -> Digest:
    """A SHA-256 that has read `part`, or nothing."""
    digest = hashlib.sha256()
    if part is not None:
        with part.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    return digest


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def note_part(part: Path, value: Part) -> None:
    """Say what the part belongs to."""
    _note(part).write_text(json.dumps(asdict(value)), "utf-8")


def read_note(part: Path) -> Part | None:
    """What the part belongs to; None where that is not known."""
    try:
        data = json.loads(_note(part).read_text("utf-8"))
        return Part(str(data["source"]), str(data["tag"]), int(data["total"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(part: Path) -> None:
    """Delete the part and its note."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)
