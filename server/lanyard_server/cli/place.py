"""`FILE:LINE` on the command line: the file, its workspace folder, the target at the line, a cursor's column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lanyard_server.terminal import say_aside

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_analyzers.targets import Target

_WHERE = re.compile(r"(.+?):(\d{1,9})(?::(\d{1,9})|-(\d{1,9}))?", re.DOTALL)
_ROOT_MARKS = (".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml", "pom.xml", "CMakeLists.txt")


@dataclass(frozen=True, slots=True)
class Place:
    """A target in a file; `path` is relative to `root`, posix. `cursor` is the offset of a place with a column."""

    root: Path
    path: str
    syntax: Syntax
    target: Target
    cursor: int | None = None

    @property
    def file(self) -> Path:
        """The absolute path of the file."""
        return self.root / self.path


def fail(message: str) -> typer.Exit:
    """Print one line on stderr; the exit to raise (code 2)."""
    say_aside(message)
    return typer.Exit(2)


def place_at(where: str, root: Path | None = None) -> Place:
    """Read `FILE`, `FILE:LINE`, `FILE:LINE:COLUMN` or `FILE:LINE-LINE` (from 1, columns in characters).

    Without a line the whole file is the target.
    """
    from lanyard_analyzers.languages import language_of
    from lanyard_analyzers.syntax import parse
    from lanyard_analyzers.targets import Shape, targets_at
    from lanyard_analyzers.text import Span, Text

    name, lines, column = _split(where)
    file = Path(name).resolve()
    language = language_of("", file.name)
    if language is None:
        raise fail(f"{name}: Lanyard has no grammar for files of this kind.")
    try:
        text = Text.of(file.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        raise fail(f"{name}: no such file.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{name}: cannot be read as UTF-8 text ({error}).") from None
    folder = (root or _root_of(file)).resolve()
    if not file.is_relative_to(folder):
        raise fail(f"{name} is not inside {folder}; give its workspace folder with --root.")
    language = language_of("", file.name, content=text.content) or language
    syntax, cursor = parse(text, language), None
    if lines is None:
        targets = [t for t in targets_at(syntax, Span(0, 0)) if t.shape is Shape.FILE]
    else:
        first, last = lines
        if not 1 <= first <= last <= text.line_count:
            raise fail(f"{name} has {text.line_count} lines; there is no line {first if first < 1 else last}.")
        start = text.line_span(first - 1)
        indent = len(start) - len(text.slice(start).lstrip())
        span = Span(start.start + indent, start.start + indent)
        if column is not None:
            if not 1 <= column <= len(start) + 1:
                raise fail(f"{name}:{first} has {len(start)} characters; there is no column {column}.")
            cursor = start.start + column - 1
            span = Span(cursor, cursor)
        elif last > first:
            span = Span(start.start, text.line_span(last - 1).end)
        targets = list(targets_at(syntax, span))
    if not targets:
        raise fail(f"{where}: nothing to work on there.")
    return Place(folder, file.relative_to(folder).as_posix(), syntax, targets[0], cursor)


def _split(where: str) -> tuple[str, tuple[int, int] | None, int | None]:
    found = _WHERE.fullmatch(where)
    if found is None:
        return where, None, None
    name, first, column, last = found.groups()
    return name, (int(first), int(last or first)), int(column) if column else None


def _root_of(file: Path) -> Path:
    for folder in file.parents:
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return folder
    return file.parent
