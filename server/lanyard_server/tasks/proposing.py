"""A proposal on the texts as they are now.

Owns the look-up that every command on a proposal begins with.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Text
from lanyard_server.feature import RequestFailed
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.files import current_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanyard_analyzers.text import Edit
    from lanyard_server.session import Session
    from lanyard_server.tasks.results import Proposal

_GONE = "This proposal is not there any more; run the code action again."


async def proposal_now(session: Session, entry_id: str) -> Proposal:
    """The proposal brought to the texts of now; raises RequestFailed with one line."""
    coordinator = coordinator_of(session)
    proposal = coordinator.board.proposals.get(entry_id)
    if proposal is None:
        raise RequestFailed(_GONE)
    texts = {uri: await current_text(session, uri) for uri in dict.fromkeys((proposal.uri, proposal.change.uri))}
    for uri, read in texts.items():
        opened = session.documents.glance(uri)
        text = opened.text if opened else read
        overtaken = dict(coordinator.follow(uri, text)) if text is not None else {}
        if entry_id in overtaken:
            coordinator.refresh({proposal.uri})
            raise RequestFailed(overtaken[entry_id])
        if text is None and uri == proposal.change.uri and proposal.change.base is not None:
            raise RequestFailed(f"{proposal.title}: its file is gone; dismiss it, or bring the file back.")
    found = coordinator.board.proposals.get(entry_id)
    if found is None:
        raise RequestFailed(_GONE)
    return found


async def with_hunks(proposal: Proposal, numbers: Sequence[int]) -> tuple[Proposal, Proposal | None]:
    """The proposal with these hunks alone, and what remains of it.

    Raises RequestFailed for a number that it has not, or no longer has, and where the hunks alone break the syntax.
    """
    hunks = proposal.change.numbered()
    wanted = set(numbers)
    if not wanted or not wanted <= {number for number, _ in hunks}:
        raise RequestFailed(
            f"{proposal.title}: that hunk is applied already, or never was; choose among those left.", -32602
        )
    if len(wanted) == len(hunks):
        return proposal, None
    chosen, rest = (
        _only(proposal, [hunk for hunk in hunks if (hunk[0] in wanted) is is_in]) for is_in in (True, False)
    )
    if await asyncio.to_thread(_breaks, chosen):
        raise RequestFailed(f"{proposal.title}: these hunks do not parse without the others; take them together.")
    return chosen, rest


def _only(proposal: Proposal, hunks: Sequence[tuple[int, Edit]]) -> Proposal:
    left, edits = tuple(number for number, _ in hunks), tuple(edit for _, edit in hunks)
    return replace(proposal, change=replace(proposal.change, edits=edits, left=left))


def _breaks(proposal: Proposal) -> bool:
    change = proposal.change
    if change.base is None:
        return False
    language = language_of("", change.uri, content=change.base.content)
    if language is None:
        return False
    return not parse(change.base, language).problems(1) and bool(parse(Text.of(change.after()), language).problems(1))
