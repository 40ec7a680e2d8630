"""From a kind and a target to a task: the slice, the prompt, the bounds.

Pure but for reading the workspace; runs in a worker thread, never on the event loop.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.redact import Redactions, redact
from lanyard_analyzers.slices import Problem, Slice, SliceRequest, build_slice
from lanyard_analyzers.targets import Shape, Target, complexity
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import SaysWhy
from lanyard_routing.roles import role_for
from lanyard_routing.task import Complexity, Kind, Message, Priority, Task, Zone
from lanyard_server.tasks.context import TaskContext
from lanyard_server.tasks.prompts import ASKS, title, user_message
from lanyard_server.tasks.test_files import file_for_tests

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_analyzers.text import Text
    from lanyard_analyzers.workspace import Workspace


REWRITES = frozenset({Kind.REFACTOR, Kind.DOCUMENT, Kind.FIX})
"""The kinds whose reply takes the target's place."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for: a kind of task about a target of a document.

    `budget` is the most tokens that the slice may have. `diagnostic` is the message that a fix is about, and
    `diagnostic_line` the 0-based line it stands at. `before` is the text as it was opened.
    """

    kind: Kind
    syntax: Syntax
    target: Target
    uri: str
    path: str
    root: str
    workspace: Workspace
    budget: int
    zones: tuple[Zone, ...] = (Zone.LOCAL, Zone.LAN)
    diagnostic: str = ""
    diagnostic_line: int | None = None
    before: Text | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A task ready to be submitted, with the slice that it sends."""

    task: Task
    slice: Slice

    def counted(self, ratio: float) -> Draft:
        """The same draft, where each estimated token stands for `ratio` of the model's own."""
        return replace(self, task=self.task.model_copy(update={"prompt_tokens": ceil(self.task.prompt_tokens * ratio)}))


Slicer = Callable[[SliceRequest], tuple[Slice, tuple[Problem, ...]]]
"""What cuts a slice: `build_slice`, or the index process of the workspace."""


def make_task(order: Order, slicer: Slicer = build_slice) -> tuple[Draft | None, tuple[str, ...]]:
    """Cut the slice and write the messages; None and one line each where the target may not or cannot be sent."""
    if not order.syntax.text.slice(order.target.span).strip():
        return None, (f"{order.target.name} is empty; there is nothing to send.",)
    refused = _by_settings(order)
    if refused:
        return None, (refused,)
    request = SliceRequest(
        kind=order.kind.value,
        syntax=order.syntax,
        path=order.path,
        target=order.target,
        workspace=order.workspace,
        budget=order.budget,
        diagnostic=order.diagnostic or None,
        diagnostic_line=order.diagnostic_line,
        before=order.before,
    )
    made, problems = slicer(request)
    lines = tuple(problem.message for problem in problems)
    if not made.text.strip():
        return None, lines or (f"Nothing of {order.path} may be sent.",)
    if order.kind in REWRITES and not _whole_target(order, made):
        # Code that the model has not seen would be missing from its answer.
        return None, (_too_large(order),)
    return Draft(_task(order, made), made), lines


def _whole_target(order: Order, made: Slice) -> bool:
    text, target = order.syntax.text, order.target.span
    shown = {origin.line for origin in made.origins if origin is not None and origin.path == order.path}
    last = text.line_of(max(target.start, target.end - 1))
    while last > text.line_of(target.start) and not text.line_text(last).strip():
        last -= 1
    return last in shown


def _too_large(order: Order) -> str:
    name = _spoken_name(order.target, order.path)
    tokens = estimate(order.syntax.text.slice(order.target.span))
    return (
        f"{name} has about {tokens} tokens and a slice may hold {order.budget}, so its new text would be cut off; "
        "choose a smaller part, or raise slices.budget."
    )


def _by_settings(order: Order) -> str:
    # Said here, since the slice's own line points to the ignore files.
    workspace = order.workspace
    why = workspace.excluded(order.path) if isinstance(workspace, SaysWhy) else None
    if why is None or "privacy.ignore" not in why:
        return ""
    return f"{order.path} is {why}, so nothing of it is sent; to allow it, take the pattern out of your settings"


def _task(order: Order, made: Slice) -> Task:
    ask, text, target = ASKS[order.kind], order.syntax.text, order.target
    role = role_for(order.kind)
    details = {"diagnostic": _concealed(order.diagnostic, made.redactions)}
    if order.diagnostic_line is not None:
        details["line"] = _concealed(text.line_text(order.diagnostic_line).strip(), made.redactions)
    test_path = test_base = None
    if order.kind is Kind.TEST:
        test_path, test_base = file_for_tests(order.path, order.syntax.language, order.workspace)
        details["tests"] = _where_tests_go(order.path, test_path, test_base)
    user = user_message(
        order.kind,
        name=_spoken_name(target, order.path),
        slice_text=made.text,
        fence=LANGUAGES[order.syntax.language].fences[0],
        details=details,
    )
    user = _storable(user)
    context = TaskContext(
        uri=order.uri,
        path=order.path,
        root=order.root,
        language=order.syntax.language,
        version=text.version,
        base=_storable(text.content),
        shape=target.shape,
        name=target.name,
        start=target.span.start,
        end=target.span.end,
        placeholders=_places(made.redactions, text.content),
        slice_tokens=made.tokens,
        whole_tokens=made.whole_tokens,
        test_path=test_path,
    )
    size = estimate(text.slice(target.span))
    return Task(
        id=uuid.uuid4().hex,
        kind=order.kind,
        priority=Priority.BACKGROUND,
        complexity=Complexity(complexity(order.syntax, target)),
        zones=order.zones,
        title=_storable(title(order.kind, _spoken_name(target, order.path), details["diagnostic"])),
        workspace=order.root,
        messages=(Message(role="system", content=role.system), Message(role="user", content=user)),
        sampling=role.sampling,
        max_tokens=ask.reply_base + int(ask.reply_factor * size),
        prompt_tokens=estimate(role.system) + estimate(user),
        reply_schema=ask.schema,
        context=context.model_dump(mode="json"),
    )


def _storable(text: str) -> str:
    """Half a character, which an editor's buffer can hold and no file, becomes `?`: as it is sent, and as long."""
    return text.encode("utf-8", "replace").decode()


def _concealed(line: str, redactions: Redactions) -> str:
    """A line for the model, its secrets replaced; those that the slice holds keep their placeholders."""
    return redact(line, redactions)[0]


def _places(redactions: Redactions, base: str) -> dict[str, tuple[int, int]]:
    """Where the originals of placeholders stand in the base: what is kept on disk instead of the secrets."""
    found = {placeholder: base.find(original) for placeholder, original in redactions.originals.items()}
    return {p: (at, at + len(redactions.originals[p])) for p, at in found.items() if at >= 0}


def _spoken_name(target: Target, path: str) -> str:
    if target.shape is Shape.FILE:
        return PurePosixPath(path).name
    return target.name


def _where_tests_go(path: str, test_path: str, test_base: str | None) -> str:
    if test_base is None:
        return f"They become the new file {test_path}; import what you test from {path} as this project imports."
    return f"They are added at the end of {test_path}, which exists; do not repeat what stands there."
