"""The main job in plain LSP, as each recorded editor plays it: what it declares, in its order, with its habits.

Recorded are the parameters of `initialize` (tests/data/editors). Zed's and Sublime Text's come from their source,
as their habits do; the others were sent by the running editor. docs/editors.md says which.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import lanyard_server
from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.lsp_client import LspClient, LspError, NoAnswer

SAMPLE = Path(lanyard_server.__file__).parent / "demo" / "sample"
EDITORS = {path.stem: path for path in sorted((Path(__file__).parents[2] / "data" / "editors").glob("*.json"))}
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
SPECIAL = "naïve 🙂 café"
REFACTORED = f"""```python
def shipping(total: Money, country: str) -> Money:
    \"\"\"What it costs to ship, {SPECIAL}.\"\"\"
    if country != "DE":
        return Money(1990)
    return Money(0 if total.cents >= 5000 else 490)
```"""
SCRIPT = Script(
    rules=(
        Rule(match="Refactor", say=Say(text=REFACTORED)),
        Rule(match="What is", say=Say(text=f"A shop, {SPECIAL}.")),
        Rule(form="fill", say=Say(text='ping(Money(9900), "DE")')),
    )
)


@dataclass(frozen=True)
class Habits:
    """What an editor does that its declarations do not tell.

    `first_version`: of a document that is opened. `resolves`: asks to resolve a chosen action that has no edit, where
    the server offers that. `own_token`: sends a workDoneToken with its requests. `whole`: sends the whole text as its
    change. `told`: sends `workspace/didChangeConfiguration` once it is initialized. `bare`: its diagnostics have no
    source and no data. `mute`: never answers `workspace/applyEdit`. `context`: of its requests for actions.
    """

    first_version: int = 1
    resolves: bool = False
    own_token: bool = False
    whole: bool = False
    told: bool = False
    bare: bool = False
    mute: bool = False
    context: dict[str, Any] = field(default_factory=dict[str, Any])


HABITS = {
    # session_buffer.py, views.py and sessions.py of the LSP package: pulls diagnostics before it asks for actions
    "sublime-text-lsp-2.13": Habits(first_version=0, resolves=True, own_token=True, context={"triggerKind": 1}),
    # lsp_store.rs: version 0 at first, resolves only actions that carry data
    "zed": Habits(first_version=0, told=True),
    "kakoune-lsp-21": Habits(whole=True, told=True, context={"triggerKind": 2}),
    "vim-9-ale-3.3": Habits(bare=True, mute=True, whole=True),
    "helix-25": Habits(first_version=0, resolves=True, context={"triggerKind": 1}),
}


class Editor:
    """A client that holds texts and changes them as the server's edits say."""

    def __init__(self, client: LspClient, said: dict[str, Any], declared: dict[str, Any], habits: Habits) -> None:
        self.client = client
        self.capabilities = said["capabilities"]
        self.encoding = self.capabilities.get("positionEncoding", "utf-16")
        self.declared = declared
        self.habits = habits
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.forms: list[str] = []
        client.answers["workspace/applyEdit"] = self._apply
        for method in ("window/showDocument", "window/workDoneProgress/create"):
            if not declared.get("window", {}).get(method.split("/")[1]):
                client.answers[method] = _refuse

    def offset(self, text: str, position: dict[str, int]) -> int:
        start = sum(len(line) for line in text.splitlines(keepends=True)[: position["line"]])
        codec, size = CODECS[self.encoding]
        line = text[start:].split("\n", maxsplit=1)[0].encode(codec)
        return start + len(line[: position["character"] * size].decode(codec))

    def place(self, uri: str, piece: str) -> dict[str, int]:
        """The position of a piece of text."""
        before = self.texts[uri][: self.texts[uri].index(piece)]
        return {"line": before.count("\n"), "character": self.units(before.rpartition("\n")[2])}

    def units(self, line: str) -> int:
        """How long a piece of a line is to this editor."""
        codec, size = CODECS[self.encoding]
        return len(line.encode(codec)) // size

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.texts[uri], self.versions[uri] = text, self.habits.first_version
        document = {"uri": uri, "languageId": language, "version": self.versions[uri], "text": text}
        self.client.notify("textDocument/didOpen", {"textDocument": document})

    def type(self, uri: str, at: str, text: str) -> None:
        """Put text behind a piece of text."""
        before, _, after = self.texts[uri].partition(at)
        self.texts[uri] = before + at + text + after
        self._changed(uri)

    def _changed(self, uri: str) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        whole: dict[str, Any] = {"text": self.texts[uri]}
        if not self.habits.whole:
            whole["range"] = {"start": {"line": 0, "character": 0}, "end": {"line": 100_000, "character": 0}}
        self.client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [whole]})

    def _apply(self, params: dict[str, Any]) -> dict[str, bool]:
        edit = params["edit"]
        self.forms.extend(edit)
        if "documentChanges" in edit:
            found = [(one["textDocument"]["uri"], one["edits"]) for one in edit["documentChanges"]]
            for one in edit["documentChanges"]:
                assert one["textDocument"]["version"] in (None, self.versions[one["textDocument"]["uri"]])
        else:
            found = list(edit["changes"].items())
        for uri, edits in found:
            text = self.texts[uri]
            spans = [
                (self.offset(text, one["range"]["start"]), self.offset(text, one["range"]["end"]), one["newText"])
                for one in edits
            ]
            for start, end, new in sorted(spans, reverse=True):
                text = text[:start] + new + text[end:]
            self.texts[uri] = text
            self._changed(uri)
        if self.habits.mute:
            raise NoAnswer
        return {"applied": True}

    async def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """What the editor shows now: pulled, or what was published last."""
        if self.capabilities.get("diagnosticProvider"):
            report = await self.client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            return report["items"]
        sent = [m for m in self.client.messages("textDocument/publishDiagnostics") if m["uri"] == uri]
        return sent[-1]["diagnostics"] if sent else []

    async def actions(self, uri: str, piece: str) -> list[dict[str, Any]]:
        """What the menu shows at a piece of text."""
        place = self.place(uri, piece)
        given = [one for one in await self.diagnostics(uri) if one["range"]["start"]["line"] == place["line"]]
        if self.habits.bare:
            given = [{key: one[key] for key in ("range", "message")} for one in given]
        context = {"diagnostics": given, **self.habits.context}
        params = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": context}
        return await self.client.ask("textDocument/codeAction", self._with_token(params))

    async def choose(self, uri: str, piece: str, title: str) -> Any:
        """Run an action of the menu."""
        found = await self.actions(uri, piece)
        [action] = [one for one in found if one["title"] == title]
        if self.habits.resolves and self.capabilities["codeActionProvider"].get("resolveProvider"):
            action = await self.client.ask("codeAction/resolve", action)
        command = action["command"]
        assert command["command"] in self.capabilities["executeCommandProvider"]["commands"]
        return await self.client.ask("workspace/executeCommand", self._with_token(dict(command)))

    def _with_token(self, params: dict[str, Any]) -> dict[str, Any]:
        return params | {"workDoneToken": f"$ublime-{len(self.client.responses)}"} if self.habits.own_token else params


def _refuse(_: Any) -> Any:
    raise LspError({"code": -32601, "message": "not declared"})


@asynccontextmanager
async def playing(name: str, tmp_path: Path) -> AsyncGenerator[tuple[Editor, str]]:
    root, home = tmp_path / "shop", tmp_path / "home"
    shutil.copytree(SAMPLE, root)
    file = root / "shop" / "orders.py"
    file.write_text(file.read_text().replace("What it costs to ship:", f"{SPECIAL}:"))
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    params = json.loads(EDITORS[name].read_text())
    habits = HABITS.get(name, Habits())
    async with ScriptedEndpoint(SCRIPT) as endpoint:
        endpoints = f'[[endpoints]]\nname = "gpu-1"\nurl = "{endpoint.url}"\nsize = "large"\n'
        config.write_text(f"{endpoints}[completion]\ntimeout_s = 60\n[engine]\nenabled = false\n")
        async with LspClient.start(env={"LANYARD_HOME": str(home)}) as client:
            params |= {"rootUri": root.as_uri(), "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}]}
            said = await client.ask("initialize", params)
            client.notify("initialized", {})
            editor = Editor(client, said, params["capabilities"], habits)
            if habits.told:
                client.notify("workspace/didChangeConfiguration", {"settings": {}})
            editor.open(file.as_uri(), file.read_text())
            yield editor, file.as_uri()


@pytest.mark.parametrize("name", EDITORS)
async def test_an_action_becomes_a_proposal_that_is_applied_in_the_form_the_editor_knows(name, tmp_path):
    async with playing(name, tmp_path) as (editor, uri):
        before = editor.texts[uri]
        await editor.choose(uri, "def shipping", "Refactor shipping")
        await editor.client.wait_for("window/showMessage", lambda m: "Refactor shipping" in m["message"])
        [proposal] = await editor.diagnostics(uri)
        assert proposal["range"]["start"]["line"] == editor.place(uri, "def shipping")["line"]
        assert editor.texts[uri] == before
        titles = [one["title"] for one in await editor.actions(uri, "def shipping")]
        assert titles[:3] == [f"{word}: Refactor shipping" for word in ("Apply", "Show diff", "Dismiss")]
        await editor.choose(uri, "def shipping", "Apply: Refactor shipping")
        assert "return Money(0 if total.cents >= 5000 else 490)" in editor.texts[uri]
        assert f"ship, {SPECIAL}." in editor.texts[uri]
        assert editor.texts[uri].count("def ") == before.count("def ")
        assert await editor.diagnostics(uri) == []
        asked = editor.declared["workspace"].get("workspaceEdit", {}).get("documentChanges")
        assert set(editor.forms) == {"documentChanges" if asked else "changes"}
        progress = [m for m in editor.client.received if m.method in ("$/progress", "window/workDoneProgress/create")]
        assert bool(progress) == bool(editor.declared.get("window", {}).get("workDoneProgress"))


@pytest.mark.parametrize("name", EDITORS)
async def test_a_chat_document_is_answered_and_code_is_completed(name, tmp_path):
    async with playing(name, tmp_path) as (editor, uri):
        made = await editor.client.ask("workspace/executeCommand", {"command": "lanyard.chat.new", "arguments": []})
        asked = editor.declared.get("window", {}).get("showDocument")
        await editor.client.wait_for("window/showDocument" if asked else "window/showMessage")
        assert bool(editor.client.messages("window/showDocument")) == bool(asked)
        chat = made["uri"]
        editor.open(chat, Path(chat.removeprefix("file://")).read_text(), "markdown")
        question = f"What is this? {SPECIAL}"
        editor.type(chat, "## You\n\n", question)
        await editor.choose(chat, "What is", "Send to Lanyard")
        assert f"A shop, {SPECIAL}." in editor.texts[chat]
        assert editor.texts[chat].count(question) == 1

        line = f'    free = "{SPECIAL}", ship'
        editor.type(uri, "    return orders", f"\n{line}")
        place = editor.place(uri, line)
        place["character"] = editor.units(line)
        params = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 1}}
        answer = await editor.client.ask("textDocument/completion", params)
        [item] = answer["items"] if isinstance(answer, dict) else answer
        text = (item.get("textEdit") or {}).get("newText") or item.get("insertText") or item["label"]
        assert 'ping(Money(9900), "DE")' in text
