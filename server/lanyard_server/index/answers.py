"""What an index process answers: slices, and the context of completions.

Owns going from a question to the analyzers' request and back, and the last look before anything is handed out: what a
slice shows is on disk or in a buffer as it is shown, and may be shown. Used from one thread.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices.complete import build_context
from lanyard_analyzers.slices.model import Problem, Slice, SliceRequest
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.messages import (
    AskContext,
    AskSlice,
    Context,
    ContextPiece,
    Failed,
    Sliced,
    SliceQuestion,
)
from lanyard_server.index.shelf import Shelf

_TRIES = 4  # files can change between two looks at them; more often than this, the caller does without
_CONTEXTS = 64
_FIRST_CHARACTERS = 250_000
"""Of other files, read for a completion's context while the index is not complete: about 50 ms of work."""
_SECRET = re.compile(r"LANYARD_SECRET_\d+")

Made = tuple[Slice, tuple[Problem, ...]]
Build = Callable[[SliceRequest], Made]
"""`build_slice` or `build_context`."""


@dataclass(frozen=True, slots=True)
class _Given:
    """The context that a buffer was given last: for what, which definitions it shows, of which contents."""

    scope: tuple[object, ...]
    places: frozenset[tuple[str, int]]
    contents: dict[str, int]
    pieces: tuple[ContextPiece, ...]


class Answers:
    """Answers to questions about one workspace."""

    def __init__(self, shelf: Shelf, buffers: Buffers) -> None:
        self._shelf, self._buffers = shelf, buffers
        self._given: OrderedDict[str, _Given] = OrderedDict()

    def slice(self, asked: AskSlice) -> Sliced | Failed:
        """A slice that holds for the files as they are when it is given."""
        from lanyard_analyzers.slices.build import build_slice  # noqa: PLC0415 - a completion comes first, and needs none

        begun = time.perf_counter()
        question = asked.question
        if question.language not in LANGUAGES:
            return Failed(asked.id, "language")
        syntax = self._syntax(question)
        made = self.true(build_slice, self._request(question, syntax))
        if made is None:
            return Failed(asked.id, "unsettled")
        answer, problems = replace(made[0], dropped=()), made[1]
        return Sliced(asked.id, answer, problems, wall_ms=1000 * (time.perf_counter() - begun))

    def context(self, asked: AskContext) -> Context | Failed:
        """The pieces of other files for a completion.

        They stay the same while someone types: until the enclosing definition or the imports are others, or until
        what is needed now is not among them, since a model server has read what came first already.
        """
        begun = time.perf_counter()
        if self._buffers.version(asked.path) != asked.version:
            return Failed(asked.id, "version")
        syntax = self._buffers.syntax(asked.path)
        if syntax is None:
            return Failed(asked.id, "language")
        offset = max(0, min(asked.offset, len(syntax.text)))
        target = _enclosing(syntax, offset)
        request = SliceRequest(
            kind="complete",
            syntax=syntax,
            path=asked.path,
            target=target,
            workspace=self._shelf.live,
            budget=asked.budget,
            index=self._shelf.index,
            cursor=offset,
            recent=asked.recent,
        )
        # The first context must not wait for all that a large file imports, of which little has room in it.
        with nullcontext() if self._shelf.complete else self._shelf.rationed(_FIRST_CHARACTERS):
            made = self.true(build_context, request)
        if made is None:
            return Failed(asked.id, "unsettled")
        pieces = self._steady(asked, (target.name, asked.budget), made[0])
        text = syntax.text
        first, last = text.line_of(target.span.start), text.line_of(max(target.span.start, target.span.end - 1))
        return Context(asked.id, pieces, first, last, 1000 * (time.perf_counter() - begun))

    def _steady(self, asked: AskContext, scope: tuple[object, ...], made: Slice) -> tuple[ContextPiece, ...]:
        places = frozenset((piece.path, piece.first_line) for piece in made.pieces)
        contents = {path: hash(self._shelf.index.content(path)) for path, _ in places}
        before = self._given.get(asked.path)
        if before and before.scope == scope and places <= before.places and contents == before.contents:
            return before.pieces
        pieces = _pieces(made, asked.path)
        self._given[asked.path] = _Given(scope, places, contents, pieces)
        self._given.move_to_end(asked.path)
        if len(self._given) > _CONTEXTS:
            self._given.popitem(last=False)
        return pieces

    def _syntax(self, question: SliceQuestion) -> Syntax:
        """The tree of the question's text: that of the buffer where it is the same text."""
        known = self._buffers.syntax(question.path)
        if known is not None and known.language == question.language and known.text.content == question.text:
            return known
        return parse(Text.of(question.text), question.language)

    def _request(self, question: SliceQuestion, syntax: Syntax) -> SliceRequest:
        return SliceRequest(
            kind=question.kind,
            syntax=syntax,
            path=question.path,
            target=question.target,
            workspace=self._shelf.live,
            budget=question.budget,
            diagnostic=question.diagnostic,
            instruction=question.instruction,
            index=self._shelf.index,
            cursor=question.cursor,
            before=None if question.before is None else Text.of(question.before),
            recent=question.recent,
            diagnostic_line=question.diagnostic_line,
        )

    def true(self, build: Build, request: SliceRequest) -> Made | None:
        """What `build` makes of a request, true of the files as they are now; None where they do not hold still."""
        shelf, path, syntax = self._shelf, request.path, request.syntax
        shelf.live.refresh()
        self._lay_buffers()
        own = self._buffers.syntax(path)
        borrowed = own is None or own is not syntax
        if borrowed and shelf.live.excluded(path) is None:
            shelf.lay(path, syntax)
        try:
            read: set[str] = set()  # what was just written has no stamp to go by, but was read for this very question
            for _ in range(_TRIES):
                made, problems = build(request)
                stale = shelf.stale(_shown(made) - {path}, unless_unsettled=read)
                if not stale:
                    return made, problems
                for one in stale:
                    shelf.renew(one)
                    read.add(one)
        finally:
            if borrowed:
                shelf.lift(path)
                if own is not None:
                    shelf.lay(path, own)
        return None

    def _lay_buffers(self) -> None:
        """What was opened, changed or closed since the last question counts from now on."""
        changed = set(self._buffers.changed())
        for path in sorted(changed | self._shelf.buffers):
            allowed = self._shelf.live.excluded(path) is None
            syntax = self._buffers.syntax(path) if allowed and path in changed else None
            if syntax is not None:
                self._shelf.lay(path, syntax)
            elif path in changed or not allowed:
                self._shelf.lift(path)


def _shown(made: Slice) -> set[str]:
    """The files that a slice shows anything of."""
    return {origin.path for origin in made.origins if origin is not None} | {piece.path for piece in made.pieces}


def _pieces(made: Slice, own: str) -> tuple[ContextPiece, ...]:
    """The parts of a slice that are of other files, each file's together, in the order of the slice.

    A placeholder would be restored to some other secret of the prompt, or to none: it becomes `***` for good.
    """
    found: dict[str, list[str]] = {}
    between: list[str] = []
    path = ""
    for line, origin in zip(_SECRET.sub("***", made.text).split("\n"), made.origins, strict=False):
        if origin is None:
            between.append(line)
            continue
        if origin.path == path and path != own:
            found[path] += between
        between, path = [], origin.path
        if path != own:
            found.setdefault(path, []).append(line)
    return tuple(ContextPiece(path, "\n".join(lines)) for path, lines in found.items())


def _enclosing(syntax: Syntax, offset: int) -> Target:
    """The function or class around an offset, else the whole file; on an empty line, what the text before it is in."""
    line = syntax.text.line_span(syntax.text.line_of(offset))
    if not syntax.text.slice(line).strip():
        offset = len(syntax.text.content[:offset].rstrip())
    targets = targets_at(syntax, Span(offset, offset))
    return next((one for one in targets if one.shape is not Shape.SELECTION), targets[-1])
