"""Which process holds something, and whether it still lives.

Owns the identity of a process: a process number alone comes back after a while, so its start time belongs to it, and
so does the machine (boot and process namespace), since a state folder may be shared among containers and hosts.
"""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path
from typing import Literal

import psutil

Verdict = Literal["alive", "dead", "unknown"]


def this_process() -> str:
    """`host boot namespace pid start` of this process."""
    return " ".join((*_machine(), str(os.getpid()), _started(os.getpid())))


def verdict(owner: str) -> Verdict:
    """Whether the process that `this_process` named still runs; "unknown" for one of another machine."""
    parts = owner.split(" ")
    if len(parts) != 5 or not parts[3].isdigit():
        return "dead"
    host, boot, namespace = _machine()
    if parts[0] != host:
        return "unknown"
    if parts[1] != boot:
        return "dead"
    if parts[2] != namespace:
        return "unknown"
    return "alive" if parts[4] and _started(int(parts[3])) == parts[4] else "dead"


def _started(pid: int) -> str:
    """When a process began, as the system counts it; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        pass
    else:
        fields = stat.rpartition(b")")[2].split()
        # 20th after the name: start in ticks since the boot (proc_pid_stat(5)); a zombie (Z, X) no longer works.
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    try:
        return f"{psutil.Process(pid).create_time():.0f}"
    except psutil.Error:
        return ""


@functools.cache
def _machine() -> tuple[str, str, str]:
    """Host, boot and process namespace; the latter two where start times count from the boot."""
    host = socket.gethostname().replace(" ", "_") or "-"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return host, boot, os.readlink("/proc/self/ns/pid")
    except OSError:
        return host, "-", "-"
