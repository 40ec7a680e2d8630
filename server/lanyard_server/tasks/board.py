"""What waits for the user: proposals and reviews of one session, and where they stand in the text now.

Owns the entries and their way through later edits; knows no LSP. An entry whose code was edited moves with it, or
leaves with one line that says why. URIs of entries are canonical (`uris.canonical`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lanyard_analyzers.text import Span, Text
from lanyard_server.tasks.moves import Moves
from lanyard_server.tasks.results import Proposal, Review
from lanyard_server.uris import canonical


@dataclass(slots=True)
class Board:
    """Entries by id, in the order they came.

    `held` are the proposals that are being applied whole: their own edit, coming back as a change, overtakes them not.
    """

    proposals: dict[str, Proposal] = field(default_factory=dict[str, Proposal])
    reviews: dict[str, Review] = field(default_factory=dict[str, Review])
    held: set[str] = field(default_factory=set[str])

    def add(self, entry: Proposal | Review) -> None:
        """Put an entry up; one with the same id is replaced, so that a result is never shown twice."""
        if isinstance(entry, Proposal):
            self.proposals[entry.id] = entry
        else:
            self.reviews[entry.id] = entry

    def has(self, uri: str) -> bool:
        """Whether a document has an entry."""
        key = canonical(uri)
        return any(e.uri == key for e in (*self.proposals.values(), *self.reviews.values()))

    def remove(self, entry_id: str) -> Proposal | Review | None:
        """Take an entry down; None where it is not up (any more)."""
        return self.proposals.pop(entry_id, None) or self.reviews.pop(entry_id, None)

    def drop_finding(self, review_id: str, index: int) -> bool:
        """Take down one finding; True where that was the last of its review, which then goes too."""
        review = self.reviews.get(review_id)
        if review is None or not 0 <= index < len(review.findings):
            return False
        left = tuple(f for i, f in enumerate(review.findings) if i != index)
        if left:
            self.reviews[review_id] = replace(review, findings=left)
            return False
        del self.reviews[review_id]
        return True

    def follow(self, uri: str, now: Text) -> tuple[tuple[str, str], ...]:
        """Bring the entries of a document to its text as it is now.

        Returns (entry id, line for the user) for each entry that the edits overtook; those are taken down.
        """
        overtaken: list[tuple[str, str]] = []
        uri = canonical(uri)
        for proposal in [p for p in self.proposals.values() if uri in (p.uri, p.change.uri) and p.id not in self.held]:
            moved, why = follow_proposal(proposal, uri, now)
            if moved is None:
                del self.proposals[proposal.id]
                overtaken.append((proposal.id, why))
            else:
                self.proposals[proposal.id] = moved
        for review in [r for r in self.reviews.values() if r.uri == uri]:
            moved_review = follow_review(review, now)
            if moved_review is None:
                del self.reviews[review.id]
                overtaken.append((review.id, f"{review.title}: the code of its findings was edited; they are closed."))
            else:
                self.reviews[review.id] = moved_review
        return tuple(overtaken)


def follow_proposal(proposal: Proposal, uri: str, now: Text) -> tuple[Proposal | None, str]:
    """The proposal on the text as it is now, or None and why not."""
    change, moved = proposal.change, proposal
    if uri == change.uri:
        if change.base is None:
            return (
                None,
                f"{proposal.title}: {uri.rsplit('/', 1)[-1]} exists by now; the proposal is dropped. Run it again.",
            )
        if change.base.content != now.content:
            edits, problem = Moves.between(change.base, now).edits(change.edits)
            if edits is None:
                return (
                    None,
                    f"{proposal.title}: {problem or 'its code was edited'}; the proposal is dropped. Run it again.",
                )
            moved = replace(moved, change=replace(change, base=now, edits=edits))
    if uri == proposal.uri and proposal.base.content != now.content:
        anchor = Moves.between(proposal.base, now).span(proposal.anchor) or Span(0, 0)
        moved = replace(moved, base=now, anchor=anchor)
    return moved, ""


def follow_review(review: Review, now: Text) -> Review | None:
    """The review on the text as it is now; None where no finding has a place any more."""
    if review.base.content == now.content:
        return review
    moves = Moves.between(review.base, now)
    places = [(finding, moves.span(finding.span)) for finding in review.findings]
    kept = tuple(replace(finding, span=place) for finding, place in places if place is not None)
    if review.findings and not kept:
        return None
    anchor = moves.span(review.anchor) or Span(0, 0)
    return replace(review, base=now, anchor=anchor, findings=kept)
