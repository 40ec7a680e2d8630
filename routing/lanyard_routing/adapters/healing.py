"""How a model is asked that cannot begin inside a word: from where the word at the cursor begins.

Owns what is cut from the prefix, the grammar of llama.cpp that makes the model say it first, and what of the reply is
new. No request is made here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from lanyard_routing.adapters.base import FillRequest
from lanyard_routing.adapters.streaming import items, mapping, text
from lanyard_routing.adapters.sure import Measure

_TOKEN_START = re.compile(r"[^\r\n\w]?\w*\Z")
_LONGEST_CUT = 64
"""Characters; a longer word is no name, and its grammar would cost more than it gives."""
_LISTED = 300
"""Log-probabilities asked for with each token, to know how probable all that fits the cut text is."""
_FITS_BYTES = 768


@dataclass(frozen=True, slots=True)
class Filling:
    """How a model is best asked to complete, as its card says.

    `infill`: by its FIM tokens, at the cursor. `suffix_first`: where the word at the cursor begins, by a raw prompt
    that ends with the prefix (the shipped model's form, `fim.own_prompt`). A reply ends where `measure` falls below
    `least_logprob` (None: no such end).
    """

    how: Literal["infill", "suffix_first"] = "infill"
    least_logprob: float | None = None
    measure: Measure = "mean"


def heal(prefix: str) -> tuple[str, str]:
    """The prefix up to where the tokeniser would begin the word at the cursor, and what is cut off."""
    found = _TOKEN_START.search(prefix, max(0, len(prefix) - _LONGEST_CUT - 1))
    cut = found.group() if found else ""
    if len(cut) > _LONGEST_CUT or any("\ud800" <= each <= "\udfff" for each in cut):
        return prefix, ""  # no name, or half a character, which no grammar can spell
    return prefix[: len(prefix) - len(cut)], cut


def shortened(request: FillRequest) -> FillRequest:
    """The request with so little of the file, and nothing else, that it fits any context: no token is shorter than a
    byte."""
    tail = request.prefix[-_FITS_BYTES:].encode("utf-8", "replace")[-_FITS_BYTES:]
    return replace(request, prefix=tail.decode("utf-8", "ignore"), suffix="", chunks=())


def healed_fields(cut: str) -> dict[str, Any]:
    """The fields that make a model say the cut text first and go on as it likes."""
    return {"grammar": f'root ::= "{"".join(map(_escaped, cut))}" .*', "n_probs": _LISTED} if cut else {}


class Cut:
    """Takes the text that was cut from the prompt off the beginning of the reply."""

    def __init__(self, cut: str) -> None:
        self._left = cut

    def take(self, event: dict[str, Any]) -> tuple[str, float | None] | None:
        """What of an event's piece is new, and how probable it was; None where it is not what was cut."""
        piece, left = text(event.get("content")), self._left
        sure = _logprob(event, left)
        if not (piece.startswith(left) or left.startswith(piece)):
            return None
        self._left = left[len(piece) :]
        return piece[len(left) :], sure


def _escaped(character: str) -> str:
    return character if character.isascii() and character.isalnum() else f"\\U{ord(character):08X}"


def _logprob(event: dict[str, Any], cut: str) -> float | None:
    """The token's log-probability; of a token that the grammar held to `cut`, among those that fit it."""
    told = [mapping(each) for each in items(event.get("completion_probabilities"))]
    values = [each["logprob"] for each in told if isinstance(each.get("logprob"), float)]
    if not values:
        return None
    own = sum(values) / len(values)
    if not cut:
        return own
    fitting = 0.0
    for each in map(mapping, items(told[-1].get("top_logprobs"))):
        token, value = text(each.get("token")), each.get("logprob")
        if token and isinstance(value, float) and (token.startswith(cut) or cut.startswith(token)):
            fitting += math.exp(min(value, 0.0))
    return min(0.0, own - math.log(max(fitting, math.exp(max(own, -50.0)))))
