"""The local variables of Rust functions, read from their text.

Walking the tree of every body would cost more than parsing does; `let` and `for` are found by searching for them.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.extract.braces import MOST_LOCALS, Found
from lanyard_analyzers.index.records import SHORT

_LET = re.compile(
    rb"(?:mut[ \t]+)?(?:&?(?:mut[ \t]+)?(\w+)|(?:\w+::)*(?:Some|Ok|Err)\((?:ref[ \t]+|mut[ \t]+)*(\w+)\)"
    rb"|\(([\w, \t]{1,100})\))[ \t]*(?:(:[ \t]*[^=;\n]{1,150}?)[ \t]*)?(?:(?:=(?!=)|\bin\b)\s*([^\n;]{0,240})|;)"
)
_KEYWORDS = re.compile(rb"let |for ")
_HANDS_ON = re.compile(
    r"\?|\.await\b|\.(?:lock|read|write|next|first|last|pop)\(\)(?=\.(?:unwrap|expect)\()"
    r"|\.(?:unwrap|expect|clone|iter|iter_mut|into_iter|as_ref|as_mut|as_deref|borrow|borrow_mut|to_owned|cloned|copied"
    r"|unwrap_or_default|unwrap_or_else|ok_or|ok_or_else|map_err|context|with_context|rev|enumerate|peekable)\([^()]*\)"
)
_WRAPPERS = re.compile(
    r"(?:(?:Box|Arc|Rc|RefCell|Cell|Mutex|RwLock|Some|Ok|Pin|Cow|Owned)(?:::new|::pin|::from)?\(|vec!\[|&mut |&|\*)+"
)
_MADE = re.compile(r"((?:\w+::)*[A-Z]\w*)(?:::<[^>]{0,80}>)?\s*\{")
_LITERAL = re.compile(r"[\d\"'|\[]|b[\"']|true\b|false\b|if\b|match\b|unsafe\b|loop\b|\{|-|!")
_TURBOFISH = re.compile(r"::<[^<>]{0,100}>")


def add_locals(found: Found, start: int, end: int, around: int) -> None:
    """Add the variables that are declared between two bytes."""
    data = found.data
    line, seen, count = found.symbols[around].body_first, start, 0
    for keyword in _KEYWORDS.finditer(data, start, end):
        match = _LET.match(data, keyword.end(), end)
        if match is None:
            continue
        count += 1
        if count > MOST_LOCALS:
            return
        line, seen = found.line_after(seen, line, match.start()), match.start()
        one, wrapped, several, text, value = (part.decode("utf-8", "ignore") if part else "" for part in match.groups())
        names = [name.split()[-1] for name in several.split(",") if name.strip()] if several else [one or wrapped]
        declared = text.lstrip(": ").strip()[:SHORT]
        made, value = type_and_value(_ended(value))
        for name in names:
            if name != "_":
                found.add_local(name, line, around, declared or made, value)


def _ended(value: str) -> str:
    value = value.strip()
    if " {" in value and not _MADE.match(_WRAPPERS.sub("", value, count=1)):
        value = value.partition(" {")[0].removesuffix(" else")
    return value[: 2 * SHORT]


def type_and_value(text: str) -> tuple[str, str]:
    """The type that a value shows by its form (`Store { … }`), and the value if it is short.

    The value loses what only hands on (`?`, `.unwrap()`, `Box::new(…)`): the chain that is left names what matters.
    """
    if not text or _LITERAL.match(text):
        return "", ""
    wrapped = _WRAPPERS.match(text)
    if wrapped:
        text = text[wrapped.end() :]
        if _LITERAL.match(text):
            return "", ""
    made = _MADE.match(text)
    if made:
        return made.group(1), ""
    if "?" in text or "." in text:
        text = _HANDS_ON.sub("", text)
    if "::<" in text:
        text = _TURBOFISH.sub("", text)
    return "", text if len(text) <= SHORT else ""
