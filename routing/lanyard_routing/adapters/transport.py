"""aiohttp, and nothing but aiohttp: sessions whose every socket passes the network policy.

Owns the client session's set-up. Imported on first use only (`http.py`), because aiohttp takes a quarter of a
second to import on a slow core. Must not interpret replies.
"""

from __future__ import annotations

import io
import socket
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from lanyard_routing.adapters.origin import Origin
from lanyard_routing.netpolicy import Policy, SocketAddress

_KEEPALIVE_S = 4.0
"""Below the 5 s after which llama.cpp's server and uvicorn (vLLM) close idle connections themselves."""

_LARGE = 1 << 20


class _Resolver(AbstractResolver):
    """Gives aiohttp the addresses that the policy permits, and no others."""

    def __init__(self, origin: Origin, policy: Policy) -> None:
        self._origin = origin
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Ignores `host`: this session talks to its endpoint only."""
        addresses = await self._policy.addresses(self._origin.name, self._origin.host, self._origin.port)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


class Session:
    """An aiohttp session for one endpoint: no redirects, proxies, cookies, netrc or compression."""

    def __init__(self, origin: Origin, policy: Policy) -> None:
        self.opened = 0
        self._origin = origin
        self._policy = policy
        self._base = origin.url
        headers = {"User-Agent": "lanyard", "Accept-Encoding": "identity"}
        if "%" in origin.host:
            # aiohttp cannot connect to a scope id, and it must not stand in the Host header (RFC 6874, 1).
            self._base = f"{origin.scheme}://scoped.invalid:{origin.port}{urlsplit(origin.url).path}"
            headers["Host"] = f"[{origin.host.partition('%')[0]}]:{origin.port}"
        if origin.authorization:
            headers["Authorization"] = origin.authorization
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Resolver(origin, policy),
                socket_factory=self._open,
                use_dns_cache=False,
                limit=0,
                keepalive_timeout=_KEEPALIVE_S,
            ),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        self._urls: dict[str, URL] = {}

    def _open(self, target: SocketAddress) -> socket.socket:
        self.opened += 1
        return self._policy.open_socket(self._origin.name, target)

    async def send(self, method: str, path: str, body: bytes | None, *, connect_s: float) -> aiohttp.ClientResponse:
        """Send one request; returns when the response's head is there. `body` is JSON."""
        url = self._urls.get(path)
        if url is None:
            url = self._urls[path] = URL(f"{self._base}{path}", encoded=True)
        return await self._session.request(
            method,
            url,
            data=io.BytesIO(body) if body is not None and len(body) > _LARGE else body,
            headers={"Content-Type": "application/json"} if body is not None else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_s, sock_connect=connect_s, sock_read=None),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()
