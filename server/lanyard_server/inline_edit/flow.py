"""One inline edit: slice, question, streamed answer, checks, edits on the text as it is now.

Owns the order. Raises RequestFailed with one line; cancelling it closes the model's stream.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies import check_edit, code_edit, hunks, rebase
from lanyard_analyzers.slices import Slice, SliceRequest
from lanyard_analyzers.targets import Shape, Target, targets_at
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_analyzers.tokens import estimate
from lanyard_routing.adapters.base import ChatRequest, EndpointError
from lanyard_routing.roles import role_for
from lanyard_routing.router import NoWorker, RoutingError
from lanyard_routing.task import Capability, Kind, Message
from lanyard_server.chat.restore import Restorer
from lanyard_server.feature import RequestFailed
from lanyard_server.index.use import slicer_of
from lanyard_server.inline_edit.prompt import edit_message
from lanyard_server.inline_edit.stream import CodeStream
from lanyard_server.positions import span
from lanyard_server.tasks.files import Place, overlays_in, place_of
from lanyard_server.tasks.formatters import format_like_project
from lanyard_server.tasks.ignored import open_workspace

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_server.inline_edit.params import EditParams
    from lanyard_server.session import Document, Runtime, Session

_OPENING_S = 10.0
_REPLY_BASE, _REPLY_FACTOR = 512, 3.0
Take = Callable[[str], Awaitable[None]]
Begin = Callable[[Text, Span], None]


@dataclass(frozen=True, slots=True)
class InlineEdit:
    """What came of it: edits of whole lines in the coordinates of `text`, and what was checked."""

    text: Text
    edits: tuple[Edit, ...]
    checks: tuple[str, ...]
    problems: tuple[str, ...]
    worker: str
    model: str


@dataclass(frozen=True, slots=True)
class _Asked:
    document: Document
    syntax: Syntax
    target: Target
    place: Place
    slice: Slice
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    text: str
    worker: str
    model: str


async def edit_inline(session: Session, params: EditParams, take: Take, begin: Begin) -> InlineEdit:
    """Ask for the edit: what will be replaced goes to `begin`, then each line of the new text to `take` as it comes."""
    asked = await _asked(session, params)
    begin(asked.syntax.text, asked.target.span)
    answer = await _ask(await _opened(session), asked, params, take)
    after, checks, problems = await asyncio.to_thread(_checked, asked, answer.text)
    path = Path(asked.place.root) / asked.place.path
    base = asked.syntax.text
    done = await format_like_project(path, Path(asked.place.root), asked.syntax.language, base.content, after)
    after = after if done.content is None else done.content
    found = hunks(base.content, after)
    if not found:
        raise RequestFailed("The answer changes nothing; say it in other words, or try a larger model.")
    now = session.documents.glance(params.text_document.uri)
    if now is None:
        raise RequestFailed("The document was closed meanwhile; open it and ask again.")
    moved, why = rebase(found, base, now.text)
    if moved is None:
        raise RequestFailed(f"The edit no longer fits: {why}; ask again.")
    clause = (done.clause,) if done.clause else ()
    return InlineEdit(now.text, moved, (*checks, *clause), (*asked.problems, *problems), answer.worker, answer.model)


async def _asked(session: Session, params: EditParams) -> _Asked:
    document = session.documents.get(params.text_document.uri)
    if document is None or document.syntax is None:
        raise RequestFailed("This document is not open or Lanyard knows no grammar for its language.")
    syntax, place = document.syntax, place_of(session, document)
    target = _target(syntax, span(document.text, params.range, session.encoding))
    overlays = overlays_in(session, place.root)
    ignore, budget = session.settings.privacy.ignore, session.settings.slices.budget_for(Kind.EDIT)

    slicer = slicer_of(session, place.root)

    def cut() -> tuple[Slice, tuple[str, ...]]:
        workspace = open_workspace(place.root, overlays, ignore)
        request = SliceRequest("edit", syntax, place.path, target, workspace, budget, instruction=params.instruction)
        made, problems = slicer(request)
        return made, tuple(problem.message for problem in problems)

    made, problems = await asyncio.to_thread(cut)
    shown = {origin.line for origin in made.origins if origin is not None and origin.path == place.path}
    last = syntax.text.line_of(max(target.span.start, target.span.end - 1))
    if not made.text.strip() or (last not in shown and syntax.text.line_text(last).strip()):
        raise RequestFailed((problems or (f"Nothing of {place.path} may be sent.",))[0])
    return _Asked(document, syntax, target, place, made, problems)


def _target(syntax: Syntax, place: Span) -> Target:
    """The whole lines of a selection; for a mere cursor what it stands in, or its line."""
    text = syntax.text
    if not len(place):
        inner = targets_at(syntax, place)
        if inner and inner[0].shape in {Shape.FUNCTION, Shape.METHOD}:
            return inner[0]
    first, last = text.line_of(place.start), text.line_of(max(place.start, place.end - 1))
    whole = Span(text.starts[first], text.line_span(last).end)
    return Target(Shape.SELECTION, f"lines {first + 1}-{last + 1}", whole, syntax.language)


async def _opened(session: Session) -> Runtime:
    if session.runtime is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OPENING_S):
                await session.opened.wait()
    if session.runtime is None:
        raise RequestFailed("Lanyard could not start its models; run `lanyard doctor`, or ask again in a moment")
    return session.runtime


async def _ask(runtime: Runtime, asked: _Asked, params: EditParams, take: Take) -> _Answer:
    role, size = role_for(Kind.EDIT), estimate(asked.syntax.text.slice(asked.target.span))
    message = edit_message(
        name=asked.target.name,
        slice_text=asked.slice.text,
        fence=LANGUAGES[asked.syntax.language].fences[0],
        instruction=params.instruction,
    )
    request = ChatRequest(
        messages=(Message(role="system", content=role.system), Message(role="user", content=message)),
        max_tokens=_REPLY_BASE + int(_REPLY_FACTOR * size),
        sampling=role.sampling,
        model=params.model,
    )
    restorer, code = Restorer(asked.slice.redactions), CodeStream()
    parts: list[str] = []
    worker = model = ""
    stream = runtime.immediate.chat(request)
    try:
        async for delta in stream:
            model, worker = delta.model or model, delta.worker or worker
            piece = restorer.feed(delta.text)
            parts.append(piece)
            lines = code.feed(piece)
            if lines:
                await take(lines)
            if delta.finish == "length":
                raise RequestFailed("The model stopped at its length limit; select fewer lines.")
    except NoWorker as error:
        raise RequestFailed(runtime.immediate.missing(Capability.CHAT) or str(error)) from None
    except (RoutingError, EndpointError) as error:
        raise RequestFailed(str(error)) from None
    finally:
        await stream.aclose()
    parts.append(restorer.rest())
    return _Answer("".join(parts), worker, model)


def _checked(asked: _Asked, reply: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The file with the edit in it, what was checked, and what the edit still needs; raises RequestFailed."""
    edit, problems = code_edit(reply, asked.syntax, asked.target)
    if edit is None:
        why = problems[0].message if problems else "the answer holds no code"
        raise RequestFailed(f"Refused: {why}. Ask again, or choose a larger model.")
    checked, wrong = check_edit(asked.syntax, asked.target, edit)
    if checked is None:
        raise RequestFailed(f"Refused: {'; '.join(p.message for p in wrong)}. Ask again, or choose a larger model.")
    return checked.text.content, ("parsed",), tuple(problem.message for problem in problems)
