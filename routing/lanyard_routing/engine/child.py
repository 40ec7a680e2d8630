"""The engine process: llama.cpp's own server on the loopback address, until nobody has used it for a while.

Owns the process's whole life: load the model, publish the port file, watch for use, withdraw the port file, end. It
imports neither the server package nor pydantic nor an HTTP library, so that it stays small; it never prints, and logs
errors only, because warnings of llama.cpp can quote a request.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import secrets
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
from filelock import FileLock, Timeout

from lanyard_routing.engine.options import ChildSpec
from lanyard_routing.engine.portfile import (
    EngineFiles,
    PortFile,
    live_leases,
    process_start,
    read_port_file,
    write_port_file,
)

_ERRORS_ONLY = 1  # llama.cpp: 1 errors, 2 warnings (may quote requests), 3 information
_MOST_THREADS = 8  # decoding is bound by memory; more threads take cores from the editor
_STEP = 256  # tokens computed at once, whatever a batch holds: the buffers grow with it
_HTTP_THREADS = 16  # a stream holds one for its whole life; /health must still find a free one
_PROMPT_CACHE_MIB = 32  # llama.cpp's default of 8192 would break the memory bar
_SMALL_MODEL = 128 * 1024 * 1024  # below this a GPU costs more time to set up than it saves
_TINY_MODEL = 64 * 1024 * 1024
_LOG_LIMIT = 1024 * 1024
_HANG_S = 900  # one batch of a large model on slow cores takes a minute; this is a dead lock


def main(argument: str) -> int:
    """Run an engine as `argument` (see `ChildSpec`) says; returns the exit code."""
    spec = ChildSpec.load(argument)
    files = EngineFiles(Path(spec.folder), spec.key)
    stop = _Stop()
    api_key = secrets.token_urlsafe(32)
    server = start_server(spec, api_key)
    me = PortFile(
        pid=os.getpid(),
        started=process_start(os.getpid()) or time.time(),
        port=int(str(server.listening_address).rsplit(":", 1)[1]),
        api_key=api_key,
        key=spec.key,
        model=spec.name,
    )
    write_port_file(files.port, me)
    _watch(server, spec, files, me, stop)
    return 0


def start_server(spec: ChildSpec, api_key: str) -> Any:
    """Load the model and listen on an ephemeral loopback port. Raises RuntimeError where llama.cpp refuses."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # 100 MB; importing this module must stay cheap

    size = Path(spec.model).stat().st_size
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    params = xllamacpp.CommonParams()
    params.model.path = spec.model
    params.model_alias = {spec.name}
    params.offline = True
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [api_key]
    params.ui = False
    params.endpoint_slots = True
    params.endpoint_metrics = True
    params.n_parallel = spec.slots
    params.n_ctx = spec.context * spec.slots
    params.n_batch = spec.batch
    params.n_ubatch = min(spec.batch, _STEP)
    params.cache_prompt = True
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.n_threads_http = _HTTP_THREADS
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = spec.threads or threads_for(size, cores)
        cpu.poll = 0  # wait asleep, not spinning: the cores belong to the editor
    params.fit_params = size > _SMALL_MODEL
    if size <= _SMALL_MODEL:
        params.n_gpu_layers = 0
    params.verbosity = _ERRORS_ONLY
    return xllamacpp.Server(params)


def threads_for(size: int, cores: int) -> int:
    """Threads for a model of `size` bytes on `cores` physical cores; one core is left to the editor.

    llama.cpp's threads meet at a barrier after every operation. For a model of a few megabytes that costs more than
    it gains, and on a busy machine each barrier waits for the scheduler: measured on two busy cores with a 4 MB
    model, a completion took 9 ms with one thread and 294 ms with two.
    """
    if size < _TINY_MODEL:
        return 1
    return max(1, min(cores - 1, _MOST_THREADS))


class _Stop:
    """Set by the signals that ask the process to end."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)
        for name in ("SIGINT", "SIGHUP"):  # of the terminal in which some editor happened to start us
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True


def _watch(server: Any, spec: ChildSpec, files: EngineFiles, me: PortFile, stop: _Stop) -> None:
    """Return when the engine should end; by then its port file is withdrawn."""
    pause = min(max(spec.idle_s / 8, 0.05), 5.0)
    used = time.time()
    seen = ""
    while True:
        faulthandler.dump_traceback_later(_HANG_S, exit=True)
        _sleep(pause, stop)
        busy, counters = read_use(server.handle_metrics())
        now = time.time()
        if busy or counters != seen:
            seen, used = counters, now
        _bound_log(Path(spec.log))
        if stop.asked:
            _withdraw(files, me)
            return
        if read_port_file(files.port) != me and not busy:
            return  # somebody replaced us, or the folder is gone: nobody can find this engine any more
        if not busy and _idle(spec, files, used, now):
            try:
                with FileLock(files.lock, timeout=0):
                    if _idle(spec, files, used, time.time()) and read_use(server.handle_metrics()) == (False, seen):
                        _withdraw(files, me)
                        return
            except Timeout:
                continue  # a client is adopting this engine now


def read_use(metrics: str) -> tuple[bool, str]:
    """Whether a request is running or waiting, and counters that differ after each request.

    `metrics` is the Prometheus text of llama.cpp's `/metrics`; unknown text reads as not busy.
    """
    busy = False
    counters: list[str] = []
    for line in metrics.splitlines():
        name, _, value = line.partition(" ")
        if name in ("llamacpp:requests_processing", "llamacpp:requests_deferred"):
            busy = busy or value.strip() not in ("0", "")
        elif name.endswith("_total") and not line.startswith("#"):
            counters.append(value)
    return busy, " ".join(counters)


def _idle(spec: ChildSpec, files: EngineFiles, used: float, now: float) -> bool:
    leases = live_leases(files)
    for lease in leases:
        with contextlib.suppress(OSError):
            used = max(used, lease.stat().st_mtime)
    return now - used > (spec.held_idle_s if leases else spec.idle_s)


def _withdraw(files: EngineFiles, me: PortFile) -> None:
    if read_port_file(files.port) == me:
        files.port.unlink(missing_ok=True)


def _sleep(seconds: float, stop: _Stop) -> None:
    end = time.monotonic() + seconds
    while not stop.asked and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 0.25))


def _bound_log(log: Path) -> None:
    """Standard error appends to `log`; cutting the file keeps it bounded without a second handle."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > _LOG_LIMIT:
            os.truncate(log, 0)


def run() -> None:
    """Entry of `python -m lanyard_routing.engine`."""
    try:
        code = main(sys.argv[1])
    except RuntimeError as error:
        sys.stderr.write(f"engine: llama.cpp could not start: {error}\n")
        code = 3
    except (IndexError, ValueError, TypeError, OSError) as error:
        sys.stderr.write(f"engine: {error}\n")
        code = 2
    sys.stderr.flush()
    os._exit(code)  # a request that still runs must not keep the process alive
