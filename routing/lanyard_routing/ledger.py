"""Lanyard's own account of the work that is outstanding at one worker.

Owns slots, learned rates and the expectation of when a slot is free. No model server tells the whole truth about
its load (Ollama tells nothing), so what this process has sent counts first and a probe only corrects it. Must not
do I/O; `now` is always given, in seconds of a clock that does not go back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lanyard_routing.task import SizeClass, Usage

_LEARN = 0.3  # weight of the newest observation
_GHOST_LIMIT_S = 30.0  # a prefill that nobody waits for any more counts no longer than this
_FOREIGN_LIMIT_S = 60.0  # others' work that a probe saw counts no longer than this without a new probe
_FOREIGN_WORK_S = 10.0  # what is left of work that we know nothing about
_LEAST_PREFILL, _LEAST_DECODE = 64, 8  # tokens below which a rate says more about latency than about speed
_IMMEDIATE_USE_S = 600.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Tokens per second of prefill and decode, and the share of a prompt that the cache spared."""

    prefill: float
    decode: float
    cached: float = 0.0

    def seconds(self, prompt_tokens: int, reply_tokens: float) -> float:
        """Expected seconds for a request that starts now."""
        return prompt_tokens * (1 - self.cached) / self.prefill + reply_tokens / self.decode


FIRST_RATES = {
    # Before anything was learned; one mid-range GPU each. Only their order matters.
    SizeClass.TINY: Rates(prefill=2000, decode=80),
    SizeClass.SMALL: Rates(prefill=1000, decode=50),
    SizeClass.MEDIUM: Rates(prefill=500, decode=25),
    SizeClass.LARGE: Rates(prefill=200, decode=10),
}


def expected_reply(max_tokens: int) -> float:
    """Replies end before their limit; half of it is the guess that orders workers as well as a better one."""
    return max_tokens / 2


@dataclass(slots=True, eq=False)
class Work:
    """One request at the worker, from its sending to the end of its stream."""

    model: str
    prompt_tokens: int
    max_tokens: int
    rates: Rates
    started: float
    waited: bool
    first_at: float | None = None
    tokens: int = 0

    def first(self, now: float) -> None:
        """The first piece of the reply has come."""
        if self.first_at is None:
            self.first_at = now

    def remaining(self, now: float) -> float:
        """Expected seconds to its end. Work that is overdue is expected to take as long again as it is overdue."""
        expected = expected_reply(self.max_tokens)
        if self.first_at is None:
            return abs(self.rates.seconds(self.prompt_tokens, 0) - (now - self.started)) + expected / self.rates.decode
        return max(expected - self.tokens, (self.max_tokens - self.tokens) / 4, 0) / self.rates.decode


class Ledger:
    """Outstanding work and learned rates of one worker."""

    def __init__(self, slots: int = 1) -> None:
        self.slots = slots
        self._active: set[Work] = set()
        self._ghosts: list[float] = []
        self._foreign = 0
        self._foreign_until = 0.0
        self._elsewhere = 0
        self._rates: dict[str, Rates] = {}
        self._immediate_at = float("-inf")

    def rates(self, model: str, size: SizeClass) -> Rates:
        """What was learned about the model here, else the first guess of its size class."""
        return self._rates.get(model) or FIRST_RATES[size]

    def begin(self, model: str, size: SizeClass, *, prompt_tokens: int, max_tokens: int, now: float) -> Work:
        """Count a request as outstanding; `finish`, `drop` or `abandon` must follow."""
        work = Work(
            model=model,
            prompt_tokens=prompt_tokens,
            max_tokens=max_tokens,
            rates=self.rates(model, size),
            started=now,
            waited=self.busy(now) >= self.slots,
        )
        self._active.add(work)
        return work

    def finish(self, work: Work, now: float, usage: Usage | None = None) -> None:
        """The request ended by itself; learn from it. A second call does nothing."""
        if work not in self._active:
            return
        self._active.discard(work)
        self._learn(work, now, usage)

    def drop(self, work: Work) -> None:
        """The server refused or lost the request: nothing of it is left there. A second call does nothing."""
        self._active.discard(work)

    def abandon(self, work: Work, now: float) -> bool:
        """The stream was closed. A prefill may run on at the server, so it stays counted for a while.

        False where the request had ended before.
        """
        if work not in self._active:
            return False
        self._active.discard(work)
        if work.first_at is None:
            left = work.rates.seconds(work.prompt_tokens, 0) - (now - work.started)
            if left > 0:
                self._ghosts.append(now + min(left, _GHOST_LIMIT_S))
        return True

    def saw(self, busy: int | None, now: float) -> None:
        """A probe saw `busy` slots in use; None where the server does not tell."""
        if busy is None:
            return
        self._foreign = max(0, busy - len(self._active))
        self._foreign_until = now + _FOREIGN_LIMIT_S
        self._ghosts.clear()  # those that still run are in the number

    def elsewhere(self, count: int) -> None:
        """Tasks that other processes of this machine run there now, as the queue knows."""
        self._elsewhere = max(0, count)

    def used_at_once(self, now: float) -> None:
        """The immediate lane uses this worker: a slot is kept for it for a while."""
        self._immediate_at = now

    def active(self) -> int:
        """Requests of this process that are under way."""
        return len(self._active)

    def busy(self, now: float) -> int:
        """Slots in use, as far as can be told."""
        self._ghosts = [until for until in self._ghosts if until > now]
        return len(self._active) + len(self._ghosts) + self._others(now)

    def free_for_tasks(self, now: float) -> int:
        """Slots that queued tasks may take now."""
        kept = 1 if self.slots > 1 and now - self._immediate_at < _IMMEDIATE_USE_S else 0
        return max(0, self.slots - kept - self.busy(now))

    def free_in(self, now: float) -> float:
        """Expected seconds until a slot is free."""
        busy = self.busy(now)
        if busy < self.slots:
            return 0.0
        left = [work.remaining(now) for work in self._active]
        left += [until - now for until in self._ghosts]
        left += [_FOREIGN_WORK_S] * self._others(now)
        return sorted(left)[busy - self.slots]

    def _others(self, now: float) -> int:
        return max(self._foreign if now < self._foreign_until else 0, self._elsewhere)

    def _learn(self, work: Work, now: float, usage: Usage | None) -> None:
        if work.first_at is None:
            return
        known = work.rates
        prompt = usage.prompt_tokens if usage and usage.prompt_tokens else work.prompt_tokens
        cached = min(usage.cached_tokens, prompt) if usage else 0
        made = usage.completion_tokens if usage and usage.completion_tokens else work.tokens
        filling, decoding = work.first_at - work.started, now - work.first_at
        learned = known
        if prompt >= _LEAST_PREFILL:
            learned = replace(learned, cached=_blend(known.cached, cached / prompt))
            if not work.waited and filling > 0 and prompt - cached >= _LEAST_PREFILL:
                learned = replace(learned, prefill=_blend(known.prefill, (prompt - cached) / filling))
        if made >= _LEAST_DECODE and decoding > 0:
            learned = replace(learned, decode=_blend(known.decode, made / decoding))
        self._rates[work.model] = learned


def _blend(old: float, new: float) -> float:
    return old + _LEARN * (new - old)
