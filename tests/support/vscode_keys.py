"""Default keys of VS Code as its own list has them, and which of them an extension's keys take away.

Owns reading the list and the logic of two `when` clauses; which clauses cannot hold together is the test's to say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Terms = frozenset[str]
_IMPLIED = {
    "editorTextFocus": ("editorFocus", "textInputFocus", "inputFocus"),
    "textInputFocus": ("inputFocus",),
    "editorFocus": ("inputFocus",),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One default: `when` is a disjunction of conjunctions of terms, as VS Code writes it."""

    key: str
    command: str
    when: tuple[Terms, ...]
    args: str


def defaults(text: str) -> tuple[Key, ...]:
    """The entries of "Default Keyboard Shortcuts (JSON)"."""
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return tuple(_key(entry) for entry in json.loads("\n".join(lines)))


def own(listed: Sequence[Key], contributed: Mapping[str, Any]) -> Key:
    """What VS Code made of one of an extension's `keybindings`; it adds the command's enablement to the clause."""
    wanted = _key({**contributed, "key": ""})
    [found] = (
        one
        for one in listed
        if (one.command, one.args) == (wanted.command, wanted.args)
        and len(one.when) == 1
        and one.when[0] >= wanted.when[0]
    )
    return found


def taken(listed: Iterable[Key], mine: Key, apart: Mapping[str, Iterable[str]]) -> set[str]:
    """The commands whose key `mine` takes where both clauses hold; `apart` has terms that never hold with one of it."""
    [ours] = mine.when

    def separate(one: Terms, other: Terms) -> bool:
        return any(not other.isdisjoint(apart.get(term, ())) for term in one)

    return {
        one.command
        for one in listed
        if one is not mine
        and one.key.split(" ")[0] == mine.key
        and any(
            _together(ours, theirs) and not separate(ours, theirs) and not separate(theirs, ours) for theirs in one.when
        )
    }


def _key(entry: Mapping[str, Any]) -> Key:
    alternatives = str(entry.get("when", "")).replace("'", "").split(" || ")
    when = tuple(frozenset(term.strip() for term in one.split("&&")) for one in alternatives)
    return Key(entry["key"], entry["command"], when, json.dumps(entry.get("args"), sort_keys=True))


def _together(one: Terms, other: Terms) -> bool:
    """Whether nothing in the two conjunctions contradicts."""
    both = set(one | other)
    for term in one | other:
        both.update(_IMPLIED.get(term, ()))
    values: dict[str, str] = {}
    for term in both:
        name, equals, value = term.partition(" == ")
        if equals and values.setdefault(name, value) != value:
            return False
    return not any(f"!{term}" in both for term in both)
