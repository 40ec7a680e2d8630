"""From the arguments of `lanyard.run` to an order: the target found again, the place, the bounds.

Owns reading the session for that. The order is made on the event loop, from values; the task in a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lanyard_analyzers.targets import Shape, Target, find_target, targets_at
from lanyard_server.feature import RequestFailed
from lanyard_server.index.use import slicer_of
from lanyard_server.positions import span
from lanyard_server.tasks.files import overlays_in, place_of
from lanyard_server.tasks.ignored import open_workspace
from lanyard_server.tasks.make import Draft, Order, make_task

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session
    from lanyard_server.tasks.requests import RunArguments

Drafting = Callable[[int], tuple[Draft | None, tuple[str, ...]]]
"""Makes the draft with a slice of at most so many tokens; for a thread."""


def drafting(session: Session, arguments: RunArguments) -> tuple[Drafting, str]:
    """What makes the draft of an order, from snapshots alone, and its language; raises RequestFailed with one line."""
    document = session.documents.get(arguments.uri)
    if document is None or document.syntax is None:
        raise RequestFailed("This document is not open or Lanyard knows no grammar for its language.")
    syntax, target, place = document.syntax, find_again(session, document, arguments), place_of(session, document)
    overlays, patterns = overlays_in(session, place.root), session.settings.privacy.ignore
    before = session.documents.before(document.uri)
    settings, slicer = session.settings, slicer_of(session, place.root)

    def draft(budget: int) -> tuple[Draft | None, tuple[str, ...]]:
        workspace = open_workspace(place.root, overlays, patterns)
        return make_task(
            Order(
                kind=arguments.kind,
                syntax=syntax,
                target=target,
                uri=document.uri,
                path=place.path,
                root=str(place.root),
                workspace=workspace,
                budget=budget,
                zones=settings.zones,
                diagnostic=arguments.diagnostic,
                diagnostic_line=arguments.line,
                before=before,
            ),
            slicer,
        )

    return draft, syntax.language


def find_again(session: Session, document: Document, arguments: RunArguments) -> Target:
    """The target that an action listed, in the document as it is now; raises RequestFailed where it is gone."""
    assert document.syntax is not None
    place = span(document.text, arguments.range, session.encoding)
    if arguments.shape is Shape.SELECTION:
        if arguments.version not in {None, document.version}:
            raise RequestFailed("The document was edited since these lines were selected; select them again.")
        return Target(Shape.SELECTION, arguments.name, place, document.syntax.language)
    for target in targets_at(document.syntax, place):
        if target.shape is arguments.shape and target.name == arguments.name:
            return target
    found = find_target(document.syntax, arguments.name, arguments.shape)
    if found is None:
        raise RequestFailed(f"{arguments.name or 'The target'} is not in this document any more.")
    return found
