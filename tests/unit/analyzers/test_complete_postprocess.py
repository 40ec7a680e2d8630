"""Golden cases: what of a model's reply is shown at the cursor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_analyzers.complete import postprocess, situate
from lanyard_analyzers.complete.postprocess import FILTERS, refresh
from lanyard_analyzers.text import Text

DATA = Path(__file__).parents[2] / "data" / "complete" / "postprocess"
CURSOR = "$0"


@dataclass(frozen=True)
class Case:
    title: str
    language: str | None
    finish: Literal["stop", "length"]
    document: str
    reply: str
    shown: str


def _visible(text: str) -> str:
    return text.replace("→", "\t").replace("·", " ").replace("␍", "\r").removesuffix("\n")


def _case(block: str) -> Case:
    head, document, reply, shown = re.split(r"^--- \w+\n", block, flags=re.MULTILINE)
    title, *settings = head.strip().split("\n")
    given_settings = dict(line.split(": ") for line in settings)
    language = given_settings.get("language", "python")
    finish = given_settings.get("finish", "stop")
    assert finish in ("stop", "length")
    return Case(
        title.strip(),
        None if language == "-" else language,
        finish,  # pyright: ignore[reportArgumentType]
        _visible(document),
        _visible(reply),
        _visible(shown),
    )


def cases() -> list[Case]:
    return [
        _case(block)
        for file in sorted(DATA.glob("*.txt"))
        for block in re.split(r"^===", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    ]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_golden(case: Case, line_end: str) -> None:
    assert case.document.count(CURSOR) == 1
    before, after = (part.replace("\n", line_end) for part in case.document.split(CURSOR))
    text = Text.of(before + after)
    inserted = postprocess(case.reply, situate(text, len(before), case.language), finish=case.finish)
    marked = f"«{inserted}»" if inserted else ""
    assert (before + marked + after).replace("\r\n", "\n") == case.shown


def test_every_filter_has_a_case_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__("lanyard_analyzers.complete.postprocess", fromlist=["FILTERS"])
    for left_out in FILTERS:
        monkeypatch.setattr(module, "FILTERS", tuple(step for step in FILTERS if step is not left_out))
        wrong = 0
        for case in cases():
            before, after = case.document.split(CURSOR)
            situation = situate(Text.of(before + after), len(before), case.language)
            shown = postprocess(case.reply, situation, finish=case.finish)
            wrong += before + (f"«{shown}»" if shown else "") + after != case.shown
        assert wrong, f"no case needs {left_out.__name__}"


def test_what_is_left_after_typing_still_gives_way_to_the_document() -> None:
    text = Text.of("print(total)")
    assert refresh("al, tax)", situate(text, len("print(tot"), "python")) == "al, tax)"
    text = Text.of("print(tot)")
    assert refresh("al, tax)", situate(text, len("print(tot"), "python")) == "al, tax"


CODE = st.text(alphabet=st.sampled_from("ab \t\n\r(){}[]\"'`#:/\\<|>é😀\u2028.,=@"), max_size=60)


@given(document=CODE, reply=CODE, offset=st.integers(-3, 70), language=st.sampled_from(["python", "rust", "tsx", None]))
def test_no_reply_makes_a_filter_fail(document: str, reply: str, offset: int, language: str | None) -> None:
    situation = situate(Text.of(document), offset, language)
    shown = postprocess(reply, situation)
    assert "\r" not in shown
    assert shown == "" or shown.strip()
