"""The local variables of Rust functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.made import made_in_rust
from lanyard_analyzers.index.records import SHORT

_DECLARED = late(
    r"\b(?:let|for)\s+(?:&?(?:mut\s+)?([^\W\d]\w*)|(?:\w+::)*(?:Some|Ok|Err)\((?:ref\s+|mut\s+|&)*(\w+)\)"
    r"|&?\(([\w, &]{1,100})\))\s*(?:(:\s*[^=;\n]{1,150}?)\s*)?(?:(?:=(?!=)|\bin\b)\s*([^\n;]{0,240})|;|$)"
)
_ARM = late(r"(?:Some|Ok)\((?:ref\s+|mut\s+|&)*([^\W\d]\w*)\)\s*=>")
_MATCH = late(r"\bmatch\s+([^{]{1,200})\{")
_CLOSURE = late(r"([\w.:()?]{1,150})\.(?:map|for_each|filter|find|any|all|and_then|filter_map|position)\(\|&*(\w+)\|")
_TYPED = late(r"[|,]\s*(?:mut\s+)?([^\W\d]\w*)\s*:\s*([&\w][\w:<>, '\[\]&]{0,100}?)\s*(?=[|,])")
_BRACED = late(r"(?:\w+::)*[A-Z]\w*\s*\{")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that `let`, `for`, `if let`, the arms of `match` and closures over a value declare."""
    matched = ""
    for number, line in enumerate(lines):
        if "let " in line or "for " in line:
            for match in _DECLARED.finditer(line):
                one, wrapped, several, text, value = (part or "" for part in match.groups())
                if not value and line.rstrip().endswith("=") and number + 1 < len(lines):
                    value = lines[number + 1].strip().rstrip(";")
                names = [name.split()[-1].lstrip("&") for name in several.split(",") if name.strip()]
                declared = text.lstrip(": ").strip()[:SHORT]
                made, value = made_in_rust(_ended(value))
                for name in names or [one or wrapped]:
                    if name != "_":
                        yield name, declared or made, value
        if "match " in line and (match := _MATCH.search(line)) is not None:
            matched = made_in_rust(match.group(1).strip())[1]
        if "=>" in line and matched and (match := _ARM.search(line)) is not None:
            yield match.group(1), "", matched
        if "|" in line and ":" in line:
            for match in _TYPED.finditer(line):
                yield match.group(1), match.group(2).strip()[:SHORT], ""
        if "(|" in line:
            for match in _CLOSURE.finditer(line):
                made, value = made_in_rust(match.group(1).strip()[:SHORT])
                yield match.group(2), made, value


def _ended(value: str) -> str:
    value = value.strip()
    if " {" in value and not _BRACED.match(value.lstrip("&*")):
        inner = value.partition(" {")[0]
        value = inner if "(" not in inner or inner.count("(") == inner.count(")") else value
        value = value.removesuffix(" else")
    return value[: 2 * SHORT]
