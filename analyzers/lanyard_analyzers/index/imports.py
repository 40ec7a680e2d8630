"""The names that an import statement binds, language by language.

Owns reading one statement's text; where the source lies on disk belongs to `resolve/`. Total: a statement that
makes no sense binds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lanyard_analyzers.index.records import Binding


def bindings_of(statement: str, language: str) -> tuple[Binding, ...]:
    """The bindings of one import statement's text."""
    read = _READERS.get(language)
    return tuple(read(statement[:4000])) if read else ()


_PY_FROM = re.compile(r"from\s+([.\w]+)\s+import\s+(.*)", re.DOTALL)
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)


def _python(statement: str) -> Iterator[Binding]:
    statement = re.sub(r"#[^\n]*|\\\n", "", statement)
    match = _PY_FROM.match(statement)
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


_JS_SOURCE = re.compile(r"(?:from|import|require\()\s*[\"'`]([^\"'`]+)[\"'`]")
_JS_BRACES = re.compile(r"\{([^{}]*)\}", re.DOTALL)
_JS_NAMESPACE = re.compile(r"\*\s*(?:as\s+([\w$]+))?")
_JS_DEFAULT = re.compile(r"import\s+(?:type\s+)?([\w$]+)\s*(?:,|from)")
_JS_REQUIRE = re.compile(r"(?:const|let|var)\s+([\w$]+)\s*=\s*require")


def _javascript(statement: str) -> Iterator[Binding]:
    statement = _COMMENT.sub("", statement) if "/*" in statement else statement
    found = _JS_SOURCE.search(statement)
    if not found:
        return
    source, head = found.group(1), statement[: found.start()]
    whole = _JS_REQUIRE.match(statement)
    if whole:
        yield Binding(whole.group(1), source, "")
        return
    default = _JS_DEFAULT.match(statement)
    if default and default.group(1) != "type":
        yield Binding(default.group(1), source, "default")
    namespace = _JS_NAMESPACE.search(head)
    if namespace:
        yield Binding(namespace.group(1) or "*", source, "" if namespace.group(1) else "*")
    braces = _JS_BRACES.search(head)
    for part in braces.group(1).split(",") if braces else ():
        name, alias = _js_names(part.strip().removeprefix("type "))
        if name:
            yield Binding(alias or name, source, name)


def _js_names(part: str) -> tuple[str, str]:
    for mark in (" as ", ":"):
        if mark in part:
            name, _, alias = part.partition(mark)
            return name.strip(), alias.strip()
    return part.strip(), ""


_GO_SPEC = re.compile(r"^[ \t]*(?:import\s+)?([\w.]+)?[ \t]*[\"`]([^\"`\n]+)[\"`]", re.MULTILINE)
_GO_VERSION = re.compile(r"(?:/v\d+|\.v\d+)$")


def _go(statement: str) -> Iterator[Binding]:
    for match in _GO_SPEC.finditer(statement):
        alias, source = match.group(1), match.group(2)
        if alias == "import":
            alias = None
        if alias != "_":
            yield Binding(alias or _GO_VERSION.sub("", source).rpartition("/")[2], source, "" if alias != "." else "*")


_RUST = re.compile(r"(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(use|mod|extern\s+crate)\s+(.*)", re.DOTALL)


def _rust(statement: str) -> Iterator[Binding]:
    statement = _COMMENT.sub("", statement).strip().rstrip(";").strip()
    match = re.match(
        r"(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(use|mod|extern\s+crate)\s+(.*)", statement, re.DOTALL
    )
    if not match:
        return
    word, rest = match.groups()
    if word == "mod":
        yield Binding(rest.strip(), f"mod {rest.strip()}", "")
    elif word == "use":
        yield from _rust_tree("", " ".join(rest.split()), 0)


def _rust_tree(prefix: str, tree: str, depth: int) -> Iterator[Binding]:
    tree = tree.strip()
    if depth > 8 or not tree:
        return
    head, brace, body = tree.partition("{")
    if brace:
        for part in _top_level(body.rpartition("}")[0]):
            yield from _rust_tree(prefix + head.strip(), part, depth + 1)
        return
    path, _, alias = (part.strip() for part in (prefix + tree).partition(" as "))
    path = path.removesuffix("::self")
    source, _, name = path.rpartition("::")
    yield Binding(alias or name, source, name)


def _top_level(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character in "{}":
            depth += 1 if character == "{" else -1
        elif character == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


_JAVA = re.compile(r"import\s+(static\s+)?([\w.]+?)(\.\*)?\s*;")


def _java(statement: str) -> Iterator[Binding]:
    match = _JAVA.search(statement)
    if not match:
        return
    static, path, everything = match.groups()
    if everything:
        yield Binding("*", path, "*")
        return
    source, _, name = path.rpartition(".")
    yield Binding(name, source if static else path, name)


_INCLUDE = re.compile(r"#[ \t]*include[ \t]*\"([^\"\n]+)\"")


def _c(statement: str) -> Iterator[Binding]:
    match = _INCLUDE.search(statement)
    if match:
        yield Binding("*", match.group(1), "*")


_READERS: dict[str, Callable[[str], Iterator[Binding]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
}
