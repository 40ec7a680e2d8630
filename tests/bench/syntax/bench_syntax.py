"""What a keystroke costs in a large file: Lanyard's re-parse beside a fresh parse and the binding's floor.

Run by hand: `python tests/bench/syntax/bench_syntax.py [--lines N] [--keys N]`. Text is this machine's own: Python's
standard library, and the language fixtures repeated for the other grammars (many more top-level items than real files
have, which is what an incremental parse pays for). Prints milliseconds (p50, p95) of
  change    splicing the text, telling the tree, re-parsing: all that a didChange costs before LSP;
  floor     the binding's incremental parse alone, on bytes and points that are ready;
  fresh     a fresh parse of the same text;
  targets   listing the targets at the cursor after it, and for a selection of ten lines;
and the ratios of change to floor and of fresh to change. Keys are letters inside names (no errors) or anything at any
place (mostly errors). Rounds are interleaved, so that other load on the machine strikes all alike.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import tree_sitter

from lanyard_analyzers._bytes import Utf8
from lanyard_analyzers._parsing import edited
from lanyard_analyzers.languages import LANGUAGES, grammar_of
from lanyard_analyzers.syntax import parse, reparse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Edit, Span, Text

FIXTURES = Path(__file__).parents[2] / "data" / "analyzers" / "languages"


def sample(language: str, lines: int) -> str:
    if language == "python":
        library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
        pieces = (path.read_text(encoding="utf-8", errors="replace") for path in library)
    else:
        code = (FIXTURES / f"{language}.txt").read_text(encoding="utf-8").split("=== ")[0]
        pieces = (code for _ in range(lines))
    whole = ""
    while whole.count("\n") < lines:
        whole += next(pieces)
    return "\n".join(whole.split("\n")[:lines]) + "\n"


def timed(times: list[float], call: Callable[[], object]) -> object:
    start = time.perf_counter()
    result = call()
    times.append((time.perf_counter() - start) * 1000)
    return result


def run(language: str, lines: int, keys: int, place: str) -> None:
    text = Text.of(sample(language, lines))
    syntax = parse(text, language)
    source = random.Random(language)
    names = [found.end() for found in re.finditer(r"[a-z]{3,}", text.content)]
    change, floor, fresh, targets = list[float](), list[float](), list[float](), list[float]()
    for _ in range(keys):
        at = source.choice(names) if place == "names" else source.randrange(len(text))
        edit = Edit(Span(at, at), "x" if place == "names" else source.choice('ax (.\n"{'))

        def keystroke(edit: Edit = edit) -> object:
            after = text.replace(edit)
            return reparse(syntax, after, (edit,))

        after = text.replace(edit)
        data, old = Utf8(after.content).data, edited(syntax.tree, text.content, (edit,))
        parser = tree_sitter.Parser(grammar_of(language))
        timed(floor, lambda data=data, old=old, parser=parser: parser.parse(data, old))
        again = timed(change, keystroke)
        timed(targets, lambda again=again, at=at: targets_at(again, Span(at, at)))  # type: ignore[arg-type]
        timed(targets, lambda again=again, at=at: targets_at(again, Span(at, min(at + 400, len(text)))))  # type: ignore[arg-type]
        timed(fresh, lambda after=after: parse(after, language))
    p50, p95 = statistics.median, lambda times: statistics.quantiles(times, n=20)[18]
    print(
        f"{language:11} {place:6} {len(text):8,} | change {p50(change):6.2f} {p95(change):7.2f} "
        f"| floor {p50(floor):6.2f} | fresh {p50(fresh):7.2f} | targets {p50(targets):5.2f} {p95(targets):5.2f} "
        f"| change/floor {p50(change) / p50(floor):4.2f} | fresh/change {p50(fresh) / p50(change):5.1f}"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--lines", type=int, default=10_000)
    options.add_argument("--keys", type=int, default=40)
    options.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    chosen = options.parse_args()
    for language in chosen.languages:
        for place in ("names", "any"):
            run(language, chosen.lines, chosen.keys, place)


if __name__ == "__main__":
    main()
