"""The index of one workspace, in memory: records by path, and the tables over them.

Contract. Owns which record belongs to which path, and the tables (names, directories, words). It reads through the
workspace alone, so that an ignored file does not exist here; a file that has not been indexed yet is read and
extracted when it is first asked for, so that a half-built index already serves, and one that has sketches of all files
answers in full. A record counts until `forget`, `feed` or `put` says otherwise, unless its file is read again and has
another content. Used from one thread.
"""

from __future__ import annotations

import posixpath
from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import Literal

import msgspec

from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.index.extract import extract, extract_syntax
from lanyard_analyzers.index.kept import Kept
from lanyard_analyzers.index.pack import Packed, digest_of, names_of, pack, unpack, words_of
from lanyard_analyzers.index.records import FileRecord, Symbol
from lanyard_analyzers.index.sketch import Sketch
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.index.tables import Mentions, Names, in_order
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import SaysWhy, Workspace

Filling = Literal["itself", "feed"]
"""Who brings an index all files: itself, when a table is first asked, or somebody else, by `feed`."""

_RECORDS = 10_000_000
"""Bytes of encoded records that are kept decoded as well (about ten times as much memory)."""
_TEXTS = 4_000_000
"""Characters of files that are kept with their lines."""
_CONTENTS = 6_000_000
_FEW = 24
_LOG = 64
"""Files that changed and are read again before a table answers; more are left to who feeds."""


class Index:
    """What is defined, imported and mentioned in which file of a workspace.

    `extractor` gives the record of a content in a language; another than the default may take it from a store.
    """

    def __init__(
        self,
        workspace: Workspace,
        extractor: Callable[[str, str], FileRecord] = extract,
        *,
        filled_by: Filling = "itself",
    ) -> None:
        self._workspace = workspace
        self._extract = extractor
        self._filled_by: Filling = filled_by
        self._packed: dict[str, Packed | None] = {}
        self._sketched: dict[str, bytes] = {}
        self._buffers: dict[str, _Buffer] = {}
        self._missing: set[str] = set()
        self._decoded: Kept[FileRecord] = Kept(_RECORDS)
        self._contents: Kept[str] = Kept(_CONTENTS)
        self._files: Kept[SourceFile] = Kept(_TEXTS)
        self._names, self._mentions = Names(), Mentions()
        self._changed: dict[str, None] = {}
        self._whole = False  # whether all files were read, by an index that fills itself
        self._listed: tuple[str, ...] | None = None
        self._listing: frozenset[str] = frozenset()
        self._by_directory: dict[str, list[str]] | None = None
        self._by_base: dict[str, list[str]] | None = None
        self._log: deque[tuple[int, str]] = deque(maxlen=_LOG)
        self.kept_by_others: dict[type, object] = {}
        """What others keep of this index for as long as it lives, by their own type: it may refer to the index."""
        self.state = 0
        """Raised whenever something that was told before may be told differently now."""

    def changed_since(self, state: int) -> frozenset[str] | None:
        """The paths of which something may be told differently since a state; None where that may be all of them."""
        log = [path for at, path in self._log if at > state]
        return frozenset(log) if len(log) == self.state - state and "" not in log else None

    # What others bring

    def put(self, path: str, syntax: Syntax) -> None:
        """Let an open buffer stand for the file of its path."""
        before, content = self._buffers.get(path), syntax.text.content
        if before is not None:
            if before.syntax.text.content != content:
                self._buffers[path] = _Buffer(syntax, before.standing)
                self._void(path)
            return
        why = self._workspace.excluded(path) if isinstance(self._workspace, SaysWhy) else None
        buffer = self._buffers[path] = _Buffer(syntax, "apart" if why else "listed")
        if why is None and self._listed is not None and path not in self._listing:
            self._listed = tuple(sorted((*self._listed, path), key=in_order))
            self._listing |= {path}
            self._by_directory = self._by_base = None
            self._raise("")
        packed = self._packed.get(path)
        if packed is not None and packed.language == syntax.language and packed.digest == digest_of(content):
            buffer.known = self.record(path)  # opened as it is on disk: nothing is told differently
        else:
            self._void(path)

    def drop(self, path: str) -> None:
        """A buffer was closed: the file on disk counts again."""
        if self._buffers.pop(path, None) is not None:
            self.update(path)

    def withdraw(self, path: str) -> bool:
        """Close a buffer that says what is known of its file anyway, so that nothing is told differently; False, and
        nothing done, where it says something else."""
        buffer, packed = self._buffers.get(path), self._packed.get(path)
        if buffer is None or packed is None or buffer.standing != "listed" or path in self._changed:
            return False
        syntax = buffer.syntax
        if packed.language != syntax.language or packed.digest != digest_of(syntax.text.content):
            return False
        if syntax.partial or syntax.root.has_error:
            return False  # a tree that grew by edits may be read in another way than one made at once
        del self._buffers[path]
        self._contents.drop(path)
        return True

    def expect(self, sketch: Sketch) -> None:
        """A file was sketched: the tables know it until its record is made, when it is fed or first asked for."""
        path, known = sketch.path, self._packed.get(sketch.path)
        if path in self._buffers or (known is not None and known.digest == sketch.digest):
            return
        self.forget(path)
        self._changed.pop(path, None)
        self._sketched[path] = sketch.digest
        self._tabulate(path, sketch.names, sketch.words)

    def feed(self, file: Extracted) -> None:
        """A file was read elsewhere. Where a buffer is open it still stands for the file."""
        path, packed, known = file.path, file.packed, self._packed.get(file.path)
        self._missing.discard(path)
        if (
            packed is not None
            and known is not None
            and (known.digest, known.language) == (packed.digest, packed.language)
        ):
            return
        if path in self._buffers:
            self._packed[path] = None if packed is None else _without_words(packed)
            return
        if path in self._packed or packed is not None:
            if packed is None or self._sketched.get(path) != packed.digest:
                self._void(path)
        else:
            self._raise(path)  # most files of a workspace are in no language of ours
            self._contents.drop(path)
        self._store(path, packed)

    def forget(self, path: str) -> None:
        """A file has changed: what is known of it is void, and read again when it is needed."""
        self._packed.pop(path, None)
        self._sketched.pop(path, None)
        self._missing.discard(path)
        if path not in self._buffers:
            self._void(path)

    def retell(self, paths: Collection[str]) -> None:
        """The workspace did not give these files, and would now."""
        if paths:
            self._missing.difference_update(paths)
            self._raise("")

    def update(self, path: str) -> None:
        """A file has changed, is new, or is gone; for those who do not keep the list of files themselves (`list`)."""
        self.forget(path)
        if (path in self._listing) != (self.content(path) is not None):
            self._relist()

    def list(self) -> None:
        """The workspace has other files than before, or other rules."""
        self._missing.clear()
        self._relist()

    def _relist(self) -> None:
        self._raise("")
        self._listed = self._by_directory = self._by_base = None
        self._whole = False

    def _raise(self, path: str) -> None:
        """Raise the state for the sake of a path, "" for all of them."""
        self.state += 1
        self._log.append((self.state, path))

    def _void(self, path: str) -> None:
        self._raise(path)
        self._decoded.drop(path)
        self._contents.drop(path)
        self._files.drop(path)
        self._changed[path] = None

    # Files by path

    def record(self, path: str) -> FileRecord | None:
        """The record of a file; None where it may not be read or is in no language of ours."""
        known = self._decoded.get(path)
        if known is not None:
            return known
        buffer = self._buffers.get(path)
        if buffer is not None:
            return self._decoded.put(path, buffer.record(), 0)
        if path not in self._packed:
            return self._read(path)
        packed = self._packed[path]
        if packed is None:
            return None
        try:
            record = unpack(msgspec.structs.replace(packed, words=self._mentions.words(path)))
        except msgspec.MsgspecError:
            return self._read(path)
        return self._decoded.put(path, record, len(packed.record))

    def content(self, path: str) -> str | None:
        """The text of a file of any language, or None if it may not be read."""
        buffer = self._buffers.get(path)
        if buffer is not None:
            return buffer.syntax.text.content
        if path in self._missing and path not in self._listing:
            return None
        content = self._contents.get(path)
        if content is None:
            content = self._workspace.read(path)
            if content is None:
                self._missing.add(path)
                if self._packed.pop(path, None) is not None:
                    self._void(path)
                return None
            self._contents.put(path, content, len(content))
            packed = self._packed.get(path)
            if packed is not None and packed.digest != digest_of(content):
                self._extracted(path, content, packed.language)
        return content

    def text(self, path: str) -> Text | None:
        """The content with its line table."""
        file = self._files.get(path)
        if file is not None:
            return file.text
        buffer = self._buffers.get(path)
        if buffer is not None:
            return buffer.syntax.text
        content = self.content(path)
        return Text.of(content) if content is not None else None

    def file(self, path: str) -> SourceFile | None:
        """A file with its record and its text; None where there is no record."""
        file = self._files.get(path)
        if file is None:
            text = self.text(path)  # before the record: where the content has changed, it brings the new one
            record = self.record(path) if text is not None else None
            if record is None or text is None:
                return None
            file = self._files.put(path, SourceFile(path, record, text), len(text))
        return file

    def exists(self, path: str) -> bool:
        """Whether a file is there and may be read."""
        if self._listed is None and self._filled_by == "feed":
            self._list_paths()
        if path in self._listing or path in self._buffers:
            return True
        return path not in self._missing and (self._packed.get(path) is not None or self.content(path) is not None)

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The symbols of a file; none where there is no record."""
        record = self.record(path)
        return record.symbols if record is not None else ()

    def _read(self, path: str) -> FileRecord | None:
        language = language_of("", path)
        content = self.content(path) if language is not None else None
        if content is None or language is None:
            return None
        return self._extracted(path, content, language)

    def _extracted(self, path: str, content: str, language: str) -> FileRecord:
        record = self._extract(content, language)
        packed = pack(content, record)
        if self._packed.get(path) is not None or self._sketched.get(path, packed.digest) != packed.digest:
            self._raise(path)  # it was told from another content before
        self._files.drop(path)
        self._store(path, packed)
        return self._decoded.put(path, record, len(packed.record))

    def _store(self, path: str, packed: Packed | None) -> None:
        self._packed[path] = None if packed is None else _without_words(packed)
        self._changed.pop(path, None)
        more = self._tabulate(path, packed.names if packed else "", packed.words if packed else b"")
        if self._sketched.pop(path, None) is not None and more:
            self._raise(path)  # a broken text: names that no sketch saw

    # Files by what they have

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the workspace that are known so far, sorted by directory."""
        return self._list_paths() if self._listed is None else self._listed

    def _list_paths(self) -> tuple[str, ...]:
        listed = dict.fromkeys(self._workspace.files())
        listed.update(dict.fromkeys(path for path, one in self._buffers.items() if one.standing == "listed"))
        gone = self._listing.difference(listed)
        self._listed = tuple(sorted(listed, key=in_order))
        self._listing = frozenset(listed)
        for path in sorted(gone):
            self.forget(path)
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
        self._settle()
        for path in self._names.find(name):
            yield from ((path, symbol) for symbol in self.symbols(path) if symbol.name == name)

    def mentioning(self, word: str) -> list[str]:
        """The paths of files in which an identifier occurs, in their order."""
        self._settle()
        return [*self._mentions.find(word)]

    def _settle(self) -> None:
        """Bring the tables up to what has changed."""
        itself = self._filled_by == "itself"
        if itself and not self._whole:
            for path in self.paths:
                if path not in self._packed and path not in self._buffers and self.record(path) is None:
                    self._packed[path] = None
            self._whole = True
        if not self._changed:
            return
        paths, changed = self.paths, list(self._changed)
        few = itself or len(changed) <= _FEW
        for path in changed if paths else ():
            buffer = self._buffers.get(path)
            if buffer is not None and buffer.standing == "listed":
                record = buffer.record()
                self._tabulate(path, names_of(record), words_of(record))
            elif buffer is not None or not few or path not in self._listing or self.record(path) is None:
                self._tabulate(path, "", b"")
        self._changed.clear()

    def _tabulate(self, path: str, names: str, words: bytes) -> bool:
        """Tell the tables what a file has; whether it defines more names than they knew."""
        more = bool(names or path in self._names) and self._names.set(path, names)
        if words:
            self._mentions.set(path, words)
        else:
            self._mentions.remove(path)
        return more


class _Buffer:
    """An open document. `apart` is one whose file is ignored: it can be asked for by its path, and is in no table."""

    __slots__ = ("known", "standing", "syntax")

    def __init__(self, syntax: Syntax, standing: Literal["listed", "apart"]) -> None:
        self.syntax = syntax
        self.standing: Literal["listed", "apart"] = standing
        self.known: FileRecord | None = None

    def record(self) -> FileRecord:
        if self.known is None:
            self.known = extract_syntax(self.syntax)
        return self.known


def _without_words(packed: Packed) -> Packed:
    """Without what the tables hold."""
    return msgspec.structs.replace(packed, words=b"")


def _grouped(paths: tuple[str, ...], key: Callable[[str], str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(key(path), []).append(path)
    return found
