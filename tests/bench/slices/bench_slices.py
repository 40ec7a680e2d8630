"""How long a slice takes, cold and warm, against the floor of reading and counting the files that it comes from.

    python tests/bench/slices/bench_slices.py

A 3,000-line Python module in a workspace of 200 files, a method in the middle of it; each kind of task, the first time
with an empty index, then the median and 95th percentile of 30 runs. Bar: 50 ms warm on two slow cores. The last column
is the ratio to the floor: read the files of the slice's pieces, and estimate their tokens, without looking at them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, find_target
from lanyard_analyzers.text import Text
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import DiskWorkspace

KINDS = ("review", "test", "refactor", "document", "explain", "fix", "edit", "complete")
RUNS = 30


def make(root: Path) -> str:
    """The workspace: 200 modules, one of them of 3,000 lines; gives that one's text."""
    (root / "app").mkdir()
    (root / "app" / "__init__.py").write_text("")
    for number in range(198):
        lines = [f"from app.m{(number * 7 + k) % 198:03} import helper_{(number * 7 + k) % 198}" for k in range(1, 4)]
        lines += ["", "", f"class Thing{number}:", '    """A thing."""', "", "    size: int = 3", ""]
        for k in range(12):
            lines += [f"    def act_{k}(self, value: int) -> int:", f'        """Do {k}."""', "        total = value"]
            lines += [f"        total += helper_{(number * 7 + 1) % 198}(value, {k})", "        return total", ""]
        lines += [
            "",
            f"def helper_{number}(value: int, factor: int = 1) -> int:",
            '    """Help."""',
            "    return value",
        ]
        (root / "app" / f"m{number:03}.py").write_text("\n".join(lines) + "\n")
    big = ["import json", "import logging", *(f"from app.m{n:03} import Thing{n}, helper_{n}" for n in range(20))]
    big += ["", "log = logging.getLogger(__name__)", "", ""]
    for number in range(30):
        big += [f"class Big{number}:", '    """Large."""', "", "    def __init__(self, thing: Thing3) -> None:"]
        big += ["        self.thing = thing", "        self.count = 0", ""]
        for k in range(15):
            big += [f"    def method_{k}(self, value: int) -> int:", '        """Do it."""']
            big += [
                f"        part = helper_{k}(value) + self.thing.act_{k % 12}(value)",
                "        log.info('%s', part)",
            ]
            big += [f"        return part + self.method_{(k + 1) % 15}(value)", ""]
        big += [""]
    (root / "app" / "big.py").write_text("\n".join(big))
    return "\n".join(big)


def timed(action: Callable[[], object]) -> list[float]:
    """Milliseconds of each of `RUNS` runs."""
    found: list[float] = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        action()
        found.append((time.perf_counter() - begin) * 1e3)
    return sorted(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        content = make(root)
        syntax = parse(Text.of(content), "python")
        target = find_target(syntax, "Big15.method_7", Shape.METHOD)
        assert target is not None
        print(f"{syntax.text.line_count} lines, 200 files")
        print(f"{'kind':10} {'cold':>7} {'p50':>7} {'p95':>7} {'tokens':>7} {'of whole':>9} {'x floor':>8}")
        for kind in KINDS:
            workspace = DiskWorkspace(root)
            index = Index(workspace)

            def run(kind: str = kind, index: Index = index, workspace: DiskWorkspace = workspace) -> Slice:
                request = SliceRequest(kind, syntax, "app/big.py", target, workspace, 3000, index=index)
                return build_slice(request)[0]

            begin = time.perf_counter()
            result = run()
            cold = (time.perf_counter() - begin) * 1e3
            paths = sorted({piece.path for piece in result.pieces})

            def floor(paths: list[str] = paths) -> object:
                return [estimate((root / path).read_text()) for path in paths]

            warm, least = timed(run), statistics.median(timed(floor))
            middle = statistics.median(warm)
            share = result.tokens / result.whole_tokens
            print(
                f"{kind:10} {cold:7.1f} {middle:7.1f} {warm[int(RUNS * 0.95)]:7.1f} "
                f"{result.tokens:7} {share:9.1%} {middle / least:8.2f}"
            )


if __name__ == "__main__":
    main()
