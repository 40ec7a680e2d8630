"""Secrets out of what leaves the machine, and back into what returns.

Owns finding secrets, their placeholders and the way back. It decides about texts only; whole files of key material
are kept out by `ignore.py`. Everything here is pure, total and linear in the text.

Measured (`tests/unit/analyzers/test_secrets.py`): 111 kinds. False positives: none in 298,419 lines of CPython 3.11's
library without its tests; 4 in 936,711 lines of installed packages (sample passwords in URLs of httpx and pydantic
docstrings), so 0.03 in 10,000 lines. In 502,793 lines of other projects, tests among them, it finds 10 sample
passwords and headers and the 13 lines of one sample RSA key, all in tests. Speed: about 5 MB/s.

Not recognised: passwords made of words or of letters alone, secrets split over several literals, and values assigned
to names that say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from lanyard_analyzers._late import late
from lanyard_analyzers.redact.contexts import by_context
from lanyard_analyzers.redact.rules import START, by_form, by_place, lowered
from lanyard_analyzers.text import Span

__all__ = ["Redactions", "Secret", "find_secrets", "redact"]

_PREFIX = "LANYARD_SECRET_"
_TAKEN = late(_PREFIX + r"(\d{1,9})")
_EXACT = late(START + "(" + _PREFIX + r"\d{1,9})(?![A-Za-z0-9_])")
_WORD = late(r"[A-Za-z0-9_]*")
_STARTS = late(START)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret found in a text: its kind (as in `redact/rules.py`) and the span that it covers."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Redactions:
    """Which placeholder stands for which secret. Never log it, never write it to disk."""

    originals: Mapping[str, str] = field(default_factory=dict[str, str])

    def __len__(self) -> int:
        return len(self.originals)

    def __repr__(self) -> str:
        return f"Redactions({len(self.originals)} secrets)"

    def restore(self, text: str) -> str:
        """`text` with the secrets in place of their placeholders; only exact placeholders count."""
        if not self.originals or _PREFIX not in text:
            return text
        return _EXACT.sub(lambda match: self.originals.get(match.group(1), match.group(1)), text)

    def merge(self, *others: Redactions) -> Redactions:
        """All of them as one; a placeholder that would stand for two secrets is restored to neither."""
        merged = dict(self.originals)
        contradicted: set[str] = set()
        for other in others:
            for placeholder, secret in other.originals.items():
                if merged.setdefault(placeholder, secret) != secret:
                    contradicted.add(placeholder)
        return Redactions({k: v for k, v in merged.items() if k not in contradicted})


def redact(text: str, known: Redactions | None = None, *, also: Sequence[Span] = ()) -> tuple[str, Redactions]:
    """`text` with each secret replaced by `LANYARD_SECRET_n`, and the way back.

    Equal secrets have equal placeholders; numbers go up in the order of the text. A number that the text already
    holds is not used, so that nothing else is ever restored. No line is added or removed. `known` continues an
    earlier text's numbers: its secrets keep their placeholders. `also` are spans that are secret for reasons which the
    text itself does not show.
    """
    secrets = find_secrets(text, also=also)
    if not secrets:
        return text, Redactions()
    taken = set(_TAKEN.findall(text))
    placeholders = {secret: placeholder for placeholder, secret in (known or Redactions()).originals.items()}
    taken |= {placeholder.removeprefix(_PREFIX) for placeholder in placeholders.values()}
    used: dict[str, str] = {}
    pieces: list[str] = []
    at = number = 0
    for secret in secrets:
        value = text[secret.span.start : secret.span.end]
        placeholder = placeholders.get(value)
        if placeholder is None:
            number += 1
            while str(number) in taken:
                number += 1
            placeholder = placeholders[value] = f"{_PREFIX}{number}"
        used[placeholder] = value
        pieces += (text[at : secret.span.start], placeholder)
        at = secret.span.end
    pieces.append(text[at:])
    return "".join(pieces), Redactions(used)


def find_secrets(text: str, *, also: Sequence[Span] = ()) -> tuple[Secret, ...]:
    """The secrets of a text in order, not overlapping; where two kinds meet, the span is their union."""
    lower = lowered(text)
    found: list[tuple[int, int, str]] = [(span.start, span.end, "known") for span in also if len(span)]
    for kind, span in chain(by_form(text), by_place(text, lower), by_context(text, lower)):
        found.append((span.start, span.end, kind))
    found.sort(key=lambda item: (item[0], -item[1]))
    merged: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if merged and start < merged[-1][1]:
            before = merged[-1]
            merged[-1] = (before[0], max(before[1], end), before[2])
        else:
            merged.append((start, end, kind))
    return tuple(_whole_words(text, merged))


def _whole_words(text: str, found: list[tuple[int, int, str]]) -> list[Secret]:
    """Spans widened to word boundaries, so that a placeholder stands free and can be told from its neighbours."""
    secrets: list[Secret] = []
    for raw_start, raw_end, kind in found:
        start = raw_start
        while start > 0 and not _STARTS.match(text, start):
            start -= 1
        match = _WORD.match(text, raw_end)
        end = match.end() if match else raw_end
        if secrets and start < secrets[-1].span.end:
            secrets[-1] = Secret(secrets[-1].kind, Span(secrets[-1].span.start, max(end, secrets[-1].span.end)))
        else:
            secrets.append(Secret(kind, Span(start, end)))
    return secrets
