"""What a span of a text refers to: its names with the chains that they end.

Owns reading the identifiers of a tree as chains (`a.b().c`); what they mean belongs to `resolve/`. Language-neutral:
which nodes are identifiers is said in the query files, the rest is read from the characters around them.
"""

from __future__ import annotations

from collections.abc import Iterable

from lanyard_analyzers._late import late
from lanyard_analyzers.slices.scene import Use
from lanyard_analyzers.slices.sites import receiver
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Span

_WORD = late(r"[^\W\d][\w$]*")
_WORDS_OF_TEXT = 0.5
_MOST = 4000
_CALLS = late(r"[ \t]*(?:::)?(?:<[\w\s,.<>\[\]&:]{0,80}>)?\(")
_KEYWORD = late(r"[ \t]*=(?![=>])")
_KEYWORD_ARGUMENTS = frozenset({"python", "kotlin", "ruby", "csharp", "php"})


def uses_in(syntax: Syntax, span: Span, words: str = "") -> tuple[Use, ...]:
    """The uses in a span, each chain once, first use first; names in `words` (a diagnostic) count half."""
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    for parts, line in chains(syntax, span):
        known = found.get(parts)
        found[parts] = (known[0], known[1] + 1) if known is not None else (line, 1)
    uses = [Use(parts, line, times) for parts, (line, times) in found.items()]
    first = syntax.text.line_of(span.start)
    uses += [
        Use((word,), first, 1, _WORDS_OF_TEXT)
        for word in dict.fromkeys(_WORD.findall(words[:_MOST]))
        if (word,) not in found and (f"{word}()",) not in found
    ]
    return tuple(uses)


def chains(syntax: Syntax, span: Span) -> Iterable[tuple[tuple[str, ...], int]]:
    """(parts, line) for each identifier of a span: the chain that it ends, with `()` where it is called."""
    content, text, language = syntax.text.content, syntax.text, syntax.language
    nodes = syntax.captures("identifiers", span).get("identifier", ())
    keywords = language in _KEYWORD_ARGUMENTS
    for node in nodes[:_MOST]:
        place = syntax.node_span(node)
        if not span.start <= place.start or place.end > span.end:
            continue
        if content[place.start - 1 : place.start] == "$" and language == "php":
            continue  # the name in a variable, which is an identifier of its own
        if language == "ruby" and content.startswith("::", place.end):
            continue  # a module that only leads to something
        name = content[place.start : place.end]
        before = receiver(content, place.start, language)
        if not before and keywords and _KEYWORD.match(content, place.end) and _is_argument(content, place.start):
            continue
        if _CALLS.match(content, place.end):
            name += "()"
        yield (*before, name), text.line_of(place.start)


def _is_argument(content: str, at: int) -> bool:
    before = content[max(0, at - 200) : at].rstrip()
    return before.endswith(("(", ","))
