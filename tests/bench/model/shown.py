"""What a user would see: prompt, slice, adapter, engine and post-processing as the server runs them, and how sure
the model must be for it.

Owns the thresholds that are tried, and the choice among them: on every second of the held-out projects, reported on the
others. Right is a suggestion with which the author's own line goes on. A record is one cursor.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, get_args

from cases import Case
from desk import Desk, Trace, shown, trace
from engine import Engine
from lines import first_word, repeats
from rivals import longest_match

from lanyard_analyzers.complete import StreamStop, postprocess
from lanyard_analyzers.complete.repetition import loop_start
from lanyard_routing.adapters.base import Adapter, FillRequest
from lanyard_routing.adapters.prefix import Filling, PrefixReader, heal, prefix_body
from lanyard_routing.adapters.sure import Measure, Surety

LEAST: dict[Measure, tuple[float, ...]] = {
    "mean": (-0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7, -0.8, -0.9, -1.0, -1.2, -1.5, -2.0),
    "whole": (-0.2, -0.4, -0.6, -0.8, -1.0, -1.25, -1.5, -2.0, -2.5, -3.0, -4.0, -6.0, -9.0),
    "token": (-0.1, -0.2, -0.3, -0.45, -0.6, -0.8, -1.0, -1.25, -1.5, -2.0, -2.5, -3.5, -5.0),
}
OF_PREFIX = (-0.15, -0.25, -0.35, -0.45, -0.6, -0.8, -1.0, -1.5, -2.5)
FILLED: tuple[Literal["healed", "suffix_first"], ...] = ("suffix_first", "healed")
HALVES = ("chosen_on", "reported_on")
PLACES = ("line", "inside a word", "between words", "empty line")
Record = dict[str, Any]


async def records(
    engine: Engine, adapters: Mapping[str, Adapter], desk: Desk, case: Case, *, prefix: str
) -> list[Record]:
    """The case's own cursor, and the one at the start of its line's code, asked in each way; `prefix`: "too" or ""."""
    found: list[Record] = []
    for place, at in ((case.place, case), ("empty line", case.at_code())):
        asked = desk.asked(at)
        said, traces = dict[str, str](), dict[str, Trace]()
        for way in FILLED:
            told, limited = await trace(adapters[way], asked.request, asked.situation)
            said[f"{way} all"], traces[way] = shown(told, asked.situation, None, limited=limited), told
            for measure, values in LEAST.items():
                for least in values:
                    surety = Surety(least, measure)
                    said[f"{way} {measure} {least}"] = shown(told, asked.situation, surety, limited=limited)
        if prefix:
            events, cut = _events(engine, asked.slim.prefix)
            for least in (*OF_PREFIX, None):
                said[f"prefix {least}"] = postprocess(_read(events, cut, least), asked.situation)
        copied = StreamStop(asked.situation)
        copied.feed(longest_match(asked.slim.prefix, asked.slim.suffix))
        said["copied"] = postprocess(copied.text, asked.situation)
        raw = {way: "".join(piece for piece, _ in told) for way, told in traces.items()}
        again = {way: repeats(text) or loop_start(text, ended="growing") is not None for way, text in raw.items()}
        where = {"project": case.file.project, "place": place, "truth": at.rest, "repeats": again}
        found.append({**where, "said": said, "traces": traces})
    return found


def _events(engine: Engine, prefix: str) -> tuple[list[dict[str, Any]], str]:
    """What `/completion` says after a healed prefix, as the events that a PrefixReader reads."""
    prompt, cut = heal(prefix)
    body = prefix_body(FillRequest(prefix, ""), cut, prompt)
    reply = engine.post("/completion", {**body, "temperature": 0, "stop": ["\n"]})
    tokens = reply.get("completion_probabilities", [])
    events = [{"content": each["token"], "completion_probabilities": [each]} for each in tokens]
    return [*events, {"content": "", "stop": True, "stop_type": reply.get("stop_type")}], cut


def _read(events: list[dict[str, Any]], cut: str, least: float | None) -> str:
    reader, said = PrefixReader(cut, least), ""
    for event in events:
        piece = event["content"]
        if "\n" in piece:  # the stop word: what stands before it is sent, then the end
            event = {**event, "content": piece.split("\n")[0]}  # noqa: PLW2901
        delta = reader.read(event)
        said += delta.text if delta else ""
        if reader.counts.complete or "\n" in piece:
            break
    if not reader.counts.complete:
        delta = reader.read({"content": "", "stop": True})
        said += delta.text if delta else ""
    return said


def figures(rows: list[Record], way: str) -> dict[str, float]:
    """Shares: shown of all; of those shown, right, first word right, whole line right; characters; kept of them.

    `kept` is the share of kept characters: right ones among all that were shown or were to be written. `net` is
    what a cursor gives: right characters less wrong ones.
    """
    pairs = [(row["truth"].rstrip(), row["said"][way].rstrip()) for row in rows if way in row["said"]]
    seen = [(truth, text) for truth, text in pairs if text.strip()]
    right = [text for truth, text in seen if truth.startswith(text)]
    count, kept, all_shown = max(1, len(seen)), sum(map(len, right)), sum(len(text) for _, text in seen)
    wanted = sum(len(truth) for truth, _ in pairs)
    return {
        "cases": len(pairs),
        "shown": round(len(seen) / max(1, len(pairs)), 3),
        "right": round(len(right) / count, 3),
        "first_word_right": round(sum(first_word(text) == first_word(truth) for truth, text in seen) / count, 3),
        "line_right": round(sum(text == truth for truth, text in seen) / count, 3),
        "characters": round(all_shown / count, 1),
        "right_characters_per_case": round(kept / max(1, len(pairs)), 2),
        "net": round((2 * kept - all_shown) / max(1, len(pairs)), 2),
        "kept": round(kept / max(1, all_shown + wanted - kept), 4),
    }


def at(rows: list[Record], place: str) -> list[Record]:
    """The records of a place; "line": all but those on an empty line."""
    return [row for row in rows if row["place"] == place or (place == "line" and row["place"] != "empty line")]


def halves(rows: list[Record]) -> dict[str, list[Record]]:
    """The projects to choose a threshold on, and those to report it on."""
    choice = set(sorted({row["project"] for row in rows})[::2])
    found: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        found["chosen_on" if row["project"] in choice else "reported_on"].append(row)
    return found


def pick(rows: list[Record], ways: list[str], *, least_right: float) -> str | None:
    """The way with the best share of kept characters inside a line, where so many of those shown are right."""
    tried = {way: figures(at(rows, "line"), way) for way in ways}
    good = {way: each["kept"] for way, each in tried.items() if each["right"] >= least_right and each["shown"]}
    return max(good, key=lambda way: good[way], default=None)


def summary(rows: list[Record], least_right: float) -> dict[str, Any]:
    """The best threshold of each measure, the best of those (`way`), their figures, the curve of each, the rivals."""
    both = halves(rows)
    curves = {
        **{
            f"{way} {measure}": [f"{way} {measure} {least}" for least in values]
            for way in FILLED
            for measure, values in LEAST.items()
        },
        "prefix": [f"prefix {least}" for least in OF_PREFIX],
    }
    chosen: dict[str, str | None] = {}
    told: dict[str, Any] = {}
    for name, ways in curves.items():
        asked = [row for row in both["chosen_on"] if ways[0] in row["said"]]
        chosen[name] = pick(asked, ways, least_right=least_right)
        told[name] = {way: figures(at(asked, "line"), way) for way in ways}
    # The prefix alone is asked of fewer cases: its figures are no rival for the choice.
    good = {way: told[name][way]["kept"] for name, way in chosen.items() if way is not None and name != "prefix"}
    ways = [
        *(way for way in chosen.values() if way is not None),
        *(f"{way} all" for way in FILLED),
        "prefix None",
        "copied",
    ]
    return {
        "least_right": least_right,
        "way": max(good, key=lambda way: good[way], default=None),
        "chosen": chosen,
        "repeats": {way: round(sum(row["repeats"][way] for row in rows) / max(1, len(rows)), 4) for way in FILLED},
        "ways": {
            way: {half: {place: figures(at(both[half], place), way) for place in PLACES} for half in HALVES}
            for way in ways
        },
        "curves": told,
    }


def filling(way: str) -> Filling:
    """How the card has a way asked: "healed mean -0.5", or "prefix -0.45", which is always of a token."""
    how, *of, least = way.split(" ")
    if how == "prefix":
        return Filling("prefix", float(least), "token")
    measure = next(each for each in get_args(Measure) if [each] == of)
    return Filling(next(each for each in FILLED if each == how), float(least), measure)


async def shipped(engine: Engine, desk: Desk, chosen: list[Case], way: str) -> list[Record]:
    """The same cases through the adapter as the card sets it up, and how long each took: cold, and one key later."""
    adapter, found = engine.adapter(filling(way)), list[Record]()
    for case in chosen:
        asked = desk.asked(case)
        took, text = list[float](), ""
        for request in (asked.request, replace(asked.request, prefix=asked.request.prefix + case.rest[:1])):
            began = time.perf_counter()
            told, _ = await trace(adapter, request, asked.situation)
            took.append(time.perf_counter() - began)
            if request is asked.request:
                text = shown(told, asked.situation, None, limited=False)
        found.append({"project": case.file.project, "truth": case.rest, "said": text, "cold": took[0], "warm": took[1]})
    await adapter.close()
    return found
