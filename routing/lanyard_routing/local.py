"""The local models as members of the fleet.

Owns the step from `discovery.Discovery` to adapters: a server found on its default port gets an adapter of its
dialect, a GGUF file an embedded engine. Chooses nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lanyard_routing.adapters.base import Adapter, Model, Probe
from lanyard_routing.adapters.make import make_adapter
from lanyard_routing.config import EndpointConfig
from lanyard_routing.discovery import Configured, Discovery, LocalChoice, Source
from lanyard_routing.engine.adapter import ENGINE_URL, EngineAdapter
from lanyard_routing.engine.client import Engine
from lanyard_routing.engine.options import EngineOptions, options_for
from lanyard_routing.fleet import USABLE, Member, Worker
from lanyard_routing.models import LocalModel
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Capability, Zone

_ALONE_S = 300.0
"""With the last editor closed the engine waits no longer than this for the next one."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the user's `[engine]` settings say: seconds without work before it ends; `threads` 0: it chooses."""

    idle_s: float = 900.0
    threads: int = 0


def options_of(model: LocalModel, tuning: Tuning | None = None) -> EngineOptions:
    """How the embedded engine runs this model. What chats gets a longer context than what only completes."""
    tuning = tuning or Tuning()
    largest = 8192 if Capability.CHAT in model.capabilities else 4096
    options = options_for(model.path, name=model.name, trained_context=model.context, largest_context=largest)
    alone = min(tuning.idle_s, _ALONE_S)
    return replace(options, idle_s=alone, held_idle_s=tuning.idle_s, threads=tuning.threads)


def adapter_for(choice: LocalChoice, policy: Policy | None = None, *, tuning: Tuning | None = None) -> Adapter:
    """The adapter of a choice; starts and opens nothing yet."""
    if choice.local is not None:
        engine = Engine(options_of(choice.local, tuning))
        return EngineAdapter(engine, choice.model, filling=choice.local.filling)
    assert choice.dialect is not None, "a choice is a file or a server"
    return make_adapter(choice.url, choice.dialect, name=choice.source.value, policy=policy)


def configured_of(workers: Iterable[Worker]) -> tuple[Configured, ...]:
    """What the fleet's own endpoints serve, as `discover` wants it. Workers outside this network do not count."""
    found: list[Configured] = []
    for worker in workers:
        models = tuple(
            Model(each.name, context=each.context, capabilities=each.capabilities)
            for each in worker.models
            if each.zone is not Zone.CLOUD
        )
        probe = Probe(ready=worker.condition in USABLE, models=models, why=worker.why)
        found.append(Configured(worker.name, worker.url, None, probe))
    return tuple(found)


def local_members(discovery: Discovery, policy: Policy, *, tuning: Tuning | None = None) -> tuple[Member, ...]:
    """Members for what was chosen, except endpoints of the configuration, which are members already.

    One server that serves both capabilities is one member; two files are two engines.
    """
    members: dict[str, Member] = {}
    for choice in (discovery.completion, discovery.chat):
        if choice is None or (choice.source is Source.CONFIGURED and choice.local is None):
            continue
        where = choice.url or str(choice.model.name)
        if where in members:
            member = members[where]
            if choice.local is None:
                names = tuple(dict.fromkeys((*member.endpoint.models, choice.model.name)))
                member.endpoint = member.endpoint.model_copy(update={"models": names})
            continue
        name = choice.source.value if choice.local is None else f"local-{_safe(choice.model.name)}"
        endpoint = EndpointConfig(
            name=name,
            url=choice.url or ENGINE_URL,
            dialect=choice.dialect.value if choice.dialect else "llamacpp",
            models=(choice.model.name,),
        )
        members[where] = Member(endpoint, adapter_for(choice, policy, tuning=tuning), policy)
    return tuple(members.values())


def _safe(name: str) -> str:
    return "".join(each if (each.isalnum() and each.isascii()) or each in "._-" else "-" for each in name)[:50]
