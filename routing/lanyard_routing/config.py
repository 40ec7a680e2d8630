"""The fleet and the routing table as the user writes them in TOML.

Owns the three sections `[network]`, `[[endpoints]]` and `[[routes]]`: their models, defaults and the words for what
is wrong with them. Must not read files and must not reach the network. Only the user's own configuration may be
given to `parse`: a workspace file never sets an endpoint or a route.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, cast, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from lanyard_routing.adapters.base import Timeouts
from lanyard_routing.task import Capability, Complexity, Kind, Priority, SizeClass, Zone

Dialect = Literal["auto", "llamacpp", "ollama", "openai"]
Fallback = Literal["least_loaded", "smaller", "queue", "ask"]

SECTIONS = ("network", "endpoints", "routes")
ALL_FALLBACKS: tuple[Fallback, ...] = get_args(Fallback)


def _as_tuple(value: object) -> object:
    """One value may be written without brackets."""
    return (value,) if isinstance(value, str) else value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


SectionT = TypeVar("SectionT", bound=_Section)


class NetworkConfig(_Section):
    """`[network]`: where Lanyard may send anything at all."""

    allow_cloud: bool = Field(
        default=False,
        strict=True,
        description="Allow endpoints outside this machine and private networks. Code then leaves your network.",
    )


class EndpointConfig(_Section):
    """`[[endpoints]]`: one model server."""

    name: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$",
        description="The name that messages and routes use; letters, digits and . _ : @ -",
    )
    url: str = Field(description="Base URL, for example http://gpu-1.lan:11434")
    dialect: Dialect = Field(default="auto", description="Which API the server speaks; auto asks the server")
    models: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="Models to use, the best first; empty: every model that the server reports"
    )
    size: SizeClass | None = Field(
        default=None,
        description="Size class of its models; unset: told from their parameters (tiny up to 4 thousand million, "
        "small 15, medium 40, large more)",
    )
    slots: int | None = Field(
        default=None,
        ge=1,
        le=1024,
        strict=True,
        description="Tasks it may run at a time; unset: asked from llama.cpp, else 1 for Ollama and 4 for others",
    )
    api_key_env: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the environment variable that holds its key; the key itself is never written here",
    )
    capabilities: Annotated[tuple[Capability, ...] | None, BeforeValidator(_as_tuple)] = Field(
        default=None, description="What its models can do (completion, chat, tools); unset: asked from the server"
    )
    tools: bool | None = Field(
        default=None,
        strict=True,
        description="Whether its chat models may be offered tools (agent mode); unset: asked from the server",
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("is no http:// or https:// address with a host")
        if parts.username is not None or parts.password is not None:
            raise ValueError("holds a user name or password; name an environment variable in api_key_env")
        if parts.query or parts.fragment:
            raise ValueError("has a query or fragment; give the base address only")
        _ = parts.port  # raises ValueError where the port is no number up to 65535
        return url.strip().rstrip("/")


class TimeoutConfig(_Section):
    """`timeout = { connect = …, first_token = …, silence = … }` of a route, in seconds."""

    connect: float = Field(default=3.0, gt=0, le=3600, description="Seconds for the connection")
    first_token: float = Field(default=300.0, gt=0, le=86400, description="Seconds until the first token comes")
    silence: float = Field(default=60.0, gt=0, le=86400, description="Longest gap in seconds after the first token")

    def as_timeouts(self) -> Timeouts:
        """The same as adapters take it."""
        return Timeouts(connect=self.connect, first_token=self.first_token, silence=self.silence)


class RouteConfig(_Section):
    """`[[routes]]`: which tasks go where. The first row that matches a task counts; the built-in rows follow yours."""

    kind: Annotated[tuple[Kind, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="Kinds of task that the row is for; empty: all"
    )
    priority: Annotated[tuple[Priority, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="Priorities that the row is for; empty: all"
    )
    complexity: Annotated[tuple[Complexity, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="Complexities that the row is for; empty: all"
    )
    size: Annotated[tuple[SizeClass, ...], BeforeValidator(_as_tuple)] = Field(
        default=(), description="Size classes to use, the best first; empty: any"
    )
    worker: str | None = Field(default=None, description="Name of the endpoint to use before all others")
    zones: Annotated[tuple[Zone, ...], BeforeValidator(_as_tuple)] = Field(
        default=(Zone.LOCAL, Zone.LAN),
        min_length=1,
        description="Where the worker may be; cloud counts only together with network.allow_cloud",
    )
    timeout: TimeoutConfig = Field(default=TimeoutConfig(), description="Seconds to wait for the endpoint")
    fallbacks: Annotated[tuple[Fallback, ...], BeforeValidator(_as_tuple)] = Field(
        default=ALL_FALLBACKS,
        description="What may be done, in this order, when the worker fails: least_loaded (another of the class), "
        "smaller (a slower or smaller model), queue (wait until one returns), ask (let the user choose)",
    )


_FAST = TimeoutConfig(connect=1.0, first_token=5.0, silence=5.0)
_CHAT = TimeoutConfig(connect=3.0, first_token=60.0, silence=30.0)
_T, _S, _M, _L = SizeClass.TINY, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE

DEFAULT_ROUTES: tuple[RouteConfig, ...] = (
    RouteConfig(kind=(Kind.COMPLETE,), size=(_T, _S), timeout=_FAST, fallbacks=("least_loaded", "smaller")),
    RouteConfig(kind=(Kind.CHAT,), size=(_S, _M), timeout=_CHAT, fallbacks=("least_loaded", "smaller", "ask")),
    RouteConfig(complexity=(Complexity.SIMPLE,), size=(_S, _M)),
    RouteConfig(kind=(Kind.SECURITY, Kind.OPTIMIZE, Kind.RESEARCH), size=(_L, _M)),
    RouteConfig(kind=(Kind.EXPLAIN, Kind.DOCUMENT), complexity=(Complexity.MODERATE,), size=(_S, _M)),
    RouteConfig(complexity=(Complexity.MODERATE,), size=(_M, _L)),
    RouteConfig(size=(_L, _M)),
)


class FleetConfig(_Section):
    """All of it. `routes` are the user's own rows; `table` is what counts."""

    network: NetworkConfig = Field(default=NetworkConfig(), description="Where Lanyard may send anything at all")
    endpoints: tuple[EndpointConfig, ...] = Field(default=(), description="The model servers of your fleet")
    routes: tuple[RouteConfig, ...] = Field(default=(), description="Your own rows of the routing table")

    @property
    def table(self) -> tuple[RouteConfig, ...]:
        """The user's rows, then the built-in ones."""
        return self.routes + DEFAULT_ROUTES


def parse(
    data: Mapping[str, Any], source: str = "config.toml", *, text: str = ""
) -> tuple[FleetConfig, tuple[str, ...]]:
    """Read the three sections of a parsed TOML file; other sections are left alone. Never raises.

    `text` is the file's content and serves to name lines. What cannot be used is left out, with one line for each
    mistake: an unknown key is ignored, an endpoint or route with a wrong value is left out whole, and so is a route
    with an unknown key, because a row that lost a condition would match too much.
    """
    reader = _Reader(source, text)
    network = reader.table(NetworkConfig, data.get("network", {}), ("network",)) or NetworkConfig()
    endpoints: dict[str, EndpointConfig] = {}
    for index, raw in enumerate(reader.rows(data, "endpoints")):
        endpoint = reader.table(EndpointConfig, raw, ("endpoints", index))
        if endpoint is not None and endpoint.name in endpoints:
            reader.problem(("endpoints", index, "name"), f"a second endpoint named {endpoint.name} is left out")
        elif endpoint is not None:
            endpoints[endpoint.name] = endpoint
    routes = [reader.table(RouteConfig, raw, ("routes", i)) for i, raw in enumerate(reader.rows(data, "routes"))]
    for index, route in enumerate(routes):
        if route is not None and route.worker is not None and route.worker not in endpoints:
            hint = _did_you_mean(route.worker, endpoints)
            reader.problem(("routes", index, "worker"), f"no endpoint is named {route.worker}{hint}")
    config = FleetConfig(
        network=network,
        endpoints=tuple(endpoints.values()),
        routes=tuple(route for route in routes if route is not None),
    )
    return config, tuple(reader.problems)


class _Reader:
    """Validates piece by piece, so that one mistake costs one entry."""

    def __init__(self, source: str, text: str) -> None:
        self.problems: list[str] = []
        self._source = source
        self._lines = text.splitlines()

    def problem(self, where: tuple[str | int, ...], message: str) -> None:
        line = _line_of(self._lines, where)
        place = f"{self._source}:{line}" if line else self._source
        # A key of TOML may hold anything, line breaks too.
        shown = "".join(char if char.isprintable() else "�" for char in message)
        self.problems.append(f"{place}: {_heading(where)}{shown}")

    def rows(self, data: Mapping[str, Any], section: str) -> Sequence[Any]:
        raw = data.get(section, [])
        if isinstance(raw, list):
            return cast("list[Any]", raw)
        self.problem((section,), f"write [[{section}]] with two brackets, once for each")
        return ()

    def table(self, model: type[SectionT], raw: object, where: tuple[str | int, ...]) -> SectionT | None:
        if not isinstance(raw, Mapping):
            self.problem(where, f"is no table; write [{where[0]}] and its keys below it")
            return None
        values = {str(key): value for key, value in cast("Mapping[Any, Any]", raw).items()}
        unknown = [key for key in values if key not in model.model_fields]
        left_out = "; the route is left out" if where[0] == "routes" else ""
        for key in unknown:
            del values[key]
            self.problem((*where, key), f"unknown key `{key}`{_did_you_mean(key, model.model_fields)}{left_out}")
        try:
            valid = model.model_validate(values)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_context=False):
                self.problem((*where, *detail["loc"][:2]), _say(detail["loc"], detail["msg"], detail["type"]))
            return None
        return None if unknown and left_out else valid


def _say(loc: Sequence[str | int], message: str, kind: str) -> str:
    """One line for a mistake. Values are never repeated: one of them may be a key that got into the wrong place."""
    name = ".".join(str(part) for part in loc if isinstance(part, str)) or "value"
    if "api_key_env" in loc:
        return "`api_key_env` must be the name of an environment variable, not the key itself"
    if kind == "missing":
        return f"`{name}` is missing"
    if kind == "extra_forbidden":
        return f"unknown key `{name}`"
    plain = message.removeprefix("Value error, ")
    return f"`{name}` {plain[:1].lower() + plain[1:]}"


def _heading(where: Sequence[str | int]) -> str:
    if len(where) > 1 and isinstance(where[1], int):
        return f"[[{where[0]}]] number {where[1] + 1}: "
    return f"[{where[0]}]: "


def _did_you_mean(word: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else ""


_TABLE = re.compile(r"^\s*(\[{1,2})\s*([A-Za-z0-9_.\"'-]+)\s*\]{1,2}\s*(#.*)?$")


def _line_of(lines: Sequence[str], where: Sequence[str | int]) -> int:
    """The 1-based line that holds the key, else its table's, 0 where neither is found; good for a message only."""
    section, index = where[0], where[1] if len(where) > 1 and isinstance(where[1], int) else 0
    keys = [part for part in where[1:] if isinstance(part, str)]
    seen, header = -1, 0
    for number, line in enumerate(lines, 1):
        match = _TABLE.match(line)
        if match:
            if header and not match[2].startswith(f"{section}."):
                break
            if match[2] == section:
                seen += 1
                header = number if seen == index else 0
        elif header and keys and re.match(rf"\s*[\"']?{re.escape(keys[0])}[\"']?\s*[.=]", line):
            return number
    return header
