"""What completion remembers for one session."""

from __future__ import annotations

from dataclasses import dataclass, field

from lanyard_server.completion.cache import Cache
from lanyard_server.completion.drawn import Drawn
from lanyard_server.completion.privacy import Privacy
from lanyard_server.completion.redaction import Redactor
from lanyard_server.completion.room import Room
from lanyard_server.completion.trouble import Trouble
from lanyard_server.completion.turns import Turns
from lanyard_server.session import Session

_NAME = "lanyard_server.completion"


@dataclass(slots=True)
class State:
    """The parts of a session's completion that outlive one request."""

    turns: Turns = field(default_factory=Turns)
    cache: Cache = field(default_factory=Cache)
    privacy: Privacy = field(default_factory=Privacy)
    redactor: Redactor = field(default_factory=Redactor)
    room: Room = field(default_factory=Room)
    trouble: Trouble = field(default_factory=Trouble)
    drawn: Drawn = field(init=False)
    others: tuple[tuple[str, str, str], tuple[str, ...]] | None = None
    """The place for which others were asked last (URI, prefix, suffix), and what came."""

    def __post_init__(self) -> None:
        self.drawn = Drawn(self.privacy)


def state_of(session: Session) -> State:
    """The session's completion state, made when first asked for."""
    found = session.state.get(_NAME)
    if found is None:
        found = session.state[_NAME] = State()
    return found
