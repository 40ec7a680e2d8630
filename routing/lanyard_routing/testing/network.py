"""A guard for tests: no connection and no name look-up outside loopback, whoever tries.

Owns the audit hook; it cannot be removed from a process, so it is installed once and switched.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from lanyard_routing.netpolicy import loopback_only, parse_address, zone_of_address
from lanyard_routing.task import Zone

_state = {"installed": 0, "closed": 0}


class NetworkForbidden(RuntimeError):
    """A test tried to reach something outside loopback."""


@contextmanager
def forbid_network() -> Generator[None]:
    """While open, every policy refuses all but loopback, and any socket of this process that tries more raises."""
    if not _state["installed"]:
        _state["installed"] = 1
        sys.addaudithook(_watch)
    _state["closed"] += 1
    try:
        with loopback_only():
            yield
    finally:
        _state["closed"] -= 1


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _state["closed"]:
        return
    if event == "socket.connect":
        target = arguments[1]
        host = str(cast("tuple[Any, ...]", target)[0]) if isinstance(target, tuple) else ""
        if host and not _is_loopback(host):
            raise NetworkForbidden(f"a test connects to {host}")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
        if name != "localhost" and parse_address(name) is None:
            raise NetworkForbidden(f"a test looks up the name {name}")


def _is_loopback(host: str) -> bool:
    address = parse_address(host)
    return host == "localhost" or (address is not None and zone_of_address(address) is Zone.LOCAL)
