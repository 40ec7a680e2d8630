"""One file of the index, with its text: what slices show lines of.

Contract. Values and what can be computed from them, each computed when first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lanyard_analyzers.index.records import FileRecord, Symbol
from lanyard_analyzers.text import Text

if TYPE_CHECKING:
    from lanyard_analyzers.redact import Secret


@dataclass(frozen=True, eq=False)
class SourceFile:
    """A record with the text that it was made from; `path` is posix, relative to the workspace's root."""

    path: str
    record: FileRecord
    text: Text

    @property
    def language(self) -> str:
        """Our id of its language."""
        return self.record.language

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """Its definitions in the order of the text."""
        return self.record.symbols

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Symbol, ...]]:
        """Symbols by their last name, in the order of the file."""
        found: dict[str, list[Symbol]] = {}
        for symbol in self.record.symbols:
            found.setdefault(symbol.name, []).append(symbol)
        return {name: tuple(symbols) for name, symbols in found.items()}

    @cached_property
    def by_qualified(self) -> Mapping[str, Symbol]:
        """Symbols by their qualified name, the first of each."""
        found: dict[str, Symbol] = {}
        for symbol in self.record.symbols:
            found.setdefault(symbol.qualified, symbol)
        return found

    @cached_property
    def by_owner(self) -> Mapping[str, tuple[Symbol, ...]]:
        """The members of each class by its qualified name: methods and fields, in the order of the file."""
        found: dict[str, list[Symbol]] = {}
        for symbol in self.record.symbols:
            if symbol.owner:
                found.setdefault(symbol.owner, []).append(symbol)
        return {name: tuple(symbols) for name, symbols in found.items()}

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text of each line, without its end."""
        content = self.text.content
        if "\r" in content:
            content = content.replace("\r\n", "\n").replace("\r", "\n")
        return tuple(content.split("\n"))

    @cached_property
    def tokens(self) -> int:
        """The estimated tokens of the whole file."""
        from lanyard_analyzers.tokens import estimate  # noqa: PLC0415 - extraction needs none of it

        return estimate(self.text.content)

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets of the whole file: a part of it may not show what makes them recognisable."""
        from lanyard_analyzers.redact import find_secrets  # noqa: PLC0415 - as above

        return find_secrets(self.text.content)
