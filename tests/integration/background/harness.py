"""A real server process between a raw LSP client and scripted endpoints, for the tests of the background lane."""

from __future__ import annotations

import re
import textwrap
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lanyard_routing.task import Capability
from lanyard_routing.testing.script import Fault, Rule, Say, Script, ServedModel
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.lsp_client import FULL_CAPABILITIES, LspClient

ENDPOINT = """\
[[endpoints]]
name = "{name}"
url = "{url}"
dialect = "openai"
slots = 2
"""
REST = """\
[engine]
enabled = false

[[routes]]
timeout = {{ connect = 30, first_token = {first_token}, silence = {silence} }}
"""
MODEL = ServedModel(name="m-32b", parameters=32_000_000_000, context=32768, capabilities=(Capability.CHAT,))

ASKING = {"window": {**FULL_CAPABILITIES["window"], "showMessage": {"messageActionItem": {}}}}
PUSHED = {"textDocument": {k: v for k, v in FULL_CAPABILITIES["textDocument"].items() if k != "diagnostic"}}


def capabilities(*changes: Mapping[str, Any]) -> dict[str, Any]:
    """The capabilities of a complete client with some sections replaced."""
    merged: dict[str, Any] = dict(FULL_CAPABILITIES)
    for change in changes:
        merged |= change
    return merged


def replying(code: str, *, fence: str = "python", **more: Any) -> Say:
    """A reply with one fenced block."""
    return Say(text=f"```{fence}\n{textwrap.dedent(code).strip()}\n```\n", **more)


@dataclass
class Editor:
    """One editor at one server."""

    client: LspClient
    root: Path
    answers: list[Any] = field(default_factory=list)

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str, text: str | None = None, language_id: str = "python") -> str:
        """Open a file; with `text` it is written first."""
        if text is not None:
            self.write(path, text)
        # Not read_text: that one changes line ends.
        self.client.open(self.uri(path), (self.root / path).read_bytes().decode(), language_id)
        return self.uri(path)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(text.encode())

    async def actions(
        self,
        path: str,
        line: int,
        character: int = 4,
        *,
        end: tuple[int, int] | None = None,
        only: Sequence[str] | None = None,
        diagnostics: Sequence[Any] = (),
    ) -> list[dict[str, Any]]:
        start = {"line": line, "character": character}
        stop = start if end is None else {"line": end[0], "character": end[1]}
        context: dict[str, Any] = {"diagnostics": list(diagnostics)} | ({} if only is None else {"only": list(only)})
        params = {"textDocument": {"uri": self.uri(path)}, "range": {"start": start, "end": stop}, "context": context}
        return list(await self.client.request("textDocument/codeAction", params))

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.client.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    async def run(self, path: str, title: str, line: int, character: int = 4, **more: Any) -> str:
        """Choose the code action of that title; the task's id."""
        found = await self.actions(path, line, character, **more)
        chosen = [a for a in found if a["title"] == title]
        assert chosen, f"no {title!r} among {[a['title'] for a in found]}"
        answer = await self.command(chosen[0]["command"]["command"], *chosen[0]["command"]["arguments"])
        return str(answer["task"])

    async def line(self, pattern: str, count: int = 1) -> str:
        """The line shown to the user that fits, once it has come."""
        fits = "window/showMessage", lambda p: re.search(pattern, p["message"]), count
        try:
            return str((await self.client.wait_for(*fits))["message"])
        except AssertionError as error:
            raise AssertionError(f"{error}; shown: {self.lines()}") from None

    def lines(self, pattern: str = "") -> list[str]:
        shown = [p["message"] for p in self.client.messages("window/showMessage")]
        return [message for message in shown if re.search(pattern, message)]

    async def diagnostics(self, path: str) -> list[dict[str, Any]]:
        """As a client that pulls sees them."""
        report = await self.client.request("textDocument/diagnostic", {"textDocument": {"uri": self.uri(path)}})
        return list(report["items"])

    async def published(self, path: str, count: int) -> list[dict[str, Any]]:
        """As a client that is pushed to sees them, once the last ones are so many."""
        uri = self.uri(path)

        def last() -> list[dict[str, Any]] | None:
            sent = [p for p in self.client.messages("textDocument/publishDiagnostics") if p["uri"] == uri]
            return sent[-1]["diagnostics"] if sent else None

        await self.client.until(lambda: len(last() or []) == count and last() is not None, f"{count} diagnostics")
        return last() or []

    def edits(self) -> list[dict[str, Any]]:
        return [p["edit"] for p in self.client.messages("workspace/applyEdit")]

    def reports(self, title: str) -> list[str]:
        """The lines of the progress of that title so far."""
        begun = [p["token"] for p in self.client.messages("$/progress") if p["value"].get("title") == title]
        said = [p["value"] for p in self.client.messages("$/progress") if p["token"] in begun]
        return [value["message"] for value in said if "message" in value]

    async def token(self, title: str) -> Any:
        """The token of the progress of that title."""
        return (await self.client.wait_for("$/progress", lambda p: p["value"].get("title") == title))["token"]

    async def ended(self, title: str, count: int = 1) -> None:
        """Wait until the progress of that title has ended."""

        def ends() -> int:
            sent = self.client.messages("$/progress")
            begun = {p["token"] for p in sent if p["value"].get("title") == title}
            return sum(p["token"] in begun and p["value"]["kind"] == "end" for p in sent)

        await self.client.until(lambda: ends() >= count, f"the end of {title}")

    async def settle(self) -> None:
        """Wait until everything that was sent so far has been handled."""
        await self.client.request("textDocument/codeAction", _ANYWHERE)


_ANYWHERE = {
    "textDocument": {"uri": "file:///nowhere"},
    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
    "context": {"diagnostics": []},
}


@dataclass
class Yard:
    """A workspace, endpoints, and servers started on them one after the other or side by side."""

    tmp: Path
    root: Path
    endpoints: dict[str, ScriptedEndpoint]

    @property
    def endpoint(self) -> ScriptedEndpoint:
        return next(iter(self.endpoints.values()))

    @property
    def env(self) -> dict[str, str]:
        return {"LANYARD_HOME": str(self.tmp / "home"), "LANYARD_CONFIG": str(self.tmp / "config.toml")}

    @asynccontextmanager
    async def editor(
        self, *, declared: Mapping[str, Any] | None = None, root: Path | None = None, end: str = "shutdown"
    ) -> AsyncGenerator[Editor]:
        """A server that has looked at its endpoints; `end`: "shutdown", or "kill" for `kill -9`."""
        root = root or self.root
        async with LspClient.start(env=self.env, cwd=self.tmp) as client:
            probed = {name: _probes(each) for name, each in self.endpoints.items()}
            await client.initialize(root, capabilities=FULL_CAPABILITIES if declared is None else declared)
            for name, each in self.endpoints.items():
                await each.until(lambda n=name, e=each: e.script.loading or e.dead or _probes(e) > probed[n])
            yield Editor(client, root)
            if end == "kill":
                assert client.process is not None
                client.process.kill()
                await client.process.wait()
            else:
                assert await client.shutdown() == 0


def _probes(endpoint: ScriptedEndpoint) -> int:
    return sum(asked.path == "/v1/models" and asked.ended for asked in endpoint.asked)


class Endpoint(ScriptedEndpoint):
    """As shipped; `dead` says that nobody listens, so that no probe need be waited for."""

    dead = False

    async def refuse(self) -> None:
        self.dead = True
        await super().refuse()

    async def accept(self) -> None:
        self.dead = False
        await super().accept()

    def says(self, *replies: Say | tuple[str, Say]) -> None:
        """Answer with these from now on: `(pattern, reply)` where the prompt matches, else the last plain one."""
        rules = tuple(Rule(match=each[0], say=each[1]) for each in replies if isinstance(each, tuple))
        plain = [each for each in replies if isinstance(each, Say)]
        self.script = Script(rules=rules, default=plain[-1] if plain else Say(), models=self.script.models)
        self._used.clear()


@asynccontextmanager
async def a_yard(
    tmp: Path, *names: str, config: str = "", first_token: float = 60, silence: float = 60
) -> AsyncGenerator[Yard]:
    """Endpoints (one named gpu-1 unless others are named) and their configuration."""
    root = (tmp / "work").resolve()
    root.mkdir()
    async with AsyncExitStack() as stack:
        endpoints: dict[str, ScriptedEndpoint] = {}
        for name in names or ("gpu-1",):
            endpoints[name] = await stack.enter_async_context(Endpoint(Script(models=(MODEL,))))
        rest = REST.format(first_token=first_token, silence=silence)
        sections = [ENDPOINT.format(name=name, url=each.url) for name, each in endpoints.items()]
        (tmp / "config.toml").write_text("\n".join([*sections, rest, config]))
        yield Yard(tmp, root, endpoints)


__all__ = [
    "ASKING",
    "PUSHED",
    "Editor",
    "Endpoint",
    "Fault",
    "Rule",
    "Say",
    "Script",
    "Yard",
    "a_yard",
    "capabilities",
    "replying",
]
