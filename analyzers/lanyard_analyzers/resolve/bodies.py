"""What the body of one function says of its locals and of what it gives, read when it is first asked for.

Owns that reading for languages whose records leave bodies out: bounded, line by line, without a tree, because it is
needed for few functions and the index reads all. What a record says comes first; this only adds to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import SHORT

_MOST_LINES = 400
_MOST_VALUES = 6
_LINE = 300


@dataclass(frozen=True, slots=True)
class Body:
    """The (type, value) texts of each local, the texts of what is returned, the types that the documentation says."""

    locals: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict[str, Sequence[tuple[str, str]]])
    returned: tuple[str, ...] = ()
    documented: Mapping[str, str] = field(default_factory=dict[str, str])


NOTHING = Body()
_Reader = Callable[[Sequence[str], Sequence[str]], Body]
RETURNS = "return"
"""The name under which `documented` has the type of what is returned."""


def body_of(language: str, lines: Sequence[str], documentation: Sequence[str]) -> Body:
    """The body of a function by its lines and those of its documentation."""
    read = _READERS.get(language)
    return read(lines[:_MOST_LINES], documentation[:_MOST_LINES]) if read is not None else NOTHING


def has_bodies(language: str) -> bool:
    """Whether anything is read of the bodies of a language."""
    return language in _READERS


_ASSIGNED = late(r"([^\W\d]\w*)\s*(?::\s*([^=]{1,120}?)\s*)?=(?!=)\s*(\S.*)")
_DECLARED = late(r"([^\W\d]\w*)\s*:\s*([\w\"'][\w\[\]\"'., |]*)$")
_SEVERAL = late(r"([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*){1,5})\s*,?\s*=(?!=)\s*(\S.*)")
_FOR = late(r"\bfor\s+([\w, ()]{1,80}?)\s+in\s+(.{1,200})")
_FOR_END = late(r":\s*$|\s+if\s|[\])}]\s*[\])},]*\s*$|:\s")
_WITH = late(r"(?:^(?:async\s+)?with\s+\(?|,\s*)([^,()]{1,80}(?:\([^()]{0,120}\))?[^,()]{0,60}?)\s+as\s+([^\W\d]\w*)")
_EXCEPT = late(r"except\*?\s+\(?([\w., ]{1,120}?)\)?\s+as\s+([^\W\d]\w*)")
_WALRUS = late(r"\(([^\W\d]\w*)\s*:=\s*([^)]{1,120})")
_INSTANCE = late(r"isinstance\(\s*([^\W\d]\w*)\s*,\s*\(?([\w., |]{1,120})")
_KEYWORDS = frozenset({"return", "yield", "del", "raise", "assert", "global", "nonlocal", "else", "try", "lambda"})
_PARTS_OF = late(r"(?:\.(?:items|values|keys|copy)\(\))+$")
_ENUMERATED = late(r"(?:enumerate|sorted|reversed|list|set|iter|tuple)\(")
_WORD = late(r"[^\W\d]\w*")
_SPHINX_TYPE = late(r"[:@]type\s+\*{0,2}(\w+)\s*:\s*(.{1,160})")
_SPHINX_PARAM = late(r"[:@]param\s+([\w.]+)\s+\*{0,2}(\w+)\s*:")
_SPHINX_RETURN = late(r"[:@]rtype\s*:\s*(.{1,160})")
_NUMPY = late(r"(\w+)\s:\s(.{1,160})")
_GOOGLE = late(r"\*{0,2}(\w+)\s+\(([\w., \[\]|]{1,120})\)\s*:")
_ROLE = late(r":\w+:`[~!.]*([\w.]+)`|`+([\w.]+)`+")


def _python(lines: Sequence[str], documentation: Sequence[str]) -> Body:
    found: dict[str, list[tuple[str, str]]] = {}
    returned: list[str] = []
    for raw in lines:
        text = raw.strip()[:_LINE]
        if not text or text[0] in "#\"'@)]}":
            continue
        for name, kind, value in _bound(text):
            known = found.setdefault(name, [])
            if len(known) < _MOST_VALUES and (kind, value) not in known:
                known.append((kind, value))
        word = text[:7]
        if word == "return " and len(returned) < _MOST_VALUES:
            returned.append(text[7 : 7 + SHORT])
        elif word.startswith("yield ") and len(returned) < _MOST_VALUES:
            returned.append(text[6 : 6 + SHORT])
    return Body(found, tuple(dict.fromkeys(returned)), dict(_documented(documentation)))


def _bound(text: str) -> Iterator[tuple[str, str, str]]:
    """(name, type, value) for what a line binds."""
    if "=" in text:
        match = _ASSIGNED.match(text)
        if match is not None:
            if match.group(1) not in _KEYWORDS:
                yield match.group(1), match.group(2) or "", match.group(3)[:SHORT]
        elif "," in text and (several := _SEVERAL.match(text)) is not None:
            names, values = several.group(1).split(","), several.group(2).split(",")
            if len(names) == len(values) and "(" not in several.group(2):
                yield from ((name.strip(), "", value.strip()) for name, value in zip(names, values, strict=True))
    elif ":" in text:
        match = _DECLARED.match(text)
        if match is not None and match.group(1) not in _KEYWORDS:
            yield match.group(1), match.group(2), ""
    if "for " in text:
        for match in _FOR.finditer(text):
            ends = _FOR_END.search(match.group(2))
            value = match.group(2)[: ends.start()] if ends is not None else match.group(2)
            value = _PARTS_OF.sub("", _ENUMERATED.sub("", value).rstrip(") ") if "(" in value else value)
            yield from ((name, "", value[:SHORT]) for name in _WORD.findall(match.group(1)))
    if " as " in text:
        if text.startswith("except"):
            match = _EXCEPT.match(text)
            if match is not None:
                yield match.group(2), match.group(1), ""
        else:
            yield from ((match.group(2), "", match.group(1)) for match in _WITH.finditer(text))
    if ":=" in text:
        yield from ((match.group(1), "", match.group(2)) for match in _WALRUS.finditer(text))
    if "isinstance(" in text:
        yield from ((match.group(1), match.group(2), "") for match in _INSTANCE.finditer(text))


def _documented(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The types of parameters that a documentation tells, in the ways of Sphinx, Epydoc, NumPy and Google."""
    for number, raw in enumerate(lines):
        text = raw.strip()[:_LINE]
        if text[:1] in {":", "@"}:
            if (match := _SPHINX_TYPE.match(text)) is not None:
                yield match.group(1), _plain(match.group(2))
            elif (match := _SPHINX_PARAM.match(text)) is not None:
                yield match.group(2), match.group(1)
            elif (match := _SPHINX_RETURN.match(text)) is not None:
                yield RETURNS, _plain(match.group(1))
        elif " : " in text and (match := _NUMPY.match(text)) is not None:
            yield match.group(1), _plain(match.group(2))
        elif "):" in text and (match := _GOOGLE.match(text)) is not None:
            yield match.group(1), match.group(2)
        elif text in {"Returns:", "Returns"} and number + 1 < len(lines):
            after = lines[number + 1].strip().strip("-")
            after = after or (lines[number + 2].strip() if number + 2 < len(lines) else "")
            yield RETURNS, _plain(after.partition(":")[0])[:SHORT]


def _plain(text: str) -> str:
    """Without the markup around the names of classes."""
    return _ROLE.sub(lambda match: match.group(1) or match.group(2), text)[:SHORT]


def _locals_only(module: str) -> _Reader:
    """The reader of a language, loaded when its first body is read."""

    def body(lines: Sequence[str], documentation: Sequence[str]) -> Body:
        del documentation
        read = _reader(module)
        found: dict[str, list[tuple[str, str]]] = {}
        for name, kind, value in read([line[:_LINE] for line in lines]):
            known = found.setdefault(name, [])
            if len(known) < _MOST_VALUES and (kind, value) not in known:
                known.append((kind, value))
        return Body(found)

    return body


@cache
def _reader(module: str) -> Callable[[list[str]], Iterator[tuple[str, str, str]]]:
    return import_module(f"lanyard_analyzers.resolve.locals.{module}").read


_READERS: dict[str, _Reader] = {
    "python": _python,
    "cpp": _locals_only("c"),
    **{
        language: _locals_only(language)
        for language in ("go", "rust", "java", "c", "csharp", "ruby", "php", "kotlin", "lua", "bash")
    },
}
