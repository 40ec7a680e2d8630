"""`textDocument/codeLens`: above each function what can be run there, or the state of what runs there.

Off unless `lens.enabled`. Owns the titles and when a client is told to ask again; runs no model. The commands are the
task commands' (`features/task_commands.py`, `features/fleet_view.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_analyzers.targets import Shape, Target, definitions_in
from lanyard_routing.task import FINAL_STATES, Kind, State
from lanyard_server.feature import Feature, RequestFailed
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import DIFF
from lanyard_server.tasks.files import can_have_tasks
from lanyard_server.tasks.requests import CANCEL, RUN, arguments_for
from lanyard_server.uris import canonical
from lanyard_server.watching import Watch

if TYPE_CHECKING:
    from lanyard_routing.task import Status
    from lanyard_server.session import Document, Session
    from lanyard_server.tasks.board import Board

_NEWEST = 100  # tasks that are looked through for those under way
_WHY = "lanyard.task.why"
_OFFERED = ((Kind.REVIEW, "Review"), (Kind.TEST, "Write tests"))
_DOING = {
    Kind.REVIEW: "reviewing",
    Kind.TEST: "writing tests",
    Kind.REFACTOR: "refactoring",
    Kind.DOCUMENT: "documenting",
    Kind.EXPLAIN: "explaining",
    Kind.FIX: "fixing",
}

_LATER = f"{__name__}.later"
_Key = tuple[str, str]


async def code_lens(session: Session, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    """The lenses of a document, function by function; none where they are off or the language has no grammar."""
    if not session.settings.lens.enabled:
        return []
    tasks: Iterable[Status] = ()
    if session.runtime is not None:
        _watch(session)
        tasks = await session.runtime.router.list(_NEWEST)
    elif _LATER not in session.state and _can_be_told(session):
        session.state[_LATER] = session.spawn(_once_opened(session), "lenses")
    # Only now: what is on the board would be taken to a text that was edited meanwhile.
    document = session.documents.get(params.text_document.uri)
    if document is None or document.syntax is None or not can_have_tasks(document):
        return []
    under_way = _under_way(document, tasks)
    board = coordinator_of(session).followed(document)
    targets = [one for one in definitions_in(document.syntax) if one.shape in {Shape.FUNCTION, Shape.METHOD}]
    lenses: list[lsp.CodeLens] = []
    for target in targets:
        line = document.text.line_of(target.span.start)
        at = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
        running = under_way.get((target.shape.value, target.name))
        for title, command, arguments in _entries(session, document, target, running, board):
            lenses.append(lsp.CodeLens(range=at, command=lsp.Command(title, command, arguments=arguments)))
    return lenses


def _entries(
    session: Session, document: Document, target: Target, running: Status | None, board: Board
) -> Iterable[tuple[str, str, list[Any]]]:
    """(title, command, arguments) above one function."""
    if running is not None:
        yield _state(running), _WHY, [running.task.id]
        yield "Cancel", CANCEL, [running.task.id]
        return
    uri = canonical(document.uri)
    for proposal in board.proposals.values():
        if proposal.uri == uri and target.span.covers(proposal.anchor):
            yield "proposal waits", DIFF, [proposal.id]
    found = sum(
        target.span.covers(finding.span)
        for review in board.reviews.values()
        if review.uri == uri
        for finding in review.findings
    )
    for kind, label in _OFFERED:
        more = f" ({found} finding{'s' * (found > 1)})" if found and kind is Kind.REVIEW else ""
        yield f"{label}{more}", RUN, [arguments_for(document, target, kind, session.encoding)]


def _under_way(document: Document, statuses: Iterable[Status]) -> dict[_Key, Status]:
    """The newest task that is not over of each function, by its shape and name."""
    uri = canonical(document.uri)
    found: dict[_Key, Status] = {}
    for status in statuses:
        about = status.task.context
        if status.state not in FINAL_STATES and canonical(str(about.get("uri", ""))) == uri:
            found.setdefault((str(about.get("shape", "")), str(about.get("name", ""))), status)
    return found


def _state(status: Status) -> str:
    doing = _DOING.get(status.task.kind, "working")
    if status.state is State.RUNNING:
        return f"{doing} at {status.worker}" if status.worker else doing
    return f"{doing}: {status.position} ahead" if status.position else f"{doing}: waiting"


def follow_settings(session: Session, _: Any) -> None:
    """Lenses may be on or off once the settings have been read anew."""
    enabled = session.settings.lens.enabled

    def reread() -> None:
        nonlocal enabled
        if session.settings.lens.enabled != enabled:
            enabled = not enabled
            session.spawn(_ask_again(session), "lenses")

    if _can_be_told(session):
        session.reread.append(reread)


async def _once_opened(session: Session) -> None:
    """Lenses were asked for while the queue was being opened: from now on there are tasks to tell of."""
    await session.opened.wait()
    if session.runtime is not None:
        _watch(session)
        await _ask_again(session)


async def _ask_again(session: Session) -> None:
    try:
        await session.out.request(lsp.WORKSPACE_CODE_LENS_REFRESH, None)
    except RequestFailed as error:
        session.out.log(f"{lsp.WORKSPACE_CODE_LENS_REFRESH}: {error}")


def _watch(session: Session) -> None:
    """From the first request on, where the client can be told: of changes of the queue, and of the board."""
    if __name__ not in session.state and _can_be_told(session):
        session.state[__name__] = watch = Watch(session, partial(_ask_again, session), name="lenses")
        coordinator_of(session).listen(watch.changed)


def _can_be_told(session: Session) -> bool:
    told = session.capabilities.workspace
    return bool(told and told.code_lens and told.code_lens.refresh_support)


FEATURES = (
    Feature(lsp.TEXT_DOCUMENT_CODE_LENS, run="snapshot", handler=code_lens, options=lsp.CodeLensOptions()),
    Feature("initialized", run="session", handler=follow_settings),
)
