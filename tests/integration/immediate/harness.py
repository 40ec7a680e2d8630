"""A real server process between a raw LSP client and a scripted endpoint."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.lsp_client import FULL_CAPABILITIES, LspClient, LspError

CONFIG = """\
[[endpoints]]
name = "desk"
url = "{url}"
dialect = "llamacpp"
capabilities = [{capabilities}]

[engine]
enabled = false

[completion]
debounce_ms = {debounce_ms}
timeout_s = 60
"""


@dataclass
class Lane:
    """One editor at one server with one endpoint."""

    client: LspClient
    endpoint: ScriptedEndpoint
    root: Path
    uri: str

    def open(self, text: str, language_id: str = "python") -> None:
        self.client.open(self.uri, text, language_id)

    def write(self, text: str) -> None:
        """Replace the document's whole text."""
        self.client.change(self.uri, {"text": text})

    def insert(self, line: int, character: int, text: str) -> None:
        """Type something."""
        place = {"line": line, "character": character}
        self.client.change(self.uri, {"range": {"start": place, "end": place}, "text": text})

    async def settle(self) -> None:
        """Wait until everything that was sent so far has been handled: the endpoint's words come another way."""
        with suppress(LspError):
            await self.client.request("no/such/method")

    def params(self, line: int, character: int, kind: int = 2) -> dict[str, Any]:
        return {
            "textDocument": {"uri": self.uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": kind},
        }

    def ask(self, line: int, character: int) -> Any:
        return self.client.ask("textDocument/inlineCompletion", self.params(line, character))

    async def texts(self, line: int, character: int) -> list[str]:
        answer = await self.ask(line, character)
        return [item["insertText"] for item in answer["items"]]


@asynccontextmanager
async def lane(
    tmp_path: Path,
    *,
    debounce_ms: int = 0,
    capabilities: Mapping[str, Any] | None = None,
    serves: str = '"completion", "chat"',
    name: str = "a.py",
) -> AsyncGenerator[Lane]:
    """A server that has found its endpoint."""
    root = (tmp_path / "work").resolve()
    root.mkdir()
    async with ScriptedEndpoint() as endpoint:
        config = tmp_path / "config.toml"
        config.write_text(CONFIG.format(url=endpoint.url, debounce_ms=debounce_ms, capabilities=serves))
        env = {"LANYARD_HOME": str(tmp_path / "home"), "LANYARD_CONFIG": str(config)}
        async with LspClient.start(env=env, cwd=root) as client:
            await client.initialize(root, capabilities=FULL_CAPABILITIES if capabilities is None else capabilities)
            await endpoint.until(lambda: any(asked.path == "/v1/models" and asked.ended for asked in endpoint.asked))
            yield Lane(client, endpoint, root, (root / name).as_uri())
            assert await client.shutdown() == 0
