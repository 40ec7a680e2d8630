"""Which model on this machine serves the person at the cursor.

Owns the order of choice: a configured endpoint, a model server on its default port, a GGUF in the user's model folder,
the model that comes with Lanyard; and it chooses per capability, because what fills in the middle may not chat. It
starts no engine and reaches nothing but the loopback address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

import psutil

from lanyard_routing import models
from lanyard_routing.adapters.base import Model, Probe
from lanyard_routing.adapters.http import preload
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.models import SUGGESTED, LocalModel
from lanyard_routing.task import Capability

ASK_S = 0.3
"""Seconds for all questions together: who starts an editor does not wait for servers that are not there."""

_FAST_ENOUGH = 3_300_000_000  # parameters that still complete while somebody types, on a laptop
_CHAT_ENOUGH = 15_000_000_000
_ABSENT = ("refuses connections", "does not know")  # nobody there, or a program of another kind
_MEMORY_SHARE = 0.7  # of the machine's memory that one model file may take


class Source(StrEnum):
    """Where a model was found, in the order of choice."""

    CONFIGURED = "configured"
    OLLAMA = "ollama"
    LMSTUDIO = "lmstudio"
    LLAMACPP = "llamacpp"
    FOLDER = "folder"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Door:
    """A default port at which a model server may listen."""

    source: Source
    title: str
    port: int
    dialect: Dialect

    @property
    def url(self) -> str:
        """The loopback address alone: nothing else is ever guessed."""
        return f"http://127.0.0.1:{self.port}"


DOORS = (
    Door(Source.OLLAMA, "Ollama", 11434, Dialect.OLLAMA),
    Door(Source.LMSTUDIO, "LM Studio", 1234, Dialect.OPENAI),
    Door(Source.LLAMACPP, "llama.cpp server", 8080, Dialect.LLAMACPP),
    Door(Source.LLAMACPP, "llama.cpp server", 9931, Dialect.LLAMACPP),
)


@dataclass(frozen=True, slots=True)
class Configured:
    """An endpoint of the user's own configuration and what its last probe said. `dialect` None: not known here."""

    name: str
    url: str
    dialect: Dialect | None
    probe: Probe


@dataclass(frozen=True, slots=True)
class LocalChoice:
    """One way to serve `capability`. A server has `url` and `dialect`, a GGUF file has `local`; `why` is one line."""

    capability: Capability
    source: Source
    model: Model
    why: str
    url: str = ""
    dialect: Dialect | None = None
    local: LocalModel | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One place that was looked at. `line` says in plain words what is there."""

    source: Source
    where: str
    line: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found; `completion` and `chat` may be the same model or none."""

    completion: LocalChoice | None
    chat: LocalChoice | None
    seen: tuple[Seen, ...]

    def choice(self, capability: Capability) -> LocalChoice | None:
        """The choice for a capability."""
        return self.completion if capability is Capability.COMPLETION else self.chat

    def missing(self, capability: Capability) -> str | None:
        """None where the capability is served, else one line that says how to get it."""
        if self.choice(capability) is not None:
            return None
        word = "Completion" if capability is Capability.COMPLETION else "Chat"
        return f'{word} needs a model: start Ollama, or run "lanyard models pull {SUGGESTED[capability]}".'


async def discover(
    configured: Sequence[Configured] = (),
    *,
    model: Path | None = None,
    folder: Path | None = None,
    files: Literal["use", "ignore"] = "use",
    doors: Sequence[Door] = DOORS,
    ask_s: float = ASK_S,
    shipped: Callable[[], LocalModel | None] = models.shipped,
) -> Discovery:
    """Look everywhere at once and choose. Never raises; takes `ask_s` seconds at most for the servers.

    `model` is a GGUF file that the user's configuration names: it counts as configured. `folder` is the model folder
    (None: the usual one). `files="ignore"` leaves all files out, for a user who wants no embedded engine.
    """
    await preload()  # a slow import must not eat the servers' time
    probes, found, own = await asyncio.gather(
        asyncio.gather(*(_ask(door, ask_s) for door in doors)),
        asyncio.to_thread(_files, model, folder),
        asyncio.to_thread(shipped),
    )
    named, others = found
    finds = _Finds(psutil.virtual_memory().total)
    for endpoint in configured:
        place = _Place(Source.CONFIGURED, f"configured endpoint {endpoint.name}", endpoint.url, endpoint.dialect)
        finds.server(place, endpoint.probe)
    if named is not None and files == "use":
        finds.file(Source.CONFIGURED, named)
    for door, probe in zip(doors, probes, strict=True):
        finds.server(_Place(door.source, door.title, door.url, door.dialect), probe)
    if files == "use":
        for each in others:
            finds.file(Source.FOLDER, each)
        if own is not None:
            finds.file(Source.SHIPPED, own)
    return Discovery(
        completion=_first(finds.choices, Capability.COMPLETION),
        chat=_first(finds.choices, Capability.CHAT),
        seen=tuple(finds.seen),
    )


def _files(model: Path | None, folder: Path | None) -> tuple[LocalModel | None, tuple[LocalModel, ...]]:
    return (models.inspect(model) if model is not None else None), models.in_folder(folder)


async def _ask(door: Door, ask_s: float) -> Probe:
    adapter = make_adapter(door.url, door.dialect, name=door.title)
    try:
        async with asyncio.timeout(ask_s):
            probe = await adapter.probe()
    except TimeoutError:
        return Probe(ready=False, why=f"{door.title}: no answer on port {door.port} within {ask_s * 1000:.0f} ms")
    finally:
        await adapter.close()
    if any(words in probe.why for words in _ABSENT):
        return Probe(ready=False, why=f"{door.title}: not found on port {door.port}")
    return probe


@dataclass(frozen=True, slots=True)
class _Place:
    source: Source
    title: str
    url: str
    dialect: Dialect | None


class _Finds:
    """What was found so far, in the order of choice."""

    def __init__(self, memory: int) -> None:
        self.choices: list[LocalChoice] = []
        self.seen: list[Seen] = []
        self._memory = memory

    def server(self, place: _Place, probe: Probe) -> None:
        if not probe.ready:
            self.seen.append(Seen(place.source, place.url, probe.why or f"{place.title} is not ready", usable=False))
            return
        here = [model for model in probe.models if not model.remote]
        can: list[str] = []
        for capability in (Capability.COMPLETION, Capability.CHAT):
            able = [model for model in here if capability in model.capabilities]
            if not able:
                continue
            model = _best(able, capability)
            can.append(f"{capability} with {model.name}")
            why = f"{place.title} runs and serves {model.name}"
            self.choices.append(LocalChoice(capability, place.source, model, why, url=place.url, dialect=place.dialect))
        what = ", ".join(can) or _useless(probe.models, here)
        self.seen.append(Seen(place.source, place.url, f"{place.title} at {place.url}: {what}", usable=bool(can)))

    def file(self, source: Source, model: LocalModel) -> None:
        problem = model.problem
        if not problem and model.size > self._memory * _MEMORY_SHARE:
            problem = f"{model.name} needs more memory ({model.size / 1e9:.1f} GB) than this machine can spare"
        if not problem and not model.capabilities:
            problem = f"{model.name} can neither fill in the middle nor chat"
        if problem:
            self.seen.append(Seen(source, str(model.path), problem, usable=False))
            return
        where = "comes with Lanyard" if source is Source.SHIPPED else f"is in {model.path.parent}"
        why = f"{model.name} {where}" + (", as engine.model says" if source is Source.CONFIGURED else "")
        self.choices.extend(
            LocalChoice(capability, source, model.as_model(), why, local=model)
            for capability in sorted(model.capabilities)
        )
        can = " and ".join(sorted(model.capabilities))
        self.seen.append(Seen(source, str(model.path), f"{why} ({model.size / 1e6:.1f} MB): {can}", usable=True))


def _useless(listed: Sequence[Model], here: Sequence[Model]) -> str:
    if listed and not here:
        return "its models run on other hosts, so they are not used"
    return "no model of it can complete or chat" if listed else "it has no model"


def _best(able: Sequence[Model], capability: Capability) -> Model:
    """The largest that answers fast enough for the purpose, else the smallest; unknown sizes come last."""
    limit = _FAST_ENOUGH if capability is Capability.COMPLETION else _CHAT_ENOUGH
    fitting = [model for model in able if 0 < model.parameters <= limit]
    if fitting:
        return max(fitting, key=lambda model: (_for_code(model), model.parameters))
    return min(able, key=lambda model: (model.parameters == 0, model.parameters))


def _for_code(model: Model) -> bool:
    return "code" in model.name.lower()


def _first(choices: Iterable[LocalChoice], capability: Capability) -> LocalChoice | None:
    able = [each for each in choices if each.capability is capability]
    if not able:
        return None
    best = able[0]
    if best.source is Source.FOLDER and capability is Capability.COMPLETION:
        # Models that were tuned to chat fill in the middle worse than their base does.
        same = [each for each in able if each.source is Source.FOLDER]
        return next((each for each in same if Capability.CHAT not in each.model.capabilities), best)
    return best
