"""The local variables of C and C++ functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.made import made_in_c
from lanyard_analyzers.index.records import SHORT

_DECLARED = late(
    r"(?:^\s*|\(\s*|[{;]\s+)"
    r"(?:(?:const|static|constexpr|struct|union|enum|volatile|register|unsigned|signed)\s+)*"
    r"(?!(?:return|throw|new|else|case|goto|using|typedef|namespace|delete|co_return|co_await|break|continue|typename)\b)"
    r"([^\W\d][\w:]*(?:<[^;=(){}\n]{0,120}>)?)(?:\s+const)?(?:\s*[*&]+\s*(?:const\s+)?|\s+)"
    r"(?:\[([\w, \t]{1,80})\]|([^\W\d]\w*))\s*"
    r"(?:\[[^\]\n]{0,60}\]\s*)*(?:=(?!=)\s*([^;\n]{0,240})|;|\{|\(|,|:(?!:)\s*([^\n;{]{0,200})|$)"
)
_PRIMITIVE = frozenset(
    [
        "int",
        "char",
        "long",
        "short",
        "float",
        "double",
        "bool",
        "void",
        "size_t",
        "ssize_t",
        "unsigned",
        "signed",
        "auto",
        "uint8_t",
        "uint32_t",
        "uint64_t",
    ]
)


_LAMBDA = late(r"\]\s*\(([^()]{1,200})\)")
_PARAM = late(r"(?:const\s+)?([\w:]+(?:<[^<>]{0,80}>)?)[\s*&]+(\w+)\s*(?:,|$)")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that declarations and loops declare."""
    for line in lines:
        if "](" in line or "] (" in line:
            for match in _LAMBDA.finditer(line):
                yield from ((name, kind, "") for kind, name in _PARAM.findall(match.group(1)) if kind != "auto")
        for match in _DECLARED.finditer(line):
            text, several, name, value, each = (part or "" for part in match.groups())
            if match.group().startswith("(") and match.group().endswith(("(", ",")):
                continue  # `if (a * b(`: no declaration
            if text == "auto":
                made, value = made_in_c((value or each.rstrip(") ")).strip()[:SHORT])
            else:
                made, value = ("" if text in _PRIMITIVE else text)[:SHORT], ""
            for one in several.split(",") if several else (name,):
                yield one.strip(), made, value
