"""`FILE:LINE` on the command line: the file, its workspace folder, the target at the line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_analyzers.targets import Target

_ROOT_MARKS = (".git", ".hg", "pyproject.toml", "package.json", "go.mod", "Cargo.toml", "pom.xml", "CMakeLists.txt")


@dataclass(frozen=True, slots=True)
class Place:
    """A target in a file; `path` is relative to `root`, posix."""

    root: Path
    path: str
    syntax: Syntax
    target: Target

    @property
    def file(self) -> Path:
        """The absolute path of the file."""
        return self.root / self.path


def fail(message: str) -> typer.Exit:
    """Print one line on stderr; the exit to raise (code 2)."""
    typer.echo(message, err=True)
    return typer.Exit(2)


def place_at(where: str, root: Path | None = None) -> Place:
    """Read `FILE`, `FILE:LINE` or `FILE:LINE-LINE` (1-based); without a line the whole file is the target."""
    from lanyard_analyzers.languages import language_of
    from lanyard_analyzers.syntax import parse
    from lanyard_analyzers.targets import Shape, targets_at
    from lanyard_analyzers.text import Span, Text

    name, lines = _split(where)
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
    syntax = parse(text, language)
    if lines is None:
        targets = [t for t in targets_at(syntax, Span(0, 0)) if t.shape is Shape.FILE]
    else:
        first, last = lines
        if not 1 <= first <= last <= text.line_count:
            raise fail(f"{name} has {text.line_count} lines; there is no line {first if first < 1 else last}.")
        start = text.line_span(first - 1)
        indent = len(start) - len(text.slice(start).lstrip())
        span = Span(start.start + indent, start.start + indent)
        if last > first:
            span = Span(start.start, text.line_span(last - 1).end)
        targets = list(targets_at(syntax, span))
    if not targets:
        raise fail(f"{where}: nothing to work on there.")
    return Place(folder, file.relative_to(folder).as_posix(), syntax, targets[0])


def _split(where: str) -> tuple[str, tuple[int, int] | None]:
    name, colon, tail = where.rpartition(":")
    first, dash, last = tail.partition("-")
    if colon and first.isdigit() and (not dash or last.isdigit()):
        return name, (int(first), int(last) if dash else int(first))
    return where, None


def _root_of(file: Path) -> Path:
    for folder in file.parents:
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return folder
    return file.parent
