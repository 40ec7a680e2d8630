"""The commands of the background lane: run, cancel, retry, apply, show diff, dismiss.

Owns the reading of arguments and the answer; the work is the coordinator's. `lanyard.run` answers with the task's
id as soon as the task is durable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.feature import Command, RequestFailed
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import APPLY, DIFF, DISMISS, DISMISS_FINDING
from lanyard_server.tasks.files import current_text
from lanyard_server.tasks.requests import CANCEL, RETRY, RUN, finding_arguments, id_argument, run_arguments
from lanyard_server.tasks.results import Proposal
from lanyard_server.tasks.show import refresh, show_document
from lanyard_server.tasks.workspace_edit import workspace_edit

if TYPE_CHECKING:
    from lanyard_server.session import Session


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
    """Apply a proposal through the client; it stays up where the client refuses."""
    proposal = _proposal(session, id_argument(APPLY, arguments))
    document = session.documents.get(proposal.change.uri)
    edit = workspace_edit(session, proposal.change, document.version if document else None)
    answer = await session.out.request(
        lsp.WORKSPACE_APPLY_EDIT, lsp.ApplyWorkspaceEditParams(edit=edit, label=proposal.title)
    )
    if not _applied(answer):
        why = _failure(answer) or "the editor refused the edit"
        raise RequestFailed(f"{proposal.title} was not applied: {why}. It is still there; try Apply again.")
    await _take_down(session, proposal.id)
    return {"applied": True}


async def show_diff(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Open a proposal's unified diff as a document; the diff is in the answer too, for clients that draw it."""
    proposal = _proposal(session, id_argument(DIFF, arguments))
    diff = proposal.diff(proposal.change.uri.rsplit("/", 1)[-1])
    await show_document(session, f"{proposal.id}.diff", diff)
    return {"diff": diff, "uri": proposal.change.uri, "after": proposal.change.after()}


async def dismiss(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Take a proposal or a whole review down."""
    return {"dismissed": await _take_down(session, id_argument(DISMISS, arguments))}


async def dismiss_finding(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Take one finding of a review down."""
    review_id, index = finding_arguments(arguments)
    coordinator = coordinator_of(session)
    review = coordinator.board.reviews.get(review_id)
    if review is None:
        return {"dismissed": False}
    if coordinator.board.drop_finding(review_id, index):
        await coordinator.close(review_id)
    refresh(session, coordinator.board, {review.uri})
    return {"dismissed": True}


def _proposal(session: Session, entry_id: str) -> Proposal:
    """The proposal on the texts as they are now; raises RequestFailed with one line."""
    coordinator = coordinator_of(session)
    proposal = coordinator.board.proposals.get(entry_id)
    if proposal is None:
        raise RequestFailed("This proposal is not there any more; run the code action again.")
    for uri in {proposal.uri, proposal.change.uri}:
        text = current_text(session, uri)
        overtaken = dict(coordinator.board.follow(uri, text)) if text is not None else {}
        if entry_id in overtaken:
            refresh(session, coordinator.board, {proposal.uri})
            raise RequestFailed(overtaken[entry_id])
    return coordinator.board.proposals[entry_id]


async def _take_down(session: Session, entry_id: str) -> bool:
    coordinator = coordinator_of(session)
    entry = coordinator.board.remove(entry_id)
    if entry is None:
        return False
    refresh(session, coordinator.board, {entry.uri})
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
