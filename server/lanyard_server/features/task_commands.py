"""The commands of the background lane: run, cancel, retry, apply, show diff, dismiss.

Owns the reading of arguments and the answer; the work is the coordinator's. `lanyard.run` answers with the task's
id as soon as the task is durable.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.applying import apply_edit
from lanyard_server.feature import Command, RequestFailed
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import APPLY, DIFF, DISMISS, DISMISS_FINDING
from lanyard_server.tasks.proposing import proposal_now, with_hunks
from lanyard_server.tasks.requests import (
    CANCEL,
    RETRY,
    RUN,
    finding_arguments,
    hunk_argument,
    id_argument,
    run_arguments,
)
from lanyard_server.tasks.show import show_document
from lanyard_server.tasks.workspace_edit import workspace_edit

if TYPE_CHECKING:
    from lanyard_server.session import Session
    from lanyard_server.tasks.results import Proposal


async def run(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Make a task and submit it; `{"task": id}`."""
    return {"task": await coordinator_of(session).order(run_arguments(arguments))}


async def cancel(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Cancel a task; `{"cancelled": false}` where it had ended."""
    return {"cancelled": await coordinator_of(session).cancel(id_argument(CANCEL, arguments))}


async def retry(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Submit a failed or cancelled task again; `{"task": new id}`."""
    return {"task": await coordinator_of(session).retry(id_argument(RETRY, arguments))}


async def apply(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Apply a proposal, or the hunks of it that the second argument lists; it stays up where the client refuses.

    What was not chosen stays up as a proposal of its own: `{"applied": true, "left": hunks that remain}`.
    """
    proposal = await proposal_now(session, id_argument(APPLY, arguments))
    indexes = hunk_argument(APPLY, arguments)
    chosen, rest = (proposal, None) if indexes is None else await with_hunks(proposal, indexes)
    under_way: set[str] = session.state.setdefault(__name__, set())
    if proposal.id in under_way:
        raise RequestFailed(f"{proposal.title} is being applied already.")
    under_way.add(proposal.id)
    board = coordinator_of(session).board
    try:
        _check_unedited(session, chosen)
        if rest is None:
            board.held.add(proposal.id)
        else:
            board.add(rest)  # before the edit comes back as a change, which would overtake the whole
        params = lsp.ApplyWorkspaceEditParams(edit=workspace_edit(session, chosen.change), label=proposal.title)
        answer = await apply_edit(session, params, chosen.change.uri, expected=chosen.change.after())
        why = "" if _applied(answer) else _failure(answer) or "the editor refused the edit"
    except RequestFailed as error:
        why = str(error)
    finally:
        under_way.discard(proposal.id)
        board.held.discard(proposal.id)
    if why:
        if rest is not None and proposal.id in board.proposals:
            board.add(proposal)
        raise RequestFailed(f"{proposal.title} was not applied: {why.rstrip('.')}. It is still there; try Apply again.")
    if rest is None:
        await _take_down(session, proposal.id)
        return {"applied": True}
    coordinator_of(session).refresh({proposal.uri})
    return {"applied": True, "left": len(rest.change.edits)}


def _check_unedited(session: Session, proposal: Proposal) -> None:
    """Raises RequestFailed where the text is another than that of the proposal, whose places would be wrong in it."""
    opened, base = session.documents.glance(proposal.change.uri), proposal.change.base
    if opened is not None and base is not None and opened.text.content != base.content:
        raise RequestFailed("the document was edited at this moment")


async def show_diff(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Open a proposal's unified diff as a document; the diff is in the answer too, for clients that draw it."""
    proposal = await proposal_now(session, id_argument(DIFF, arguments))
    diff = await asyncio.to_thread(proposal.diff, proposal.change.uri.rsplit("/", 1)[-1])
    try:
        await show_document(session, f"{proposal.id}.diff", diff)
    except OSError as error:
        raise RequestFailed(
            f"The diff cannot be written ({error.strerror or error}); make room and try again."
        ) from None
    return {"diff": diff, "uri": proposal.change.uri, "after": proposal.change.after()}


async def dismiss(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Take a proposal or a whole review down."""
    return {"dismissed": await _take_down(session, id_argument(DISMISS, arguments))}


async def dismiss_finding(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Take one finding of a review down."""
    review_id, index = finding_arguments(arguments)
    coordinator = coordinator_of(session)
    review = coordinator.board.reviews.get(review_id)
    if review is None or not 0 <= index < len(review.findings):
        return {"dismissed": False}
    last = coordinator.board.drop_finding(review_id, index)
    coordinator.refresh({review.uri})
    if last:
        await coordinator.close(review_id)
    return {"dismissed": True}


async def _take_down(session: Session, entry_id: str) -> bool:
    coordinator = coordinator_of(session)
    entry = coordinator.board.remove(entry_id)
    if entry is None:
        return False
    coordinator.refresh({entry.uri})
    await coordinator.close(entry_id)
    return True


def _applied(answer: Any) -> bool:
    return bool(answer.get("applied") if isinstance(answer, dict) else getattr(answer, "applied", False))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def _failure(answer: Any) -> str:
    found = answer.get("failureReason") if isinstance(answer, dict) else getattr(answer, "failure_reason", "")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return str(found or "")  # pyright: ignore[reportUnknownArgumentType]


COMMANDS = (
    Command(RUN, run),
    Command(CANCEL, cancel),
    Command(RETRY, retry),
    Command(APPLY, apply),
    Command(DIFF, show_diff),
    Command(DISMISS, dismiss),
    Command(DISMISS_FINDING, dismiss_finding),
)
