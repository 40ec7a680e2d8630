"""`lanyard/proposal`: a proposal with its hunks, for clients that show a diff of their own.

Owns the form. `lanyard.apply` takes the numbers of hunks where not all of them are wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lanyard_server.feature import Feature
from lanyard_server.tasks.proposing import proposal_now
from lanyard_server.tasks.requests import id_of

if TYPE_CHECKING:
    from lanyard_server.session import Session


async def proposal(session: Session, params: Any) -> dict[str, Any]:
    """`{"id", "title", "uri", "new", "before", "after", "evidence", "hunks"}`; lines of hunks are 0-based, and a
    hunk's `index` stays its own where others have been applied.
    """
    found = await proposal_now(session, id_of("lanyard/proposal", params))
    change = found.change
    base = change.base
    return {
        "id": found.id,
        "title": found.title,
        "uri": change.uri,
        "new": base is None,
        "before": base.content if base else "",
        "after": change.after(),
        "evidence": found.evidence.line(),
        "hunks": [
            {
                "index": index,
                "firstLine": base.line_of(edit.span.start) if base else 0,
                "before": base.slice(edit.span) if base else "",
                "after": edit.new,
            }
            for index, edit in change.numbered()
        ],
    }


FEATURE = Feature("lanyard/proposal", run="snapshot", handler=proposal, decode=lambda raw: raw)
