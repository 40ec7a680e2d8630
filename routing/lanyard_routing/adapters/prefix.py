"""How a model is asked that can go on from a text, but neither fill in nor begin inside a word.

Owns the healing of the prompt, its grammar, and the point at which such a model is no longer sure. llama.cpp's
`/completion` is meant; no request is made here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from lanyard_routing.adapters.base import Delta, FillRequest
from lanyard_routing.adapters.streaming import Counts, count, items, mapping, text
from lanyard_routing.adapters.sure import Measure

_TOKEN_START = re.compile(r"[^\r\n\w]?\w*\Z")
_LONGEST_CUT = 64
"""Characters; a longer word is no name, and its grammar would cost more than it gives."""
_MOST_TOKENS = 12
"""What such a model is sure of is the rest of a word or two."""
_LISTED = 300
"""Log-probabilities asked for with each token, to know how probable all that fits the cut text is."""
_FITS_BYTES = 768
_WORD_END = re.compile(r"\w+\Z")


@dataclass(frozen=True, slots=True)
class Filling:
    """How a model is best asked to complete, as its card says.

    `infill`: by its FIM tokens, at the cursor. `healed`: the same where the word at the cursor begins. `suffix_first`:
    there too, by a raw prompt that ends with the prefix (the shipped model's form, `fim.own_prompt`). `prefix`: by what
    stands before that alone, up to the line's end. A reply ends where `measure` falls below `least_logprob` (None:
    no such end); of `prefix` it is always that of a token.
    """

    how: Literal["infill", "healed", "suffix_first", "prefix"] = "infill"
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


def prefix_body(request: FillRequest, cut: str, prompt: str) -> dict[str, Any]:
    """The fields of `/completion` that make the model say the cut text first and stop at the line's end."""
    body: dict[str, Any] = {
        "prompt": prompt,
        "n_predict": min(request.max_tokens, _MOST_TOKENS),
        "n_probs": _LISTED,
    }
    if cut:
        # Line ends are allowed, because a token may hold one after other text, and because the line may end here.
        body["grammar"] = f'root ::= "{"".join(map(_escaped, cut))}" [^\\n]* [\\n]*'
    return body


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


class PrefixReader:
    """Reads the events of `/completion` for a healed prompt; says its text in one delta, when it is settled."""

    def __init__(self, cut: str, least_logprob: float | None) -> None:
        self.counts = Counts()
        self._cut = cut
        self._least = least_logprob
        self._text = ""
        self._told: list[float] = []

    def read(self, event: dict[str, Any]) -> Delta | None:
        """See Reader. The reply is complete at `"stop": true`, and as soon as the model is not sure."""
        counts = self.counts
        counts.lively = True
        following = self._take(event)
        if event.get("stop") is True:
            counts.prompt_tokens = count(event.get("tokens_evaluated"))
            counts.cached_tokens = count(mapping(event.get("timings")).get("cache_n"))
            counts.completion_tokens = count(event.get("tokens_predicted"))
            following = following or ("w" if event.get("stop_type") == "limit" else "\n")
        if not following:
            return None
        counts.finish, counts.complete = "stop", True
        said = _WORD_END.sub("", self._text) if _WORD_END.match(following[:1]) else self._text
        if not said.strip():
            return None
        mean = sum(self._told) / len(self._told) if self._told else None
        return Delta(said, tokens=max(1, len(self._told)), logprob=mean)

    def _take(self, event: dict[str, Any]) -> str:
        """Add the event's piece to the text; returns it instead where the text ends before it."""
        piece = text(event.get("content"))
        cut = self._cut
        sure = _logprob(event, cut)
        if cut:
            if not (piece.startswith(cut) or cut.startswith(piece)):
                return "\n"  # an engine that does not keep to grammars
            self._cut, piece = cut[len(piece) :], piece[len(cut) :]
        if not piece:
            return ""
        if self._least is not None and (sure is None or sure < self._least):
            return piece
        self._text += piece
        if sure is not None:
            self._told.append(sure)
        return ""


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
