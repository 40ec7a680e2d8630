"""The checks of `lanyard doctor`: each looks at one thing and says in one line what it saw and what to do next.

Owns looking. Changes nothing, but for starting the embedded engine that the check of completion asks.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanyard_routing.discovery import Configured, Discovery
    from lanyard_routing.netpolicy import Policy
    from lanyard_server.settings import Settings

_EDITORS = {"code": "VS Code", "nvim": "Neovim", "hx": "Helix", "emacs": "Emacs"}
_ENDPOINT_S = 5.0
_COMPLETION_S = 60.0


class Status(StrEnum):
    """`missing` is something that could be had; only `problem` makes the exit code 1."""

    OK = "ok"
    MISSING = "missing"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One line; `next` is the next step where there is one."""

    status: Status
    what: str
    next: str = ""
    seconds: float | None = None


async def examine() -> tuple[Check, ...]:
    """All checks, in the order in which they are shown. Never raises for what it finds."""
    from lanyard_routing.netpolicy import CloudAccess, Policy
    from lanyard_server.settings_sources import load

    loaded = load()
    cloud = CloudAccess.ALLOWED if loaded.settings.fleet.network.allow_cloud else CloudAccess.REFUSED
    policy = Policy(cloud)
    configured, endpoint_checks = await _endpoints(loaded.settings, policy)
    found = await _discover(loaded.settings, configured)
    return (
        *_versions(),
        *_configuration(loaded.problems),
        *endpoint_checks,
        *_models(found),
        *await _completion(found, policy, loaded.settings),
        *_chat(found),
        *_grammars(),
        *await _queue(),
        *_editors(),
    )


def _versions() -> Iterable[Check]:
    from importlib import metadata

    from lanyard_server.version import VERSION

    yield Check(Status.OK, f"lanyard {VERSION} on Python {sys.version.split()[0]}, {sys.platform}")
    try:
        yield Check(Status.OK, f"llama.cpp (xllamacpp {metadata.version('xllamacpp')})")
    except metadata.PackageNotFoundError:
        yield Check(Status.PROBLEM, "xllamacpp is not installed, so no embedded model can run", "install Lanyard again")


def _configuration(problems: tuple[str, ...]) -> Iterable[Check]:
    from lanyard_routing.paths import config_file

    file = config_file()
    for problem in problems:
        yield Check(Status.PROBLEM, problem, "correct it; `lanyard config validate` checks again")
    if not file.exists():
        yield Check(Status.OK, f"no configuration at {file}: defaults are used")
    elif not problems:
        yield Check(Status.OK, f"configuration {file}")


async def _endpoints(settings: Settings, policy: Policy) -> tuple[tuple[Configured, ...], tuple[Check, ...]]:
    from lanyard_routing.config import EndpointConfig
    from lanyard_routing.connect import connect
    from lanyard_routing.discovery import Configured

    async def look(endpoint: EndpointConfig) -> tuple[Configured | None, Check]:
        name, began = endpoint.name, time.monotonic()
        try:
            adapter = connect(endpoint, policy)
        except ValueError as error:
            return None, Check(Status.PROBLEM, f"endpoint {name}: {error}", "correct the configuration")
        try:
            async with asyncio.timeout(_ENDPOINT_S):
                probe = await adapter.probe()
        except TimeoutError:
            line = f"endpoint {name} did not answer within {_ENDPOINT_S:.0f} s"
            return None, Check(Status.PROBLEM, line, f"start the server at {endpoint.url} or correct its URL")
        finally:
            await adapter.close()
        if not probe.ready:
            return None, Check(Status.PROBLEM, probe.why or f"endpoint {name} is not ready", "start it or remove it")
        seconds = time.monotonic() - began
        models = ", ".join(model.name for model in probe.models[:3]) + (" …" if len(probe.models) > 3 else "")
        line = f"endpoint {name} at {endpoint.url} answers in {seconds * 1000:.0f} ms: {models or 'no models'}"
        return Configured(name, endpoint.url, None, probe), Check(Status.OK, line, seconds=seconds)

    seen = await asyncio.gather(*(look(endpoint) for endpoint in settings.fleet.endpoints))
    return tuple(each for each, _ in seen if each is not None), tuple(check for _, check in seen)


async def _discover(settings: Settings, configured: tuple[Configured, ...]) -> Discovery:
    from lanyard_routing.discovery import discover

    files = "use" if settings.engine.enabled else "ignore"
    return await discover(configured, model=_named_model(settings), files=files)


def _named_model(settings: Settings) -> Path | None:
    return Path(settings.engine.model).expanduser() if settings.engine.model else None


def _models(found: Discovery) -> Iterable[Check]:
    from lanyard_routing.discovery import Source

    for seen in found.seen:
        if seen.source is Source.CONFIGURED and seen.where.startswith("http"):
            continue  # said already
        servers = (Source.OLLAMA, Source.LMSTUDIO, Source.LLAMACPP)
        absent = Status.OK if seen.source in servers else Status.PROBLEM
        yield Check(Status.OK if seen.usable else absent, seen.line)
    yield from _shipped()


def _shipped() -> Iterable[Check]:
    import hashlib

    from lanyard_routing.models import shipped

    own = shipped()
    if own is None:
        yield Check(
            Status.MISSING, "this installation has no model of its own", "lanyard models pull qwen2.5-coder-0.5b"
        )
        return
    with own.path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != own.sha256:
        yield Check(Status.PROBLEM, f"{own.path} is not the file that Lanyard shipped", "install Lanyard again")


async def _completion(found: Discovery, policy: Policy, settings: Settings) -> tuple[Check, ...]:
    from lanyard_routing.adapters.base import EndpointError, FillRequest, Timeouts
    from lanyard_routing.discovery import Source
    from lanyard_routing.engine.adapter import EngineAdapter
    from lanyard_routing.local import Tuning, adapter_for
    from lanyard_routing.task import Capability

    choice = found.completion
    if choice is None:
        return (Check(Status.PROBLEM, "completion has no model", found.missing(Capability.COMPLETION) or ""),)
    what = f"completion: {choice.why}"
    if choice.source is Source.CONFIGURED and choice.local is None:
        return (Check(Status.OK, what),)
    adapter = adapter_for(choice, policy, tuning=Tuning(threads=settings.engine.threads))
    stopped = isinstance(adapter, EngineAdapter) and adapter.engine.status().state in {"stopped", "died"}
    started = ", with the start of the engine" if stopped else ""
    request = FillRequest("def add(a, b):\n    ret", "\n", max_tokens=8, model=choice.model.name)
    began = time.monotonic()
    first, tokens = 0.0, 0
    try:
        async with asyncio.timeout(_COMPLETION_S):
            async for delta in adapter.fill(request, Timeouts(first_token=_COMPLETION_S)):
                first = first or time.monotonic() - began
                tokens += delta.tokens
    except (EndpointError, TimeoutError) as error:
        line = str(error) or f"no answer within {_COMPLETION_S:.0f} s"
        return (
            Check(Status.OK, what),
            Check(Status.PROBLEM, f"a completion failed: {line}", "run `lanyard doctor` again"),
        )
    finally:
        await adapter.close()
    took = time.monotonic() - began
    line = f"{what}; {tokens} tokens in {took:.2f} s, the first after {first:.2f} s{started}"
    return (Check(Status.OK, line, seconds=took),)


def _chat(found: Discovery) -> Iterable[Check]:
    from lanyard_routing.task import Capability

    if found.chat is not None:
        yield Check(Status.OK, f"chat: {found.chat.why}")
    else:
        yield Check(Status.MISSING, "chat has no model", found.missing(Capability.CHAT) or "")


def _grammars() -> Iterable[Check]:
    from lanyard_analyzers.languages import LANGUAGES, grammar_of

    broken: list[str] = []
    for language in LANGUAGES:
        try:
            grammar_of(language)
        except Exception as error:  # noqa: BLE001  whatever a native module does wrong, the others are still looked at
            broken.append(f"{language} ({type(error).__name__})")
    if broken:
        yield Check(Status.PROBLEM, f"grammars that do not load: {', '.join(broken)}", "install Lanyard again")
    else:
        yield Check(Status.OK, f"grammars: {', '.join(LANGUAGES)}")


async def _queue() -> tuple[Check, ...]:
    from lanyard_routing.dispatch import open_queue_only
    from lanyard_routing.paths import state_dir
    from lanyard_routing.router import RoutingError

    folder = state_dir()
    try:
        async with open_queue_only(folder) as router:
            waiting = sum(
                not each.state.value.startswith(("done", "failed", "cancelled")) for each in await router.list()
            )
    except (RoutingError, OSError) as error:
        return (Check(Status.PROBLEM, f"queue in {folder}: {error}", "free the disk or set LANYARD_HOME"),)
    free = shutil.disk_usage(folder).free
    if free < 100 * 1024 * 1024:
        return (Check(Status.PROBLEM, f"the disk of {folder} is nearly full ({free / 1e6:.0f} MB)", "free some of it"),)
    return (Check(Status.OK, f"queue in {folder}: {waiting} tasks wait or run"),)


def _editors() -> Iterable[Check]:
    found = [name for program, name in _EDITORS.items() if shutil.which(program)]
    if found:
        yield Check(Status.OK, f"editors: {', '.join(found)}")
    else:
        yield Check(
            Status.MISSING, "none of VS Code, Neovim, Helix and Emacs is on PATH", "the README shows the set-up of each"
        )
