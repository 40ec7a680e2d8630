"""How often the rest of the line is what its author wrote: ways of asking the model, and the rivals.

Owns the ways of asking and what counts as right. A record is one case.
"""

from __future__ import annotations

import re
from typing import Any

from cases import Case
from engine import Engine
from ngram import Cached, Ngram, rest_of_line
from rivals import longest_match, similar_line

from lanyard_routing.adapters.healing import heal

GREEDY = {"temperature": 0, "seed": 1, "n_predict": 32, "stop": ["\n"], "n_probs": 1}
WAYS = {
    "suffix_first": "suffix, then prefix up to the start of the word, which a grammar makes it repeat",
    "healed": "`/infill` there: prefix, then suffix",
    "infill": "`/infill` at the cursor",
    "prefix": "`/completion` after the prefix alone, healed",
    "match": "rival: longest match in the same window, copied",
    "file": "rival: longest match in the whole file, copied",
    "line": "rival: line of the file with the same beginning, copied",
    "ngram": "rival: 5-gram of the same training data",
    "cached": "rival: the same with a cache of the whole file",
}
PREFIX, SUFFIX, MIDDLE, REPOSITORY, FILE = 1, 2, 3, 5, 6  # token numbers, as docs/model/tokens.py gives them
HEADER = (REPOSITORY, "myproject\n", FILE, "filename\n")  # as /infill writes it
_REPEATS = re.compile(r"(?=[^\n]*\w)(.{2,24}?)\1{2,}")


def first_word(text: str) -> str:
    """The first word, or the first other character, blanks before it aside."""
    found = re.match(r"\s*(\w+|\W)", text)
    return found.group(1) if found else ""


def repeats(text: str) -> bool:
    """Whether a text says something of two characters or more three times in a row."""
    return _REPEATS.search(text) is not None


def asked(engine: Engine, case: Case, ways: frozenset[str]) -> dict[str, str]:
    """What the model puts at the cursor, by way. A prefix that was read already is not read again."""
    prefix, cut = heal(case.prefix)
    spelled = {"grammar": f"root ::= {_literal(cut)} [^\\n]* [\\n]*"} if cut else {}
    infill = {"input_prefix": case.prefix, "input_suffix": case.suffix}
    bodies = {
        "suffix_first": ("/completion", {"prompt": suffix_first(prefix, case.suffix), **spelled}),
        "infill": ("/infill", infill),
        "healed": ("/infill", {**infill, **spelled, "input_prefix": prefix}),
        "prefix": ("/completion", {"prompt": prefix, **spelled}),
    }
    said: dict[str, str] = {}
    for way, (path, body) in bodies.items():
        if way in ways:
            text = engine.post(path, {**GREEDY, **body})["content"]
            said[way] = (text if way == "infill" else text.removeprefix(cut)).split("\n")[0].strip()
    return said


def suffix_first(prefix: str, suffix: str) -> list[int | str]:
    """The shipped model's own prompt: strings that stand between control tokens."""
    return [*HEADER, SUFFIX, suffix, PREFIX, prefix, MIDDLE]


def rivals(engine: Engine, case: Case, ngram: Ngram | None) -> dict[str, str]:
    """The same of those that cost nothing."""
    said = {
        "match": longest_match(case.prefix, case.suffix),
        "file": longest_match(case.before, case.after),
        "line": similar_line(case.before, case.after),
    }
    if ngram is not None:
        prefix, cut = heal(case.before)
        context, cached = engine.tokens(prefix[-400:]), Cached(ngram)
        cached.follow(engine.tokens(case.after), engine.tokens(prefix))
        said["ngram"] = rest_of_line(ngram, context, cut)
        said["cached"] = rest_of_line(cached, context, cut)
    return {way: text.split("\n")[0].strip() for way, text in said.items()}


def record(engine: Engine, case: Case, ngram: Ngram | None, ways: frozenset[str]) -> dict[str, Any]:
    """One case: what was said by way, and what would have been right."""
    said = asked(engine, case, ways) | (rivals(engine, case, ngram) if ways & {"match", "file"} else {})
    where = {"project": case.file.project, "language": case.file.language, "place": case.place}
    return {**where, "truth": case.rest.strip(), "said": said}


def _literal(text: str) -> str:
    return '"' + "".join(each if each.isalnum() and each.isascii() else f"\\U{ord(each):08X}" for each in text) + '"'
