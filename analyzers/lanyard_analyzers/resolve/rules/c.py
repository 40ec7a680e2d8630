"""Where names of C and C++ may be defined.

Owns how an `#include` becomes a file (beside the file, in `include/` and `src/` above it, by the include paths of
`compile_commands.json`, at last by its tail), and which files implement a header.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors

_HEADERS = (".h", ".hpp", ".hh", ".hxx", ".cuh")
_SOURCES = (".c", ".cpp", ".cc", ".cxx", ".c++", ".cu", ".ipp", ".inl")
_FOLDERS = ("include", "src", "inc", "lib", "headers")
_FLAG = late(r"(?:-I|-isystem|-iquote|/I)[\s\",]*([^\s\",]{1,300})")
_WHERE = late(r"\"directory\"\s*:\s*\"([^\"]{1,300})\"")
_COMMANDS = ("compile_commands.json", "build/compile_commands.json")
_MOST_COMMANDS = 2_000_000
_MOST_FLAGS = 200
_MOST_PARTNERS = 4


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset[str]()
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        source = binding.source
        angled = source.startswith("<")
        source = posixpath.normpath(source.strip("<>").replace("\\", "/"))
        for one in _candidates(index, path, source, angled=angled):
            if one != path and index.exists(one):
                yield one
                return
        tail = posixpath.normpath(source).lstrip("./")
        if angled and "/" not in tail:
            return
        found = [one for one in index.named(posixpath.basename(tail)) if one != path and one.endswith("/" + tail)]
        yield from sorted(found, key=lambda one: (-_shared(one, path), one))[:2]

    def extends(self, index: Index, path: str, name: str) -> Iterable[str]:
        """None: a class of C++ has all members in its own braces, and what defines them elsewhere repeats them."""
        return ()

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        yield from partners(index, path)


RULES = _Rules()


def partners(index: Index, path: str) -> list[str]:
    """The header of an implementation, or the implementations of a header: files of the same stem, nearest first."""
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    others = _SOURCES if suffix in _HEADERS else _HEADERS
    found = [one for other in others for one in index.named(stem + other)]
    near = sorted(found, key=lambda one: (-_shared(one, path), one))
    return near[:_MOST_PARTNERS]


def _shared(one: str, other: str) -> int:
    return len(posixpath.commonprefix((one, other)))


def _candidates(index: Index, path: str, source: str, *, angled: bool) -> Iterator[str]:
    if not angled:
        yield posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
    for base in _include_paths(index):
        yield posixpath.normpath(posixpath.join(base, source))
    for base in ancestors(path):
        yield posixpath.join(base, source)
        yield from (posixpath.join(base, folder, source) for folder in _FOLDERS)


_KNOWN: WeakKeyDictionary[Index, tuple[int, tuple[str, ...]]] = WeakKeyDictionary()


def _include_paths(index: Index) -> tuple[str, ...]:
    """The directories of the workspace that `compile_commands.json` says headers are in."""
    known = _KNOWN.get(index)
    if known is None or known[0] != index.state:
        state = index.state
        said = next((text for one in _COMMANDS if (text := index.content(one)) is not None), "")[:_MOST_COMMANDS]
        root = _common(_WHERE.findall(said))
        found: dict[str, None] = {}
        for flag in dict.fromkeys(_FLAG.findall(said)):
            place = posixpath.normpath(flag)
            if posixpath.isabs(place):
                if not root or not (place + "/").startswith(root + "/"):
                    continue
                place = place[len(root) + 1 :]
            if not place.startswith(".."):
                found[place] = None
            if len(found) >= _MOST_FLAGS:
                break
        known = _KNOWN[index] = (state, tuple(found))
    return known[1]


def _common(directories: list[str]) -> str:
    """What the build directories have in common: the root of the workspace, or a folder of it to build in."""
    if not directories:
        return ""
    root = posixpath.commonpath([one for one in directories if posixpath.isabs(one)] or ["/"])
    return posixpath.dirname(root) if posixpath.basename(root) in {"build", "out", "cmake-build-debug"} else root
