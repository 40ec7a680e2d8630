"""The index of one workspace, in memory: records by path, and the tables over them.

Contract. Owns which record belongs to which path, and the tables (names, directories, words). It reads through the
workspace alone, so that an ignored file does not exist here; a file that has not been indexed yet is read and
extracted when it is first asked for, so that a half-built index already serves. Used from one thread.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from lanyard_analyzers.index.extract import extract, extract_syntax
from lanyard_analyzers.index.records import FileRecord, Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import Workspace


class Index:
    """What is defined, imported and mentioned in which file of a workspace.

    `extractor` gives the record of a content in a language; another than the default may take it from a store.
    """

    def __init__(self, workspace: Workspace, extractor: Callable[[str, str], FileRecord] = extract) -> None:
        self._workspace = workspace
        self._extract = extractor
        self._contents: dict[str, str | None] = {}
        self._records: dict[str, FileRecord | None] = {}
        self._texts: dict[str, Text] = {}
        self._files: dict[str, SourceFile] = {}
        self._listed: tuple[str, ...] | None = None
        self._by_directory: dict[str, list[str]] | None = None
        self._by_base: dict[str, list[str]] | None = None
        self._by_name: dict[str, list[str]] | None = None
        self.state = 0
        """Raised whenever something that was told before may be told differently now."""

    def put(self, path: str, syntax: Syntax) -> None:
        """Let an open buffer stand for the file of its path."""
        if self._contents.get(path) == syntax.text.content and self._records.get(path) is not None:
            return
        self.state += 1
        self._contents[path] = syntax.text.content
        self._texts[path] = syntax.text
        self._records[path] = extract_syntax(syntax)
        self._files.pop(path, None)

    def record(self, path: str) -> FileRecord | None:
        """The record of a file; None where it may not be read or is in no language of ours."""
        if path not in self._records:
            language = language_of("", path)
            content = self.content(path) if language else None
            self._records[path] = self._extract(content, language) if language and content is not None else None
        return self._records[path]

    def content(self, path: str) -> str | None:
        """The text of a file of any language, or None if it may not be read."""
        if path not in self._contents:
            self._contents[path] = self._workspace.read(path)
        return self._contents[path]

    def text(self, path: str) -> Text | None:
        """The content with its line table."""
        if path not in self._texts:
            content = self.content(path)
            if content is None:
                return None
            self._texts[path] = Text.of(content)
        return self._texts[path]

    def file(self, path: str) -> SourceFile | None:
        """A file with its record and its text; None where there is no record."""
        if path not in self._files:
            record, text = self.record(path), self.text(path)
            if record is None or text is None:
                return None
            self._files[path] = SourceFile(path, record, text)
        return self._files[path]

    def exists(self, path: str) -> bool:
        """Whether a file is there and may be read."""
        return self.content(path) is not None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the workspace that are known so far, sorted by directory."""
        if self._listed is None:
            self._listed = tuple(self._workspace.files())
        return self._listed

    def in_directory(self, directory: str) -> list[str]:
        """The paths directly in a directory ("" is the root), sorted."""
        if self._by_directory is None:
            self._by_directory = _grouped(self.paths, posixpath.dirname)
        return self._by_directory.get(directory, [])

    def named(self, base: str) -> list[str]:
        """The paths whose last part is `base`, for what is found by its tail (`Cart.java`, `util.h`)."""
        if self._by_base is None:
            self._by_base = _grouped(self.paths, posixpath.basename)
        return self._by_base.get(base, [])

    def defining(self, name: str) -> Iterator[tuple[str, Symbol]]:
        """(path, symbol) of the definitions with that last name, in the order of paths; fields and locals too."""
        if self._by_name is None:
            self._by_name = {}
            for path in self.paths:
                for one in dict.fromkeys(symbol.name for symbol in self.symbols(path)):
                    self._by_name.setdefault(one, []).append(path)
        for path in self._by_name.get(name, []):
            yield from ((path, symbol) for symbol in self.symbols(path) if symbol.name == name)

    def mentioning(self, word: str) -> list[str]:
        """The paths of files in which an identifier occurs, in their order."""
        found: list[str] = []
        for path in self.paths:
            record = self.record(path)
            if record is not None and record.mentions(word):
                found.append(path)
        return found

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The symbols of a file; none where there is no record."""
        record = self.record(path)
        return record.symbols if record is not None else ()


def _grouped(paths: tuple[str, ...], key: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(key(path), []).append(path)
    return found
