"""Which addresses may be reached.

Owns the classification of addresses into zones, the policy over zones, name resolution and the making of client
sockets; the only code in routing that opens one. Must not know HTTP, dialects or models.

A name is resolved here, every address that it resolves to is classified, and the connection goes to exactly one of
the addresses that passed; nothing resolves the name a second time. A name with private and public addresses (a host
of a home network with a global IPv6 address) is reached at its private ones only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lanyard_routing.adapters.base import AddressRefused, EndpointUnavailable
from lanyard_routing.paths import config_file
from lanyard_routing.task import Zone

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SocketAddress = tuple[int, int, int, str, tuple[Any, ...]]
"""(family, type, protocol, canonical name, address): what `socket.getaddrinfo` gives for one address."""

_LAN = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # RFC 6598, carrier-grade NAT; overlay networks use it
        "169.254.0.0/16",  # RFC 3927, link-local
        "fc00::/7",  # RFC 4193, unique local
        "fe80::/10",  # RFC 4291, link-local
    )
)
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
_BROADCAST = ipaddress.ip_address("255.255.255.255")


class CloudAccess(StrEnum):
    """Whether the user's own configuration lets data leave the network (`network.allow_cloud`)."""

    REFUSED = "refused"
    ALLOWED = "allowed"


def parse_address(text: str) -> IPAddress | None:
    """The address that `text` spells, with or without an IPv6 scope id; None for a name.

    Only the canonical spelling counts as an address: `0x7f.1` and `2130706433` are names, which go through the
    resolver and are judged by what comes out.
    """
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def zone_of_address(address: IPAddress) -> Zone | None:
    """The zone of an address; None for one that nobody can be reached at (unspecified, multicast, broadcast).

    An IPv4-mapped address is judged by the IPv4 address inside, because that is where the kernel connects to. 6to4,
    Teredo and NAT64 addresses are `cloud` whatever they carry: a relay outside this machine decides where they go.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_unspecified or address.is_multicast or address == _BROADCAST or address in _THIS_NETWORK:
        return None
    if address.is_loopback:
        return Zone.LOCAL
    return Zone.LAN if any(address in network for network in _LAN) else Zone.CLOUD


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name by the system's resolver; raises OSError.

    Runs in a daemon thread of its own: a resolver that hangs then delays neither the event loop's shutdown nor the
    end of the process, which the loop's default executor would.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(result: list[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(result, OSError):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    def look_up() -> None:
        result: list[str] | OSError
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            result = list(dict.fromkeys(_spell(sockaddr) for *_, sockaddr in found))
        except (OSError, UnicodeError) as error:
            result = error if isinstance(error, OSError) else OSError(str(error))
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=look_up, name="lanyard-resolve", daemon=True).start()
    return await answer


def _spell(sockaddr: tuple[Any, ...]) -> str:
    host = str(sockaddr[0])
    scope = sockaddr[3] if len(sockaddr) == 4 else 0
    return f"{host}%{scope}" if scope and "%" not in host else host


_loopback_only = 0


@contextmanager
def loopback_only() -> Generator[None]:
    """While open, every policy of this process refuses all but loopback. The test suite runs inside it."""
    global _loopback_only  # noqa: PLW0603  a switch for the whole process is the point
    _loopback_only += 1
    try:
        yield
    finally:
        _loopback_only -= 1


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user allows. `resolve` is the name resolution; tests give their own."""

    cloud: CloudAccess = CloudAccess.REFUSED
    resolve: Resolve = field(default=system_resolve, compare=False, repr=False)

    def permits(self, zone: Zone | None) -> bool:
        """Whether a connection to an address of this zone may be made."""
        if zone is None or (_loopback_only and zone is not Zone.LOCAL):
            return False
        return zone is not Zone.CLOUD or self.cloud is CloudAccess.ALLOWED

    async def addresses(self, endpoint: str, host: str, port: int) -> tuple[str, ...]:
        """The permitted addresses of `host` in the resolver's order.

        Raises AddressRefused where the host has addresses but none is permitted, EndpointUnavailable where it has
        none. `endpoint` is the name that the message shows.
        """
        literal = parse_address(host)
        if literal is not None:
            self.check(endpoint, host)
            return (host,)
        try:
            found = await self.resolve(host, port)
        except OSError as error:
            raise EndpointUnavailable(_unknown(endpoint, host)) from error
        permitted = tuple(each for each in found if self.permits(_zone_of_text(each)))
        if found and not permitted:
            raise AddressRefused(self._why(endpoint, found[0]))
        if not permitted:
            raise EndpointUnavailable(_unknown(endpoint, host))
        return permitted

    def check(self, endpoint: str, address: str) -> None:
        """Raise AddressRefused where no connection to this address may be made."""
        if not self.permits(_zone_of_text(address)):
            raise AddressRefused(self._why(endpoint, address))

    def open_socket(self, endpoint: str, target: SocketAddress) -> socket.socket:
        """A TCP socket for exactly this address, unconnected; raises AddressRefused.

        The last gate: whatever way an address took to get here, it is judged here again.
        """
        family, kind, protocol, _, address = target
        if family not in (socket.AF_INET, socket.AF_INET6):
            raise AddressRefused(f'endpoint "{endpoint}": Lanyard connects by TCP only; give it an http URL')
        self.check(endpoint, str(address[0]))
        opened = socket.socket(family, kind, protocol)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _why(self, endpoint: str, address: str) -> str:
        parsed = parse_address(address)
        zone = zone_of_address(parsed) if parsed is not None else None
        if parsed is None or zone is None:
            hint = (
                "write 127.0.0.1 for this machine"
                if parsed is not None and parsed.is_unspecified
                else "correct its URL"
            )
            return f'endpoint "{endpoint}" has the address {address}, which no server can be reached at; {hint}'
        if zone is Zone.CLOUD and self.cloud is CloudAccess.REFUSED:
            return (
                f'endpoint "{endpoint}" resolves to the public address {address}; Lanyard sends nothing outside your '
                f"network unless you set network.allow_cloud = true in {config_file()}"
            )
        return f'endpoint "{endpoint}" resolves to {address}, and only loopback is allowed in this process'


def _unknown(endpoint: str, host: str) -> str:
    return f'endpoint "{endpoint}": no address is known for the host "{host}"; check its name and the DNS'


def _zone_of_text(address: str) -> Zone | None:
    parsed = parse_address(address)
    return None if parsed is None else zone_of_address(parsed)


async def zone_of_host(host: str, *, policy: Policy) -> Zone | None:
    """The zone of a host: the farthest of the addresses that a connection may be made to; None where there is none.

    For a name with no permitted address it is the nearest of the others, so that it can be shown why.
    """
    literal = parse_address(host)
    try:
        found = [host] if literal is not None else await policy.resolve(host, 0)
    except OSError:
        return None
    zones = [zone for zone in map(_zone_of_text, found) if zone is not None]
    permitted = [zone for zone in zones if policy.permits(zone)]
    order = (Zone.LOCAL, Zone.LAN, Zone.CLOUD)
    return max(permitted, key=order.index) if permitted else min(zones, key=order.index, default=None)
