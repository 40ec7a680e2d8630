"""What other files give to a completion's prompt.

Owns the choice of where it comes from: the index of the workspace, and as long as that says nothing, open documents of
the same language that changed last. Nothing comes from a file that the ignore rules exclude.
"""

from __future__ import annotations

from collections import OrderedDict

from lanyard_analyzers.complete import Excerpt, Source, choose_excerpts
from lanyard_analyzers.complete.excerpts import Definition, definitions_of, names_around
from lanyard_server.completion.privacy import Privacy
from lanyard_server.index.use import service_of
from lanyard_server.session import Document, Session

DOCUMENTS = 6
LARGEST = 400_000
"""Characters; a longer document is generated, and reading its definitions would delay a key."""
_REMEMBERED = 32


class Drawn:
    """The definitions of open documents, read once for each version."""

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy
        self._definitions: OrderedDict[str, tuple[int, tuple[Definition, ...]]] = OrderedDict()

    def foresee(self, session: Session, document: Document, offset: int, budget: int) -> None:
        """Excerpts for a completion at `offset` will be asked for; `budget` is in tokens."""
        service = service_of(session)
        if service is not None and budget > 0:
            service.foresee(document, offset, budget)

    async def excerpts(self, session: Session, document: Document, offset: int) -> tuple[Excerpt, ...]:
        """Excerpts for a completion at `offset`, what changes least first."""
        service, root = service_of(session), session.root_of(document.path)
        found = None if service is None else await service.context(document)
        if found and root is not None:
            return tuple(one for one in found if self._privacy.refused(session, root.path / one.path) is None)
        return self._from_open(session, document, offset)

    def _from_open(self, session: Session, document: Document, offset: int) -> tuple[Excerpt, ...]:
        """The least recently changed document first."""
        sources: list[Source] = []
        for uri in session.documents.uris():
            other = None if uri == document.uri else session.documents.glance(uri)
            if other is None or not self._serves(session, document, other):
                continue
            sources.append(Source(_shown_path(session, other), self._definitions_of(other)))
            if len(sources) == DOCUMENTS:
                break
        return choose_excerpts(sources, names_around(document.text, offset)) if sources else ()

    def _serves(self, session: Session, document: Document, other: Document) -> bool:
        return (
            other.language is not None
            and other.language == document.language
            and len(other.text) <= LARGEST
            and self._privacy.excluded(session, other) is None
        )

    def _definitions_of(self, document: Document) -> tuple[Definition, ...]:
        known = self._definitions.get(document.uri)
        if known is None or known[0] != document.version:
            known = self._definitions[document.uri] = (document.version, definitions_of(document.text))
            if len(self._definitions) > _REMEMBERED:
                self._definitions.popitem(last=False)
        self._definitions.move_to_end(document.uri)
        return known[1]


def _shown_path(session: Session, document: Document) -> str:
    """The path as a model sees it: relative to its workspace folder, else the bare name."""
    if document.path is None:
        return document.uri.rpartition("/")[2]
    root = session.root_of(document.path)
    return document.path.relative_to(root.path).as_posix() if root else document.path.name
