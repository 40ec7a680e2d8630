"""An endpoint that replays recorded replies, and says so: its model is called "replay".

Owns the recording's form and the choice of the reply to a task. `lanyard demo` uses it where a reply has to come from
a model that the machine has not got.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from lanyard_routing.adapters.make import Dialect
from lanyard_routing.task import Capability, Kind
from lanyard_routing.testing.script import Fault, Say, Script, ServedModel
from lanyard_routing.testing.scripted import Asked, ScriptedEndpoint

REPLAY_MODEL = "replay"

_ASKS = {
    Kind.REFACTOR: r"\bRefactor {name}",
    Kind.TEST: r"\btests for {name}",
    Kind.REVIEW: r"\bReview {name}",
    Kind.DOCUMENT: r"\bdocumentation comment of {name}",
    Kind.EXPLAIN: r"\bExplain {name}",
    Kind.FIX: r"{name} has this problem",
}
"""How the user message of each kind names its target; a recorded reply may bring a pattern of its own."""

_FENCED = re.compile(r"^(`{3,}).*?^\1`*$", re.DOTALL | re.MULTILINE)


class Recorded(BaseModel):
    """One recorded reply. `target` is the qualified name; `match` replaces the kind's pattern.

    `tokens_per_s` and `prefill_s` are how fast the reply came when it was recorded; 0 is at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    target: str
    text: str
    match: str | None = None
    tokens_per_s: float = Field(default=0.0, ge=0)
    prefill_s: float = Field(default=0.0, ge=0)

    def answers(self, message: str) -> bool:
        """Whether this reply belongs to a user message; code in fences is not looked at."""
        asked = _FENCED.sub("", message)
        pattern = self.match or _ASKS.get(self.kind, r"{name}").replace(
            "{name}", f"[`'\"]?{re.escape(self.target)}[`'\"]?"
        )
        return re.search(pattern, asked) is not None

    def say(self) -> Say:
        """The reply as an endpoint says it."""
        pace = 1 / self.tokens_per_s if self.tokens_per_s else 0.0
        return Say(text=self.text, pace_s=pace, prefill_s=self.prefill_s)


class Recording(BaseModel):
    """A file of recorded replies, and where they came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    replies: tuple[Recorded, ...]


def load_recording(path: Path) -> Recording:
    """A recording from its JSON file; raises OSError and pydantic's ValidationError."""
    return Recording.model_validate_json(path.read_bytes())


class ReplayEndpoint(ScriptedEndpoint):
    """See ScriptedEndpoint. A task with no recorded reply is refused (404), so that another worker can take it."""

    def __init__(
        self,
        recording: Recording,
        *,
        parameters: int = 32_000_000_000,
        slots: int = 2,
        dialects: Iterable[Dialect] = (Dialect.OPENAI, Dialect.LLAMACPP),
        port: int = 0,
    ) -> None:
        model = ServedModel(name=REPLAY_MODEL, parameters=parameters, context=32_768, capabilities=(Capability.CHAT,))
        super().__init__(Script(models=(model,), slots=slots), dialects=dialects, port=port)
        self.recording = recording

    def choose(self, asked: Asked) -> Say:
        """The recorded reply, at the pace that it was recorded at."""
        for recorded in self.recording.replies:
            if recorded.answers(asked.text):
                return recorded.say()
        return Say(fault=Fault.UNRECORDED)
