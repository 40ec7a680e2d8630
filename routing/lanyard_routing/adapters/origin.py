"""What an adapter knows of its endpoint before the first byte: name, address, credentials.

Owns the parsing of an endpoint's URL; must not open connections.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """An endpoint. `url` has no credentials, no trailing slash and no `/v1`; `host` keeps an IPv6 scope id.

    `authorization` is the value of the header of that name, and goes to this endpoint only.
    """

    name: str
    url: str
    scheme: str
    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """How a message names the endpoint."""
        return f'endpoint "{self.name}"'


def parse_origin(url: str, *, name: str = "", api_key: str | None = None) -> Origin:
    """Read an endpoint's URL as a user writes it; `host:port` without a scheme means http.

    Raises ValueError with one line. `api_key` is sent as a bearer token, `user:password@` in the URL as basic
    authorization where there is no key.
    """
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    if any(ord(each) <= 0x20 or ord(each) == 0x7F for each in text):
        raise ValueError("the URL of an endpoint has no blanks or control characters in it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the URL of an endpoint looks like http://host:port ({error})") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("the URL of an endpoint looks like http://host:port; only http and https are spoken")
    if parts.query or parts.fragment:
        raise ValueError("the URL of an endpoint ends before any ? or #")
    host = _ascii(parts.hostname.replace("%25", "%"))
    port = port or _PORTS[parts.scheme]
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    shown = f"[{host.replace('%', '%25')}]" if ":" in host else host
    clean = f"{parts.scheme}://{shown}{'' if port == _PORTS[parts.scheme] else f':{port}'}{path}"
    return Origin(
        name=name or f"{shown}:{port}",
        url=clean,
        scheme=parts.scheme,
        host=host,
        port=port,
        authorization=_authorization(api_key, parts.username, parts.password),
    )


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("the host of an endpoint is a name or an address") from error


def _authorization(api_key: str | None, user: str | None, password: str | None) -> str | None:
    if api_key:
        if not api_key.isascii() or not api_key.isprintable():
            raise ValueError("an API key has printable ASCII characters only")
        return f"Bearer {api_key}"
    if user is None:
        return None
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return "Basic " + base64.b64encode(pair.encode()).decode("ascii")
