"""Secrets out of a completion's prompt, at the cost of the cursor's line only.

Owns what is remembered from key to key: the text above and below the cursor's line changes rarely, so it is searched
once. Where the cursor stands inside a secret nothing is asked at all.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from lanyard_analyzers.complete import Excerpt, FillPrompt
from lanyard_analyzers.redact import Redactions, find_secrets, redact

_REMEMBERED = 64
_LINES_OF_CONTEXT = 2
_KEY_MARK = re.compile(r"-----(BEGIN|END) [A-Z0-9 ]{0,60}PRIVATE KEY")
_NOTHING = Redactions()


@dataclass(frozen=True, slots=True)
class Clean:
    """A prompt without secrets, and the way back."""

    prefix: str
    suffix: str
    excerpts: tuple[Excerpt, ...]
    redactions: Redactions

    def restore(self, reply: str) -> str:
        """The reply with the secrets that the prompt's placeholders stood for."""
        return self.redactions.restore(reply)


class Redactor:
    """Cleans the prompts of one session."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], tuple[str, Redactions]] = OrderedDict()

    def clean(self, prompt: FillPrompt, excerpts: Sequence[Excerpt] = ()) -> Clean | None:
        """The prompt without secrets; None where the cursor stands inside one."""
        head, before = _split_after_last_line_end(prompt.prefix)
        after, end, tail = prompt.suffix.partition("\n")
        if _inside_key(head):
            return None
        clean_head, found = self._redact(head, _NOTHING)
        line = _redact_line(_last_lines(head), before=before, after=after, known=found)
        if line is None:
            return None
        clean_before, clean_after, in_line = line
        found = found.merge(in_line)
        clean_tail, in_tail = self._redact(end + tail, found)
        found = found.merge(in_tail)
        cleaned: list[Excerpt] = []
        for excerpt in excerpts:
            text, in_excerpt = self._redact(excerpt.text, found)
            found = found.merge(in_excerpt)
            cleaned.append(Excerpt(excerpt.path, text))
        return Clean(clean_head + clean_before, clean_after + clean_tail, tuple(cleaned), found)

    def _redact(self, text: str, known: Redactions) -> tuple[str, Redactions]:
        key = (text, tuple(known.originals.items()))
        result = self._known.get(key)
        if result is None:
            result = self._known[key] = redact(text, known)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return result


def _split_after_last_line_end(text: str) -> tuple[str, str]:
    at = text.rfind("\n") + 1
    return text[:at], text[at:]


def _last_lines(head: str) -> str:
    at = len(head)
    for _ in range(_LINES_OF_CONTEXT + 1):
        at = head.rfind("\n", 0, at)
        if at < 0:
            return head
    return head[at + 1 :]


def _inside_key(head: str) -> bool:
    """Whether the text ends inside the armour of a private key."""
    if "PRIVATE KEY" not in head:
        return False
    marks = _KEY_MARK.findall(head)
    return bool(marks) and marks[-1] == "BEGIN"


def _redact_line(context: str, *, before: str, after: str, known: Redactions) -> tuple[str, str, Redactions] | None:
    """Both halves of the cursor's line, searched as one; None where a secret lies across the cursor."""
    text = context + before + after
    cursor = len(context) + len(before)
    secrets = find_secrets(text)
    if not secrets:
        return before, after, _NOTHING
    if any(secret.span.start < cursor < secret.span.end for secret in secrets):
        return None
    _, found = redact(text, known)
    placeholders = {original: placeholder for placeholder, original in found.originals.items()}
    halves = ["", ""]
    at = len(context)
    for secret in secrets:
        start, stop = max(secret.span.start, len(context)), secret.span.end
        if stop <= len(context):
            continue
        half = 0 if start < cursor else 1
        if half == 1 and at < cursor:
            halves[0] += text[at:cursor]
            at = cursor
        halves[half] += text[at:start] + placeholders[text[secret.span.start : stop]]
        at = stop
    if at < cursor:
        halves[0] += text[at:cursor]
        at = cursor
    halves[1] += text[at:]
    return halves[0], halves[1], found
