"""The adapter of ctxbench: a query of the benchmark becomes a slice of ours, and a slice becomes its text.

Owns the translation alone: what stands in a slice is decided in `lanyard_analyzers`. `System` counts with tiktoken
where ctxbench's `tok` is importable, which stands for the tokenizer of the model; `Estimated` counts with our own
estimate. Nothing here looks at the cases.

    python ctxbench.py run --name lanyard --system PATH/adapter.py:System
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

# ctxbench starts its worker with a PYTHONPATH of its own
sys.path.insert(0, str(Path(__file__).parents[3] / "analyzers"))

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Target, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import DiskWorkspace

try:
    from lanyard_analyzers.slices.complete import build_context
except ImportError:  # an older tree, for comparison
    build_context = None


def _tokenizer() -> Callable[[str], int]:
    try:
        import tok  # of ctxbench, whose worker puts its folder on the path
    except ImportError:
        return estimate
    return tok.count


CONSTRUCTORS = ("__init__", "constructor")


class System:
    """Answers the queries of one repository after the other; the buffer of the last query stays open."""

    count: Callable[[str], int]

    def __init__(self) -> None:
        self.count = _tokenizer()
        self.root = ""
        self.open: tuple[str, str, Syntax] | None = None
        self.made = Slice()
        self.spent: list[float] = []

    def prepare(self, root: str) -> None:
        """The cold index: every record, and the tables over them."""
        self.root, self.open = root, None
        self.workspace = DiskWorkspace(Path(root))
        self.index = Index(self.workspace)
        for path in self.index.paths:
            self.index.record(path)
        next(iter(self.index.defining("prepare")), None)

    def context(  # noqa: PLR0917 (ctxbench calls it so)
        self, root: str, path: str, line: int, col: int, budget: int, task: str = "", text: str | None = None
    ) -> str:
        """The text of the slice for one query; at most `budget` tokens as `count` counts them."""
        begin = time.process_time()
        if root != self.root:
            self.prepare(root)
        found = self._found(root, path, line, col, budget, task, text)
        self.spent.append(time.process_time() - begin)
        return found

    def close(self) -> None:
        """The repository is done: its processor times go to the file that CONTEXT_TIMES names, the first call's not."""
        if "CONTEXT_TIMES" in os.environ:
            with open(os.environ["CONTEXT_TIMES"], "a", encoding="utf-8") as file:
                file.writelines(f"{seconds}\n" for seconds in self.spent[1:])
        self.spent.clear()

    def _found(  # noqa: PLR0917
        self, root: str, path: str, line: int, col: int, budget: int, task: str, text: str | None
    ) -> str:
        relative = os.path.relpath(path, root).replace(os.sep, "/")
        syntax = self._buffer(relative, Path(path).read_bytes().decode() if text is None else text)
        offset = min(syntax.text.starts[min(line, syntax.text.line_count - 1)] + col, len(syntax.text))
        request = self._request(syntax, relative, offset, budget)
        if task == "function":
            return self.function(request)
        return self.completion(replace(request, kind="complete", cursor=offset))

    def completion(self, request: SliceRequest) -> str:
        """What a completion at the cursor gets beside the buffer itself."""
        if build_context is None:
            return self.function(request)
        self.made, _ = build_context(request)
        return self.made.text

    def function(self, request: SliceRequest) -> str:
        """A refactor's slice without the lines of its target, as ctxbench counts the function apart.

        The head of a constructor stays: it is what the class around it is called by.
        """
        first, last = left_out(request)
        own = self.count("".join(f"{request.syntax.text.line_text(line)}\n" for line in range(first, last + 1)))
        self.made, _ = build_slice(replace(request, budget=request.budget + own))
        return without(self.made, request)

    def _request(self, syntax: Syntax, path: str, offset: int, budget: int) -> SliceRequest:
        target: Target = targets_at(syntax, Span(offset, offset))[0]
        return SliceRequest(
            "refactor", syntax, path, target, self.workspace, budget, count=self.count, index=self.index
        )

    def _buffer(self, path: str, content: str) -> Syntax:
        """The syntax of the buffer, in the index in place of its file; the last buffer is closed."""
        if self.open is not None and self.open[0] == path and self.open[1] == content:
            return self.open[2]
        if self.open is not None and self.open[0] != path:
            self.index.drop(self.open[0])
        syntax = parse(Text.of(content), language_of("", path) or "python")
        self.index.put(path, syntax)
        self.open = (path, content, syntax)
        return syntax


class Estimated(System):
    """The same with our own estimate of tokens, as for a model whose tokenizer is not at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.count = estimate


def left_out(request: SliceRequest) -> tuple[int, int]:
    """First and last line of the target; of a constructor, of what is below its head."""
    text, span = request.syntax.text, request.target.span
    first, last = text.line_of(span.start), text.line_of(max(span.start, span.end - 1))
    if request.target.name.rpartition(".")[2] in CONSTRUCTORS and request.index is not None:
        own = (one for one in request.index.symbols(request.path) if (one.first, one.last) == (first, last))
        first = next((one.head_end + 1 for one in own), first)
    return first, last


def without(made: Slice, request: SliceRequest) -> str:
    """The text of a slice but for the lines of its target that are left out."""
    first, last = left_out(request)
    lines = made.text.splitlines(keepends=True)
    return "".join(
        line
        for line, origin in zip(lines, made.origins, strict=False)
        if origin is None or origin.path != request.path or not first <= origin.line <= last
    )
