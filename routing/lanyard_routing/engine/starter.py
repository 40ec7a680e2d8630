"""Find the running engine or start one: the blocking half of `Engine`, run in a thread of its own.

Owns adoption, replacement of what is stale, spawning, and the limit on restarts. All of it happens under the lock of
the engine's key, so that any number of processes that start together end with one engine.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from lanyard_routing.engine.options import ChildSpec, EngineOptions, engine_key
from lanyard_routing.engine.portfile import (
    EngineFiles,
    PortFile,
    UnsafeFolder,
    note_crash,
    private_folder,
    read_crashes,
    read_port_file,
    same_process,
    take_lease,
)
from lanyard_routing.paths import log_dir, runtime_dir
from lanyard_routing.router import RoutingError

_LOOK_S = 0.01

Healthy = Callable[[PortFile], bool]
"""Asks an engine whether it is well; may block for some seconds, never raises."""


class EngineFailed(RoutingError):
    """No engine can be had now; `str` is one line for the user with the next step."""


class Abandoned(Exception):
    """The caller no longer wants the engine; nothing failed."""


def files_of(options: EngineOptions) -> EngineFiles:
    """The files under which clients of this engine meet. Raises EngineFailed."""
    try:
        return EngineFiles(private_folder(runtime_dir()), engine_key(options))
    except FileNotFoundError:
        raise EngineFailed(f"model file {options.model} is missing: run `lanyard doctor`") from None
    except UnsafeFolder as error:
        raise EngineFailed(str(error)) from None
    except OSError as error:
        raise EngineFailed(f"cannot use {runtime_dir()}: {error.strerror}; set LANYARD_HOME") from None


def obtain(options: EngineOptions, token: str, healthy: Healthy, give_up: threading.Event) -> tuple[PortFile, Path]:
    """The engine that runs, or a new one, and this process's lease on it.

    Blocks for as long as loading takes. Raises EngineFailed, or Abandoned once `give_up` is set.
    """
    files = files_of(options)
    lock = FileLock(files.lock)
    try:
        _acquire(lock, options, give_up)
        try:
            lease = take_lease(files, token)
            try:
                return _adopt(files, options, healthy) or _start(files, options, give_up), lease
            except BaseException:
                lease.unlink(missing_ok=True)
                raise
        finally:
            lock.release()
    except OSError as error:
        raise EngineFailed(f"cannot use {files.folder}: {error.strerror or error}; set LANYARD_HOME") from None


def _acquire(lock: FileLock, options: EngineOptions, give_up: threading.Event) -> None:
    deadline = time.monotonic() + options.start_timeout_s
    while True:
        _check(give_up)
        try:
            lock.acquire(timeout=0.2, poll_interval=_LOOK_S)
        except Timeout:
            if time.monotonic() > deadline:
                raise EngineFailed(
                    f"another process has been starting the local model for {options.start_timeout_s:.0f} s; "
                    f"see {log_file()}"
                ) from None
        else:
            return


def _adopt(files: EngineFiles, options: EngineOptions, healthy: Healthy) -> PortFile | None:
    """The engine of the port file if it lives and answers; what is stale is removed."""
    found = read_port_file(files.port)
    if found is None:
        files.port.unlink(missing_ok=True)
        return None
    if found.key != files.key:
        files.port.unlink(missing_ok=True)
        return None
    if not same_process(found.pid, found.started):
        # An engine that ends by itself takes its port file with it.
        files.port.unlink(missing_ok=True)
        if found.started > psutil.boot_time():
            note_crash(files, window_s=options.crash_window_s)
        return None
    if healthy(found):
        return found
    note_crash(files, window_s=options.crash_window_s)
    end_process(found)
    files.port.unlink(missing_ok=True)
    return None


def _start(files: EngineFiles, options: EngineOptions, give_up: threading.Event) -> PortFile:
    crashes = read_crashes(files, window_s=options.crash_window_s)
    if len(crashes) >= options.crash_limit:
        minutes = max(1, round((crashes[0] + options.crash_window_s - time.time()) / 60))
        raise EngineFailed(
            f"the local model ended {len(crashes)} times unexpectedly and is left alone for {minutes} min; "
            f"see {log_file()} or run `lanyard doctor`"
        )
    if len(crashes) > 1:  # the first restart is at once, then 1, 4, 16 back-offs apart
        _wait_until(crashes[-1] + options.backoff_s * 4 ** (len(crashes) - 2), give_up)
    process = _spawn(files, options)
    deadline = time.monotonic() + options.start_timeout_s
    while time.monotonic() < deadline:
        # Not compared with `process.pid`: in a virtual environment on Windows that is the launcher's.
        found = read_port_file(files.port)
        if found is not None and found.key == files.key:
            return found
        code = process.poll()
        if code is not None:
            note_crash(files, window_s=options.crash_window_s)
            raise EngineFailed(
                f"llama.cpp cannot run the model {options.label} (exit {code}); see {log_file()}"
                + ("" if code != 3 else " — is it a complete GGUF file?")
            )
        _check(give_up)
        time.sleep(_LOOK_S)
    process.kill()
    note_crash(files, window_s=options.crash_window_s)
    raise EngineFailed(
        f"the model {options.label} did not load within {options.start_timeout_s:.0f} s; "
        "`lanyard models list` shows smaller ones"
    )


def _spawn(files: EngineFiles, options: EngineOptions) -> subprocess.Popen[bytes]:
    log = log_file()
    log.parent.mkdir(parents=True, exist_ok=True)
    spec = ChildSpec(
        folder=str(files.folder),
        key=files.key,
        model=str(options.model.resolve()),
        name=options.label,
        context=options.context,
        slots=options.slots,
        batch=options.batch,
        threads=options.threads,
        idle_s=options.idle_s,
        held_idle_s=options.held_idle_s,
        log=str(log),
    )
    # -P and the folder keep Python from importing modules out of the editor's working directory, which is a stranger's.
    command = [sys.executable, "-P", "-m", "lanyard_routing.engine", spec.dump()]
    descriptor = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        process = subprocess.Popen(
            command,
            cwd=files.folder,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            close_fds=True,
            start_new_session=os.name == "posix",
            creationflags=_windows_flags(),
        )
    finally:
        os.close(descriptor)
    # The engine outlives us or ends before us; either way somebody has to take its exit status.
    threading.Thread(target=process.wait, name="engine-reaper", daemon=True).start()
    return process


def _windows_flags() -> int:
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP


def _wait_until(moment: float, give_up: threading.Event) -> None:
    while (left := moment - time.time()) > 0:
        if give_up.wait(min(left, 60.0)):
            raise Abandoned


def _check(give_up: threading.Event) -> None:
    if give_up.is_set():
        raise Abandoned


def end_process(engine: PortFile) -> bool:
    """End the process that the port file names and no other; True once it is gone."""
    if not same_process(engine.pid, engine.started):
        return True
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(engine.pid)
        process.terminate()
        try:
            process.wait(3)
        except psutil.TimeoutExpired:
            process.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(3)
    return not same_process(engine.pid, engine.started)


def log_file() -> Path:
    """Where the engine's errors go; never a prompt."""
    return log_dir() / "engine.log"


def stop_all() -> int:
    """End every engine of this user; returns how many ended. For tests and for people who want the memory back."""
    ended = 0
    for path in sorted(runtime_dir().glob("engine-*.json")):
        found = read_port_file(path)
        if found is not None and same_process(found.pid, found.started) and end_process(found):
            ended += 1
        path.unlink(missing_ok=True)
    return ended
