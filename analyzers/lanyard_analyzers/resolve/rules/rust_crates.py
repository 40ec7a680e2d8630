"""The crates of a workspace by what their `Cargo.toml` say: names, where their sources lie, renamed dependencies.

Owns reading those files line by line, bounded and total, and remembering what they say while the index stays the same.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve.rules import ancestors

_MOST = 1000
_PROGRAMS = frozenset({"bin", "test", "example", "bench"})
_LONGEST = 200_000
_SECTION = late(r"\s*\[+\s*([\w.\"'-]+)\s*\]+")
_ENTRY = late(r"\s*([\w-]+)\s*(?:\.\s*(\w+)\s*)?=\s*(.*)")
_TEXT = late(r"[\"']([^\"']{1,200})[\"']")
_PATH = late(r"\bpath\s*=\s*[\"']([^\"']{1,200})[\"']")


@dataclass(slots=True)
class Crate:
    """One package: its directory, its crate's name, the directory and the file of its sources."""

    directory: str
    name: str = ""
    root: str = ""
    file: str = ""
    bins: list[str] = field(default_factory=list[str])
    """The files of its programs that lie elsewhere."""
    paths: dict[str, str] = field(default_factory=dict[str, str])
    """Dependencies on other packages of the workspace: the name they go by → their directory."""


class Crates:
    """The packages of a workspace."""

    def __init__(self, index: Index) -> None:
        self.state = index.state
        self._by_directory: dict[str, Crate] = {}
        self._by_name: dict[str, Crate] = {}
        for path in index.named("Cargo.toml")[:_MOST]:
            crate = _read(posixpath.dirname(path), (index.content(path) or "")[:_LONGEST])
            self._by_directory[crate.directory] = crate
            if crate.name:
                self._by_name.setdefault(crate.name, crate)

    def around(self, path: str) -> Crate | None:
        """The package that a file is in."""
        for directory in ancestors(path):
            crate = self._by_directory.get(directory)
            if crate is not None and crate.name:
                return crate
        return None

    def named(self, name: str, path: str) -> Crate | None:
        """The crate that goes by a name in a file."""
        own = self.around(path)
        if own is not None and name in own.paths:
            return self._by_directory.get(own.paths[name])
        return self._by_name.get(name)


_KNOWN: WeakKeyDictionary[Index, Crates] = WeakKeyDictionary()


def crates_of(index: Index) -> Crates:
    """The crates of an index as it is now."""
    known = _KNOWN.get(index)
    if known is None or known.state != index.state:
        index.named("Cargo.toml")
        known = _KNOWN[index] = Crates(index)
    return known


def _read(directory: str, content: str) -> Crate:
    crate = Crate(directory, root=posixpath.join(directory, "src"))
    section = ""
    for line in content.splitlines():
        heading = _SECTION.match(line)
        if heading:
            section = heading.group(1).replace('"', "")
            continue
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        key, attribute, value = entry.groups()
        text = _TEXT.match(value)
        if section == "package" and key == "name" and text:
            crate.name = crate.name or text.group(1).replace("-", "_")
        elif section == "lib" and text and key in {"name", "path"}:
            if key == "name":
                crate.name = text.group(1).replace("-", "_")
            else:
                crate.file = posixpath.normpath(posixpath.join(directory, text.group(1)))
                crate.root = posixpath.dirname(crate.file)
        elif section in _PROGRAMS and key == "path" and text:
            crate.bins.append(posixpath.normpath(posixpath.join(directory, text.group(1))))
        elif "dependencies" in section:
            _dependency(crate, section, key, attribute or "", value)
    return crate


def _dependency(crate: Crate, section: str, key: str, attribute: str, value: str) -> None:
    """`name = { path = "../a" }`, `name.path = "../a"`, or `path = "../a"` under `[dependencies.name]`."""
    _, dot, named = section.partition("dependencies.")
    path = _PATH.search(value)
    text = _TEXT.match(value)
    if path:
        name, local = key, path.group(1)
    elif text and attribute == "path":
        name, local = key, text.group(1)
    elif text and dot and key == "path":
        name, local = named, text.group(1)
    else:
        return
    target = posixpath.normpath(posixpath.join(crate.directory, local))
    crate.paths[name.replace("-", "_")] = "" if target == "." else target
