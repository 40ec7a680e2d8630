"""The type that a value shows by its form (`&Store{…}`, `Box::new(Store::new())`, `new Store()`), language by language.

Owns reading one value's text, for records and for the locals of functions. Linear and total.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.records import SHORT

_GO_LITERAL = re.compile(r"[\d\"'`+-]")
_GO_COMPOSITE = re.compile(r"&?((?:(?:\[\w*\]|map\[[\w.*]{1,80}\])\*?)?[\w.]+(?:\[[^\]{}]{0,80}\])?)\{")
_GO_MADE = re.compile(r"(?:new|make)\(([^()]{1,100})\)?")
_GO_ASSERTED = re.compile(r"\.\(([^()]{1,80})\)$")


def made_in_go(text: str) -> tuple[str, str]:
    """The type that a value of Go shows, and the value where it shows none. A literal has neither."""
    if not text or _GO_LITERAL.match(text) or text.startswith("func"):
        return "", ""
    composite = _GO_COMPOSITE.match(text)
    if composite:
        return composite.group(1), ""
    made = _GO_MADE.match(text)
    if made:
        return made.group(1).partition(",")[0], ""
    asserted = _GO_ASSERTED.search(text)
    if asserted and asserted.group(1) != "type":
        return asserted.group(1), ""
    return "", text.removeprefix("<-")


_RUST_LITERAL = re.compile(r"[\d\"'|\[]|b[\"']|true\b|false\b|if\b|match\b|unsafe\b|loop\b|\{|-|!")
_RUST_WRAPPERS = re.compile(
    r"(?:(?:Box|Arc|Rc|RefCell|Cell|Mutex|RwLock|Some|Ok|Pin|Cow|Owned)(?:::new|::pin|::from)?\(|vec!\[|&mut |&|\*)+"
)
_RUST_HANDS_ON = re.compile(
    r"\?|\.await\b|\.(?:lock|read|write|next|first|last|pop)\(\)(?=\.(?:unwrap|expect)\()"
    r"|\.(?:unwrap|expect|clone|iter|iter_mut|into_iter|as_ref|as_mut|as_deref|borrow|borrow_mut|to_owned|cloned|copied"
    r"|unwrap_or_default|unwrap_or_else|ok_or|ok_or_else|map_err|context|with_context|rev|enumerate|peekable)\([^()]*\)"
)
_RUST_TURBOFISH = re.compile(r"::<[^<>]{0,100}>")
_RUST_MADE = re.compile(r"((?:\w+::)*[A-Z]\w*)(?:::<[^>]{0,80}>)?\s*\{")


def made_in_rust(text: str) -> tuple[str, str]:
    """The type that a value of Rust shows, and the value where it shows none.

    The value loses what only hands on (`?`, `.unwrap()`, `Box::new(…)`): the chain that is left names what matters.
    """
    if not text or _RUST_LITERAL.match(text):
        return "", ""
    wrapped = _RUST_WRAPPERS.match(text)
    if wrapped:
        text = text[wrapped.end() :]
        if _RUST_LITERAL.match(text):
            return "", ""
    made = _RUST_MADE.match(text)
    if made:
        return made.group(1), ""
    if "?" in text or "." in text:
        text = _RUST_HANDS_ON.sub("", text)
    if "::<" in text:
        text = _RUST_TURBOFISH.sub("", text)
    return "", text if len(text) <= SHORT else ""


_JAVA_NEW = re.compile(r"new\s+([\w.]+(?:<[^<>]{0,100}>)?)")
_JAVA_CAST = re.compile(r"\(([A-Z][\w.<>, ]{0,100})\)\s*[\w(]")
_JAVA_LITERAL = re.compile(r"[\d\"'{-]|true\b|false\b|null\b")


def made_in_java(text: str) -> tuple[str, str]:
    """The type that a value of Java shows, and the value where it shows none. A literal has neither."""
    match = _JAVA_NEW.match(text) or _JAVA_CAST.match(text)
    if match:
        return match.group(1), ""
    return "", "" if _JAVA_LITERAL.match(text) else text


_C_NEW = re.compile(r"(?:new\s+)([\w:]+(?:<[^<>]{0,100}>)?)")
_C_TEMPLATE = re.compile(
    r"(?:std::)?(?:make_(?:unique|shared)|static_cast|dynamic_cast|reinterpret_cast)<\s*([^<>()]{1,100}?)\s*[*&]*>"
)
_C_BRACED = re.compile(r"((?:\w+::)*[A-Z]\w*(?:<[^<>]{0,100}>)?)\{")
_C_LITERAL = re.compile(r"[\d\"'{-]|true\b|false\b|nullptr\b|NULL\b|\[")


def made_in_c(text: str) -> tuple[str, str]:
    """The type that a value of C or C++ shows, and the value where it shows none. A literal has neither."""
    match = _C_NEW.match(text) or _C_TEMPLATE.match(text) or _C_BRACED.match(text)
    if match:
        return match.group(1), ""
    return "", "" if _C_LITERAL.match(text) else text
