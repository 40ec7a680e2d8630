"""All workers that this machine may use.

Owns which workers there are, what each serves, and their snapshots: `Worker` is a value, good for one decision or
one view. Must not choose among workers (`routes.py`) and must not send work.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from lanyard_routing.adapters.base import (
    Adapter,
    AddressRefused,
    ContextExceeded,
    EndpointError,
    EndpointTimeout,
    Model,
    ModelMissing,
    Probe,
    RequestRejected,
    Restless,
)
from lanyard_routing.adapters.sizes import parameters_of
from lanyard_routing.config import EndpointConfig
from lanyard_routing.failure_log import log_failure
from lanyard_routing.health import FASTEST_PROBE_S, Breaker, Fault, Pulse
from lanyard_routing.ledger import Ledger, Rates
from lanyard_routing.netpolicy import Policy, zone_of_host
from lanyard_routing.task import Capability, SizeClass, Zone

_log = logging.getLogger(__name__)

_PROBE_LIMIT_S = 10.0


class Condition(StrEnum):
    """How a worker is."""

    UNKNOWN = "unknown"  # not asked yet
    READY = "ready"
    TRIAL = "trial"  # it failed, has rested, and may show with one request that it is well
    RESTING = "resting"  # it failed and is left alone for a while
    DRAINED = "drained"  # the user asked: what it has under way ends, nothing new goes there
    DOWN = "down"  # its server does not answer, or is not ready
    REFUSED = "refused"  # the network policy forbids its address


USABLE = frozenset({Condition.READY, Condition.TRIAL})


@dataclass(frozen=True, slots=True)
class Served:
    """A model at a worker. `zone` is `cloud` where the worker would hand prompts on to another host."""

    name: str
    size: SizeClass
    zone: Zone
    context: int
    capabilities: frozenset[Capability]
    rates: Rates


@dataclass(frozen=True, slots=True)
class Worker:
    """A snapshot of one worker. `free_in` is the expected time in seconds until a slot is free.

    `why` says in one line why it cannot be used now; of one that can, what is not as it should be.
    """

    name: str
    url: str
    zone: Zone | None
    condition: Condition
    models: tuple[Served, ...] = ()
    slots: int = 1
    busy: int = 0
    free: int = 1
    free_in: float = 0.0
    why: str = ""


def size_of(model: Model) -> SizeClass:
    """Size class by parameters, by the number in its name (`7b`, `8x7b`, `300M`) where the server does not tell.

    A model of unknown size counts as small: enough for chat, and never the first choice for complex work.
    """
    thousand_millions = (model.parameters or parameters_of(model.name)) / 1e9
    if not thousand_millions:
        return SizeClass.SMALL
    for limit, size in ((4, SizeClass.TINY), (15, SizeClass.SMALL), (40, SizeClass.MEDIUM)):
        if thousand_millions <= limit:
            return size
    return SizeClass.LARGE


class Member:
    """One worker as it lives in this process: its adapter, breaker, ledger and last probe."""

    def __init__(self, endpoint: EndpointConfig, adapter: Adapter, policy: Policy) -> None:
        self.endpoint = endpoint
        self.adapter = adapter
        self.breaker = Breaker()
        self.ledger = Ledger(endpoint.slots or 1)
        self._policy = policy
        self._host = urlsplit(endpoint.url).hostname or ""
        self._zone: Zone | None = None
        self._probe: Probe | None = None
        self._begun = self._known = 0  # probes begun, and the latest of them whose answer is known
        self._models: tuple[Model, ...] = ()  # as last seen: a server that is down still has them
        self._refused = ""
        self._missing: frozenset[str] = frozenset()
        self._why = ""
        self.drained = False

    @property
    def name(self) -> str:
        """The endpoint's name."""
        return self.endpoint.name

    async def probe(self) -> bool:
        """Ask the server; True where it is ready. Never raises.

        Of two at once the one that began later is believed, whichever ends first.
        """
        self._begun += 1
        mine = self._begun
        try:
            async with asyncio.timeout(_PROBE_LIMIT_S):
                self._zone = await zone_of_host(self._host, policy=self._policy)
                probe = await self.adapter.probe()
        except TimeoutError:
            probe = Probe(ready=False, why=f"{self.name}: no answer to a health probe in {_PROBE_LIMIT_S:.0f} s")
        except Exception as error:  # noqa: BLE001  a probe never ends the pulse; the log has the place
            log_failure(_log, f"the probe of {self.name}", error)
            probe = Probe(ready=False, why=f"{self.name}: the health probe failed ({type(error).__name__})")
        if self._probe is not None and mine < self._known:
            return self._probe.ready
        self._known = mine
        now = time.monotonic()
        self._probe = probe
        self._refused = ""
        self._missing -= {model.name for model in probe.models}
        if probe.ready:
            self._models = probe.models
            self.ledger.slots = self.endpoint.slots or probe.slots or self._usual_slots()
            self.ledger.saw(probe.busy, now)
            self.breaker.answered(now)
        return probe.ready

    def failed(self, error: EndpointError, model: str) -> None:
        """A request failed. Only what speaks against the server counts against it."""
        self._why = str(error)
        if not isinstance(error, AddressRefused | ModelMissing | ContextExceeded | RequestRejected):
            fault = Fault.HUNG if isinstance(error, EndpointTimeout) else Fault.BROKEN
            self.breaker.failed(fault, time.monotonic())
            return
        self.breaker.release()
        if isinstance(error, AddressRefused):
            self._refused = str(error)
        elif isinstance(error, ModelMissing):
            self._missing |= {model}

    def snapshot(self) -> Worker:
        """This worker as a value."""
        now = time.monotonic()
        condition, why = self._condition(now)
        return Worker(
            name=self.name,
            url=self.endpoint.url,
            zone=self._zone,
            condition=condition,
            models=tuple(self._served()),
            slots=self.ledger.slots,
            busy=self.ledger.busy(now),
            free=self.ledger.free_for_tasks(now),
            free_in=self.ledger.free_in(now),
            why=why,
        )

    def _condition(self, now: float) -> tuple[Condition, str]:
        if self._zone is not None and not self._policy.permits(self._zone):
            why = self._probe.why if self._probe else ""
            return Condition.REFUSED, why or f"{self.name}: its address is outside what the network policy allows"
        if self._refused:
            return Condition.REFUSED, self._refused
        if self.drained:
            return Condition.DRAINED, f"{self.name} is drained; resume it to use it again"
        if self._probe is None:
            return Condition.UNKNOWN, "not asked yet"
        if not self._probe.ready:
            return Condition.DOWN, self._probe.why or f"{self.name} is not ready"
        if self._zone is None:
            return Condition.DOWN, f"no address is known for {self.endpoint.url}"
        resting = self.breaker.resting_s(now)
        if resting:
            return Condition.RESTING, f"{self._why}; it rests for a while"
        if not self.breaker.allows(now):
            return Condition.RESTING, f"{self._why}; one request is trying it now"
        return (Condition.TRIAL if self.breaker.tested else Condition.READY), self._probe.why

    def _served(self) -> Iterable[Served]:
        if not self._models or self._zone is None:
            return
        wanted = self.endpoint.models
        reported = {model.name: model for model in self._models}
        if wanted:
            # A server that names no models, or names them otherwise, is taken at the user's word.
            listed = [reported.get(name) or reported.get(f"{name}:latest") or Model(name=name) for name in wanted]
        else:
            listed = sorted(reported.values(), key=_preference)
        for model in listed:
            zone = Zone.CLOUD if model.remote else self._zone
            if model.name in self._missing or not self._policy.permits(zone):
                continue
            size = self.endpoint.size or size_of(model)
            yield Served(
                name=model.name,
                size=size,
                zone=zone,
                context=model.context,
                capabilities=_able(self.endpoint, model),
                rates=self.ledger.rates(model.name, size),
            )

    def _usual_slots(self) -> int:
        # Ollama runs one request of a model at a time unless told otherwise; LM Studio four, vLLM many.
        dialect = getattr(self.adapter, "dialect", None) or self.endpoint.dialect
        return 4 if dialect == "openai" else 1


_CHAT_ONLY = frozenset({Capability.CHAT})


def _able(endpoint: EndpointConfig, model: Model) -> frozenset[Capability]:
    """What a model can do: the user's word before the server's."""
    told = endpoint.capabilities
    able = frozenset(told) if told is not None else model.capabilities or _CHAT_ONLY
    if endpoint.tools is None or Capability.CHAT not in able:
        return able
    return able | {Capability.TOOLS} if endpoint.tools else able - {Capability.TOOLS}


def _preference(model: Model) -> bool:
    """Models for code first; within them the endpoint's own order, which has the loaded ones first."""
    name = model.name.lower()
    return not ("code" in name or "devstral" in name)


class Fleet:
    """The members, their probing, and word of every change."""

    def __init__(self, *, probe_s: float = FASTEST_PROBE_S) -> None:
        self._probe_s = probe_s
        self._members: dict[str, Member] = {}
        self._pulses: dict[str, Pulse] = {}
        self._listeners: list[Callable[[], None]] = []
        self._heard: dict[str, Worker] = {}  # each as it was when listeners were told last

    def listen(self, changed: Callable[[], None]) -> None:
        """Call `changed` after each probe and each failure; it must be quick and must not raise."""
        self._listeners.append(changed)

    def add(self, member: Member) -> None:
        """A worker joins; its name must be new. Needs a running event loop."""
        self._members[member.name] = member

        async def probe() -> bool:
            ready = await member.probe()
            # Not as it was before the probe: a failure that the probe takes back was told meanwhile.
            if member.snapshot() != self._heard[member.name]:
                self._tell()
            return ready

        self._heard[member.name] = member.snapshot()

        pulse = self._pulses[member.name] = Pulse(probe, fastest=self._probe_s)
        if isinstance(member.adapter, Restless):
            member.adapter.changed = pulse.nudge
        pulse.start()

    def get(self, name: str) -> Member | None:
        """The member of this name."""
        return self._members.get(name)

    def ledgers(self) -> dict[str, Ledger]:
        """The ledgers of all workers by name."""
        return {name: member.ledger for name, member in self._members.items()}

    def workers(self) -> tuple[Worker, ...]:
        """Snapshots of all workers, in the order in which they joined."""
        return tuple(member.snapshot() for member in self._members.values())

    def unknown(self) -> bool:
        """Whether some worker has not been asked yet."""
        return any(not pulse.asked for pulse in self._pulses.values())

    def used_at_once(self, name: str) -> None:
        """The immediate lane uses this worker."""
        self._members[name].ledger.used_at_once(time.monotonic())

    def failed(self, name: str, error: EndpointError, model: str) -> None:
        """A request failed there: note it, ask the server soon."""
        member = self._members.get(name)
        if member is not None:
            member.failed(error, model)
            self._pulses[name].nudge()
            self._tell()

    def drain(self, name: str, drained: Literal["drained", "resumed"]) -> bool:
        """Send nothing new to a worker, or use it again; False where none has this name."""
        member = self._members.get(name)
        if member is None:
            return False
        member.drained = drained == "drained"
        self._tell()
        return True

    async def test(self, name: str) -> Worker | None:
        """Ask a worker's server now; its snapshot afterwards, or None where none has this name."""
        member = self._members.get(name)
        if member is None:
            return None
        await member.probe()
        self._tell()
        return member.snapshot()

    def nudge(self, names: Iterable[str]) -> None:
        """Something waits for these workers: ask their servers soon."""
        for name in names:
            if name in self._pulses:
                self._pulses[name].nudge()

    async def known(self, limit_s: float) -> None:
        """Wait until each worker was asked once, `limit_s` seconds at most."""
        waits = [asyncio.ensure_future(pulse.first()) for pulse in self._pulses.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=limit_s)
            for wait in late:
                wait.cancel()

    async def close(self) -> None:
        """Stop probing and close all adapters."""
        await asyncio.gather(*(pulse.close() for pulse in self._pulses.values()))
        await asyncio.gather(*(member.adapter.close() for member in self._members.values()), return_exceptions=True)

    def _tell(self) -> None:
        self._heard = {name: member.snapshot() for name, member in self._members.items()}
        for changed in self._listeners:
            changed()
