"""The record of a file in a language that has no extractor of its own yet: names and lines, no types.

Built on the language's query files alone.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.records import Binding, FileRecord, Import, Symbol
from lanyard_analyzers.slices.outline import outline_of
from lanyard_analyzers.syntax import Syntax

_WORD = re.compile(r"[^\W\d]\w*")


def words_of(content: str) -> str:
    """The distinct identifiers of a text, as `FileRecord.words` keeps them."""
    return "\n" + "\n".join(sorted(set(_WORD.findall(content)))) + "\n"


def extract_generic(syntax: Syntax) -> FileRecord:
    """The record as far as the query files tell."""
    outline = outline_of(syntax, "")
    symbols: list[Symbol] = []
    for one in outline.symbols:
        body = one.body or (-1, -1)
        shape = one.shape if one.shape in {"function", "method", "class"} else "value"
        head_end = max(one.head, body[0] - 1 if body[0] > one.head else one.head)
        symbols.append(
            Symbol(
                shape,  # pyright: ignore[reportArgumentType]
                one.name,
                one.qualified,
                one.first,
                one.last,
                one.head,
                head_end,
                *body,
                owner=one.owner,
            )
        )
    for owner, members in outline.members.items():
        symbols += [
            Symbol("field", name, f"{owner}.{name}", first, last, first, last, owner=owner)
            for name, first, last in members
        ]
    symbols.sort(key=lambda one: (one.first, -one.last))
    imports = tuple(
        Import(one.first, one.last, tuple(Binding(b.local, b.source, b.name) for b in one.bindings))
        for one in outline.imports
    )
    return FileRecord(
        syntax.language, syntax.text.line_count, tuple(symbols), imports, words=words_of(syntax.text.content)
    )
