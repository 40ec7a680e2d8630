"""The task model: the words that every other part of routing is built on.

A task is one piece of model work, ready to be sent: it holds the messages already rendered. Owns the values
and their JSON form (tasks cross process and host boundaries); must not know how a task is queued, routed or
answered, nor what a syntax tree is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What a task is for."""

    COMPLETE = "complete"
    CHAT = "chat"
    EDIT = "edit"
    REFACTOR = "refactor"
    TEST = "test"
    REVIEW = "review"
    DOCUMENT = "document"
    EXPLAIN = "explain"
    FIX = "fix"
    OPTIMIZE = "optimize"
    SECURITY = "security"
    RESEARCH = "research"


class Priority(StrEnum):
    """Who is waiting: someone at the cursor, someone who goes on typing, nobody."""

    IMMEDIATE = "immediate"
    BACKGROUND = "background"
    BATCH = "batch"


class Complexity(StrEnum):
    """How much a task asks of a model; computed from the syntax, never asked of the user."""

    SIMPLE = "simple"
    MODERATE = "moderate"
    COMPLEX = "complex"


class Zone(StrEnum):
    """Where an endpoint lives: loopback, private addresses, everything else."""

    LOCAL = "local"
    LAN = "lan"
    CLOUD = "cloud"


class SizeClass(StrEnum):
    """The size of a model by its parameters: up to 4, 15, 40 and more than 40 thousand million."""

    TINY = "tiny"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Capability(StrEnum):
    """What a model at a worker can do: fill in the middle, answer messages, call the tools that it is offered."""

    COMPLETION = "completion"
    CHAT = "chat"
    TOOLS = "tools"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolCall(_Value):
    """A model's call of a tool: `arguments` are a JSON object; `id` ties the tool's answer to it."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Message(_Value):
    """One message of a conversation.

    An assistant's may have called tools; a message of role `tool` is what came of the call whose id is `call`.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    call: str = ""


class Sampling(_Value):
    """Sampling parameters, as all four dialects know them; `seed` None leaves it to the engine."""

    temperature: float = Field(default=0.2, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Task(_Value):
    """One piece of background or batch model work.

    `context` is the submitter's own JSON object; routing keeps it and gives it back untouched, and never sends
    it to an endpoint. `messages` are what a model will see: redacted already. `workspace` is the root's URI and
    says to whom a result may be delivered after a restart.
    """

    id: str
    kind: Kind
    priority: Priority = Priority.BACKGROUND
    complexity: Complexity = Complexity.MODERATE
    zones: tuple[Zone, ...] = (Zone.LOCAL, Zone.LAN)
    title: str
    workspace: str
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    max_tokens: int = Field(gt=0)
    prompt_tokens: int = Field(default=0, ge=0)
    reply_schema: dict[str, Any] | None = None
    worker: str | None = None
    context: dict[str, Any] = Field(default_factory=dict)


class State(StrEnum):
    """Where a task stands. `done`, `failed` and `cancelled` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({State.DONE, State.FAILED, State.CANCELLED})


class Usage(_Value):
    """What a reply cost, in tokens and seconds; 0 where the endpoint does not say."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    first_token_s: float = 0.0
    total_s: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        """Decoding speed in tokens per second, 0.0 where it cannot be told."""
        busy = self.total_s - self.first_token_s
        return self.completion_tokens / busy if busy > 0 else 0.0


class Reply(_Value):
    """The whole answer of a model, with the worker and the model that gave it."""

    text: str
    worker: str
    model: str
    finish: Literal["stop", "length"]
    usage: Usage = Usage()


class Failure(_Value):
    """Why a task ended without a reply: one line for the user, which says what to do next."""

    message: str
    attempts: tuple[str, ...] = ()


class Receipt(_Value):
    """The queue has the task: it is on disk and will be worked on, whatever happens to this process."""

    task_id: str
    position: int = Field(ge=0, description="tasks ahead of this one")


class Status(_Value):
    """A snapshot of one task. `why` says what a queued one waits for; `model` is what a running one runs on."""

    task: Task
    state: State
    position: int = 0
    attempts: int = 0
    worker: str | None = None
    reply: Reply | None = None
    failure: Failure | None = None
    submitted_at: float
    delivered_at: float | None = None
    model: str | None = None
    why: str = ""


# Events of a stream, in the order they come: queued*, (started, first/progress*)+ , one final event.
class Queued(_Value):
    """The task waits; `position` tasks are ahead of it. `why` names what it waits for."""

    type: Literal["queued"] = "queued"
    position: int
    why: str = ""


class Started(_Value):
    """A worker has taken the task; `attempt` counts from 1."""

    type: Literal["started"] = "started"
    worker: str
    model: str
    attempt: int


class Progress(_Value):
    """Text has come; `tokens` is the count so far of this attempt."""

    type: Literal["progress"] = "progress"
    text: str
    tokens: int
    tokens_per_s: float


class Moved(_Value):
    """The worker failed and the task goes on elsewhere; text received so far is void. One line says why."""

    type: Literal["moved"] = "moved"
    worker: str
    why: str


class Finished(_Value):
    """The final event of a stream."""

    type: Literal["finished"] = "finished"
    state: State
    reply: Reply | None = None
    failure: Failure | None = None


Event = Annotated[Queued | Started | Progress | Moved | Finished, Field(discriminator="type")]
