"""What differs between languages in finding what a name means: one module a language family, each with `RULES`.

Contract. A rule names files, likeliest first, and never looks into them for definitions: that is the resolver's work.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, runtime_checkable

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.languages import LANGUAGES


class Rules(Protocol):
    """The rules of one language family."""

    @property
    def receivers(self) -> frozenset[str]:
        """Names that mean the object of the class around (`self`, `this`)."""
        ...

    @property
    def constructors(self) -> frozenset[str]:
        """Names of methods that make an instance; a method named like its class always does."""
        ...

    @property
    def bare_members(self) -> bool:
        """Whether a method reaches the members of its class without a receiver (Java, C++, C#, Kotlin, Ruby)."""
        ...

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        """Files that the source of an import in `path` may be, likeliest first; they need not exist."""
        ...

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        """Files whose top-level definitions are visible in `path` without an import, for the sake of one name."""
        ...


@runtime_checkable
class Extends(Protocol):
    """Rules of a language where members of a class are written outside of it in other files than `around` names."""

    def extends(self, index: Index, path: str, name: str) -> Iterable[str]:
        """Files that may hold further members of the class `name` of the file `path`."""
        ...


@runtime_checkable
class Begins(Protocol):
    """Rules of a language whose expressions may begin with a path of modules that nothing imported (`crate::a::f`)."""

    def begins_path(self, index: Index, path: str, name: str) -> bool:
        """Whether such a path may begin with a name in the file `path`."""
        ...


@cache
def rules_of(language: str) -> Rules:
    """The rules of one of our languages. Raises KeyError for another."""
    return import_module(f"{__name__}.{LANGUAGES[language].family}").RULES


def ancestors(path: str) -> Iterator[str]:
    """The directory of a path and those above it, the root ("") last."""
    directory = posixpath.dirname(path)
    while directory:
        yield directory
        directory = posixpath.dirname(directory)
    yield ""
