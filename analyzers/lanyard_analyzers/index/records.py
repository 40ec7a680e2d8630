"""What the index knows of one file: its definitions and imports, without its text or its tree.

Contract: extraction writes records, resolution and slices read them, the store keeps them on disk. Values only; a
record depends on nothing but the file's content and language, so that it can be kept under their hash. All lines are
0-based and inclusive; -1 stands for "none". Texts of types and values are as written, on one line, at most
`SHORT` characters.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SHORT = 120
"""Characters of a type or a value that a record keeps."""

Shape = Literal["function", "method", "class", "value", "type", "field", "namespace"]
"""`class`: anything with members (class, interface, struct, enum, trait, object, record). `value`: a constant or
variable. `type`: an alias. `field`: a member of a class that is no method. `namespace`: what only qualifies names."""


class Param(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One parameter of a function: its name and the text of its type, "" where none is written."""

    name: str
    type: str = ""


class Symbol(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One definition.

    `first` to `last` are all that belongs to it, with decorators and the comment before it. `head` to `head_end` are
    the lines of its head (`def f(`…`):`), `body_first` to `body_last` those of its body. `doc_first` to `doc_last` are
    its documentation, wherever the language writes it. `owner` is the qualified name of the class that it is a member
    of (for a method outside its class, as in Go or Rust, too); "" at the top level and in namespaces without members.
    `around` is the index of the symbol that it textually stands in, so that what is local to a function can be told.
    """

    shape: Shape
    name: str
    qualified: str
    first: int
    last: int
    head: int
    head_end: int
    body_first: int = -1
    body_last: int = -1
    doc_first: int = -1
    doc_last: int = -1
    owner: str = ""
    around: int = -1
    type: str = ""
    """What a function gives, what a value or field is declared as, what an alias stands for."""
    value: str = ""
    """What a value or field is initialised with, where that is short."""
    params: tuple[Param, ...] = ()
    bases: tuple[str, ...] = ()
    """The texts of a class's bases, interfaces, embedded structs, implemented traits."""
    marks: tuple[str, ...] = ()
    """Out of: test, fixture, property, static, class, abstract, async, exported, private, local, override, overload,
    open (a member that can be named without its class: an enumerator of C), extension (a function of C# or Kotlin that
    is called as a member of its first parameter's type)."""


class Binding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`local` is bound to `name` of `source`; `name` is "" for the source itself and "*" for all that it has, where
    `local` is "*" too."""

    local: str
    source: str
    name: str


class Import(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One import statement: its lines, what it binds, and whether it passes the names on (`export … from`, `pub use`).

    `around` is the index of the function that it stands in, or -1.
    """

    first: int
    last: int
    bindings: tuple[Binding, ...]
    exported: bool = False
    around: int = -1


class FileRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the index keeps of one file.

    `symbols` are in the order of the text, outer before inner. `package` is the namespace that the file says it is in
    (Go, Java, Kotlin, C#, PHP). `default` is the name of a JavaScript default export. `exports` maps nothing: it is the
    list of names that the file says it gives (`__all__`), empty where it says nothing. `words` are the distinct
    identifiers of the file as one text, each with a line end before and after: `"\\nfoo\\nbar\\n"`.
    """

    language: str
    lines: int
    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    package: str = ""
    default: str = ""
    exports: tuple[str, ...] = ()
    words: str = "\n"

    def mentions(self, word: str) -> bool:
        """Whether an identifier occurs anywhere in the file."""
        return f"\n{word}\n" in self.words


FORMAT = 1
"""Raised whenever records change, so that a store of an older Lanyard is rebuilt."""
