"""Whether the identifier at the cursor is in the first suggestion: with what other files give, and without.

Owns the choice of the identifiers and what counts as found. A record is one identifier at one cursor, asked for both
ways.
"""

from __future__ import annotations

import ast
import builtins
import random
import re
from typing import Any

from cases import Case, Held
from desk import Desk

from lanyard_analyzers.text import Text
from lanyard_routing.adapters.base import Adapter, FillRequest, Timeouts
from lanyard_routing.task import Sampling

SHARED_BY = 4  # files that define a name at most: what more define (`get`, `name`) is nobody's in particular
TYPED = 2
TOKENS = 10  # enough for a long identifier
SEEN_BEFORE, SEEN_AFTER = 2_500, 800  # characters around a cursor that a model sees
_NAME = re.compile(r"[^\W\d]\w*")
_DEFINES = re.compile(r"^\s*(async\s+def|def|class)\b")  # what stands there is being named, not used


Facts = dict[str, Any]


def choose(desk: Desk, files: list[Held], counts: tuple[int, int], rng: random.Random) -> list[tuple[Case, Facts]]:
    """So many cursors before identifiers that another file defines, and so many before any; of a line only one.

    Not in import lines, nor where a definition gives its name. The rest of the line is not yet written.
    """
    found: list[tuple[Case, Facts]] = []
    for file in files:
        found += [] if file.is_test else _identifiers(desk, file)
    rng.shuffle(found)
    kept: list[tuple[Case, Facts]] = []
    for drawn, count in zip(("cross", "any"), counts, strict=True):
        lines: dict[tuple[str, int], tuple[Case, Facts]] = {}
        for case, facts in found:
            if facts["cross"] or drawn == "any":
                lines.setdefault((case.file.path, facts["line"]), (case, {**facts, "drawn": drawn}))
        kept += list(lines.values())[:count]
    return kept


def _identifiers(desk: Desk, file: Held) -> list[tuple[Case, Facts]]:
    syntax = desk.open(file.path, file.text, file.language)
    record = desk.index.record(file.path)
    spans = [syntax.node_span(node) for node in syntax.captures("identifiers").get("identifier", ())] if syntax else []
    desk.close(file.path)
    imports = {line for one in (record.imports if record else ()) for line in range(one.first, one.last + 1)}
    own = _bound(file.text) | set(dir(builtins))
    text, found = Text.of(file.text), list[tuple[Case, Facts]]()
    for span in spans:
        line = text.line_of(span.start)
        whole, name = text.line_span(line), file.text[span.start : span.end]
        rest, head = file.text[span.start : whole.end], file.text[whole.start : span.start]
        if line in imports or len(name) < 3 or len(rest) > 120 or _DEFINES.search(head):
            continue
        definers = desk.definers[name]
        around = file.text[max(0, span.start - SEEN_BEFORE) : span.start] + file.text[span.end :][:SEEN_AFTER]
        seen = re.search(rf"\b{re.escape(name)}\b", around) is not None
        cross = name not in own and 0 < definers <= SHARED_BY
        found.append(
            (
                Case(file, span.start, rest),
                {"name": name, "line": line, "cross": cross, "seen": seen, "definers": definers},
            )
        )
    return found


def _bound(text: str) -> set[str]:
    """The names that a Python file defines or assigns to itself; what it imports is defined elsewhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)):
                found.add(name)
            case _:
                pass
    return found


async def records(adapter: Adapter, desk: Desk, case: Case, facts: Facts) -> list[Facts]:
    """One identifier, before anything of it is typed, and where it is longer, after its first TYPED characters."""
    found = [await _record(adapter, desk, case, {**facts, "typed": 0})]
    if len(facts["name"]) > TYPED + 1:
        later = Case(case.file, case.at + TYPED, case.rest[TYPED:])
        found.append(await _record(adapter, desk, later, {**facts, "typed": TYPED}))
    return found


async def _record(adapter: Adapter, desk: Desk, case: Case, facts: Facts) -> Facts:
    """What was said with the slice and without, and whether it is the one."""
    asked, typed = desk.asked(case), facts["name"][: facts["typed"]]
    said = {"with": await _said(adapter, asked.request), "without": await _said(adapter, asked.slim)}
    hit = {
        way: found.group() == facts["name"] if (found := _NAME.match(typed + text)) else False
        for way, text in said.items()
    }
    sent = sum(len(chunk.text) for chunk in asked.request.chunks)
    shown = any(re.search(rf"\b{re.escape(facts['name'])}\b", chunk.text) for chunk in asked.request.chunks)
    return {"project": case.file.project, **facts, "chunks": sent, "in_slice": shown, "said": said, "hit": hit}


async def _said(adapter: Adapter, request: FillRequest) -> str:
    short = FillRequest(
        request.prefix, request.suffix, request.chunks, request.path, TOKENS, Sampling(temperature=0.0, stop=("\n",))
    )
    return "".join([delta.text async for delta in adapter.fill(short, Timeouts())])
