"""What a user would see: prompt, slice, adapter, engine and post-processing as the server runs them, and how sure
the model must be for it.

Owns the thresholds that are tried, and the choice among them: on every second of the held-out projects, reported on the
others. Right is a suggestion with which the author's own line goes on. A record is one cursor.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from typing import Any, get_args

from cases import Case
from desk import Desk, shown, trace
from engine import Engine
from lines import first_word, repeats
from rivals import longest_match

from lanyard_analyzers.complete import StreamStop, postprocess
from lanyard_analyzers.complete.repetition import loop_start
from lanyard_routing.adapters.base import Adapter
from lanyard_routing.adapters.echo import echo
from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.sure import Measure, Surety

LEAST: dict[Measure, tuple[float, ...]] = {
    "mean": (-0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7, -0.8, -0.9, -1.0, -1.2, -1.5, -2.0),
    "whole": (-0.2, -0.4, -0.6, -0.8, -1.0, -1.25, -1.5, -2.0, -2.5, -3.0, -4.0, -6.0, -9.0),
    "token": (-0.1, -0.2, -0.3, -0.45, -0.6, -0.8, -1.0, -1.25, -1.5, -2.0, -2.5, -3.5, -5.0),
}
WAY = "suffix_first"
"""How the shipped model is asked, in the card's word; records may hold other ways, of which nothing is told."""
ALONE = " alone"
"""Ends the name of a way in which what the text around the cursor said before is not heard (adapters/echo.py)."""
HALVES = ("chosen_on", "reported_on")
PLACES = ("line", "inside a word", "between words", "empty line")
Record = dict[str, Any]


async def records(adapter: Adapter, desk: Desk, case: Case) -> list[Record]:
    """The case's own cursor, and the one at the start of its line's code; the adapter lets all through."""
    found: list[Record] = []
    for place, at in ((case.place, case), ("empty line", case.at_code())):
        asked = desk.asked(at)
        told, limited = await trace(adapter, asked.request, asked.situation)
        said = {f"{WAY} all": shown(told, asked.situation, None, limited=limited)}
        again = echo(asked.request.prefix, asked.request.suffix)
        for measure, values in LEAST.items():
            for least in values:
                for ending, heard in (("", again), (ALONE, "")):
                    surety = Surety(least, measure, heard)
                    said[f"{WAY} {measure} {least}{ending}"] = shown(told, asked.situation, surety, limited=limited)
        copied = StreamStop(asked.situation)
        copied.feed(longest_match(asked.slim.prefix, asked.slim.suffix))
        said["copied"] = postprocess(copied.text, asked.situation)
        raw = "".join(piece for piece, _ in told)
        looped = repeats(raw) or loop_start(raw, ended="growing") is not None
        where = {"project": case.file.project, "place": place, "truth": at.rest, "repeats": {WAY: looped}}
        found.append({**where, "said": said, "traces": {WAY: told}})
    return found


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
    curves = {f"{WAY} {measure}": [f"{WAY} {measure} {least}" for least in values] for measure, values in LEAST.items()}
    chosen: dict[str, str | None] = {}
    told: dict[str, Any] = {}
    for name, ways in curves.items():
        chosen[name] = pick(both["chosen_on"], ways, least_right=least_right)
        told[name] = {way: figures(at(both["chosen_on"], "line"), way) for way in ways}
    good = {way: told[name][way]["kept"] for name, way in chosen.items() if way is not None}
    ways = [
        *(name for way in chosen.values() if way is not None for name in (way, way + ALONE)),
        f"{WAY} all",
        "copied",
    ]
    return {
        "least_right": least_right,
        "way": max(good, key=lambda way: good[way], default=None),
        "chosen": chosen,
        "repeats": {WAY: round(sum(row["repeats"][WAY] for row in rows) / max(1, len(rows)), 4)},
        "ways": {
            way: {half: {place: figures(at(both[half], place), way) for place in PLACES} for half in HALVES}
            for way in ways
        },
        "curves": told,
    }


def filling(way: str) -> Filling:
    """How the card has a way asked: "suffix_first mean -0.5"."""
    _, of, least = way.split(" ")
    return Filling(WAY, float(least), next(each for each in get_args(Measure) if each == of))


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
