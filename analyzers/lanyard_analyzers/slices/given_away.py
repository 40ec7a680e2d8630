"""Where rows show parts of secrets that only the source behind them gives away.

Owns finding those parts: a key of several lines of which some are shown, a literal that was cut, an argument without
the name it is given to. What is written on one line is recognised in the row itself, by `redact`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.redact import Secret, find_secrets
from lanyard_analyzers.slices.render import Rows
from lanyard_analyzers.slices.rows import layout_of
from lanyard_analyzers.text import Span

_LINES = 200
_SHORTEST = 4
_TELLING = 8
"""Characters of a secret that tell that it is shown."""
_DOCUMENTATION = 12
_KEYS = ("-----", "PRIVATE", "private_key", "machine ")
"""What a file says that may hold secrets of several lines."""

Parts = tuple[str, ...]


def known_secrets(index: Index, rows: Rows) -> list[Span]:
    """Spans of the text of the rows, one line end after each, that are parts of secrets.

    Of a file that may hold a key of several lines all is looked at; of other files only the lines of those rows that
    are not shown as they are written.
    """
    files: dict[str, SourceFile | None] = {}
    places: list[tuple[int, str, SourceFile, int, bool]] = []
    asked: list[tuple[SourceFile, int]] = []
    at = 0
    for text, origin in rows:
        if origin is not None:
            if origin.path not in files:
                files[origin.path] = index.file(origin.path)
            file = files[origin.path]
            if file is not None:
                changed = text.strip() not in file.lines[origin.line]
                if changed:
                    asked.append((file, origin.line))
                places.append((at, text, file, origin.line, changed))
        at += len(text) + 1
    _look_behind(asked)
    whole = {file.path: _of_file(file) for file in files.values() if file is not None}
    spans: list[Span] = []
    for start, text, file, line, changed in places:
        parts = whole[file.path]
        if changed:
            parts += _BEHIND[file].get(line, ())
        spans += [Span(start + span.start, start + span.end) for part in parts if (span := _shown(text, part))]
    return spans


def _of_file(file: SourceFile) -> Parts:
    known = _WHOLE.get(file)
    if known is None:
        content = file.text.content
        held = any(mark in content for mark in _KEYS)
        known = _WHOLE[file] = tuple(_parts(content, file.secrets)) if held else ()
    return known


_WHOLE: WeakKeyDictionary[SourceFile, Parts] = WeakKeyDictionary()
_BEHIND: WeakKeyDictionary[SourceFile, dict[int, Parts]] = WeakKeyDictionary()
"""The parts of secrets in the lines that a row stands for, by the line of its origin."""


def _look_behind(asked: Iterable[tuple[SourceFile, int]]) -> None:
    """Find the secrets behind rows, all at once: most of what a look costs does not depend on the text's length."""
    new: list[tuple[dict[int, Parts], int]] = []
    starts: list[int] = []
    sources: list[str] = []
    size = 0
    for file, line in asked:
        known = _BEHIND.setdefault(file, {})
        if line not in known:
            known[line] = ()
            source = _source(file, line)
            new.append((known, line))
            starts.append(size)
            sources.append(source)
            size += len(source) + 2
    text = "\n\n".join(sources)
    for secret in find_secrets(text) if text else ():
        known, line = new[bisect_right(starts, secret.span.start) - 1]
        known[line] = (*known[line], *_parts(text, (secret,)))


def _source(file: SourceFile, line: int) -> str:
    index = layout_of(file).head_at.get(line)
    end = file.symbols[index].head_end if index is not None else line
    return "\n".join(file.lines[line : max(end, line + _DOCUMENTATION) + 1])


def _parts(text: str, secrets: Iterable[Secret]) -> Iterator[str]:
    """The lines of secrets; what is shorter than a few characters gives nothing away."""
    for secret in secrets:
        for part in text[secret.span.start : secret.span.end].splitlines()[:_LINES]:
            if len(part.strip()) >= _SHORTEST:
                yield part.strip()


def _shown(text: str, part: str) -> Span | None:
    """Where a row shows a part of a secret, or as much of its beginning as was not elided."""
    begin = text.find(part[:_TELLING])
    if begin < 0:
        return None
    size = 0
    while size < len(part) and begin + size < len(text) and text[begin + size] == part[size]:
        size += 1
    return Span(begin, begin + size)
