"""The names that an import statement of Python binds.

Owns reading one statement's text; where the source lies on disk belongs to `resolve/`. Total: a statement that makes
no sense binds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lanyard_analyzers.index.records import Binding

_LONGEST = 4000
_FROM = re.compile(r"from\s+([.\w]+)\s+import\s+(.*)", re.DOTALL)


def bindings_of_import(statement: str) -> Iterator[Binding]:
    """The bindings of one import statement's text."""
    statement = re.sub(r"#[^\n]*|\\\n", "", statement[:_LONGEST])
    match = _FROM.match(statement)
    if match:
        source, names = match.group(1), match.group(2).strip("() \t\r\n")
        for part in names.split(","):
            name, _, alias = (piece.strip() for piece in part.strip().partition(" as "))
            if name:
                yield Binding(alias or name, source, name)
        return
    for part in statement.removeprefix("import").split(","):
        name, _, alias = (piece.strip() for piece in part.strip().partition(" as "))
        if name:
            yield Binding(alias or name, name, "")
