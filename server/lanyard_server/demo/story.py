"""The demo's steps: each does what an editor would do, and prints what came back.

Owns the order and the words. Everything goes through the language server's protocol; nothing is called directly.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lanyard_server.demo.client import LspClient, LspError
from lanyard_server.demo.hosts import Host
from lanyard_server.demo.say import Teller, milliseconds
from lanyard_server.uris import path_of

_ENGINE_S = 30.0
_PROPOSED = "Apply it"
_OUTCOMES = (_PROPOSED, "shown as diagnostics", "no findings", "refused", "dropped.", "failed")
_SUGGESTIONS = 4
_SURE_AT = len("        ret")
"""Keys after which the smallest model has something to suggest."""
_KILL_AT = 20


class Broken(Exception):
    """A step did not do what it is there to show; the message says what."""


@dataclass(slots=True)
class Story:
    """One run of the demo over an open connection."""

    client: LspClient
    root: Path
    tell: Teller
    hosts: dict[str, Host]
    texts: dict[str, str] = field(default_factory=dict[str, str])

    def uri(self, path: str) -> str:
        """The URI of a file of the sample project."""
        return (self.root / path).as_uri()

    def open(self, path: str) -> str:
        """Open a file as an editor does; its URI."""
        text = (self.root / path).read_text("utf-8")
        self.texts[path] = text
        self.client.open(self.uri(path), text)
        return self.uri(path)

    def line_of(self, path: str, piece: str) -> int:
        """The 0-based line that holds a piece of text."""
        return self.texts[path][: self.texts[path].index(piece)].count("\n")

    # --- the immediate lane ---

    async def completion(self) -> None:
        """Type a method key by key, asking at each key as an editor does."""
        self.tell.step("Inline completion, typed key by key in shop/money.py")
        uri = self.open("shop/money.py")
        line = self.line_of("shop/money.py", "ZERO = Money(0)") - 2
        start = {"line": line, "character": 0}
        head = "\n    def minus(self, other: Money) -> Money:\n"
        self.client.change(uri, {"range": {"start": start, "end": start}, "text": head})
        typed, row, times, shown, rest = "        return Money(self.cents - ot", line + 2, list[float](), 0, ""
        opened = time.perf_counter()
        for number, key in enumerate(typed):
            place = {"line": row, "character": number}
            self.client.change(uri, {"range": {"start": place, "end": place}, "text": key})
            if number + 1 == _SURE_AT:
                await self._ready(uri, row, opened)
            began = time.perf_counter()
            items = await self._suggestions(uri, row, number + 1)
            times.append(time.perf_counter() - began)
            text = str(items[0]["insertText"]) if items else ""
            if text and text != rest and shown < _SUGGESTIONS:
                shown += 1
                self.tell.line(f"{typed[: number + 1].strip()!r}▮ → {text!r}")
            rest = text[1:]
        end = {"line": row, "character": len(typed)}
        self.client.change(uri, {"range": {"start": end, "end": end}, "text": "her.cents)"})
        times.sort()
        middle, worst = milliseconds(times[len(times) // 2]), milliseconds(times[-1])
        self.tell.line(f"{len(typed)} keys, an answer to each: {middle} in the middle, {worst} at worst")

    async def _suggestions(self, uri: str, row: int, column: int) -> list[dict[str, Any]]:
        answer = await self.client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": uri},
                "position": {"line": row, "character": column},
                "context": {"triggerKind": 1},
            },
        )
        return list(answer["items"]) if answer else []

    async def _ready(self, uri: str, row: int, opened: float) -> None:
        """Ask until the engine answers: it starts in the background, while the editor is usable."""
        while not await self._suggestions(uri, row, _SURE_AT):
            if time.perf_counter() - opened > _ENGINE_S:
                lines = [m["message"] for m in self.client.messages("window/logMessage")]
                raise Broken(f"no completion within {_ENGINE_S:.0f} s: {lines}")
            await asyncio.sleep(0.1)
        waited = milliseconds(time.perf_counter() - opened)
        self.tell.line(f"first suggestion {waited} after opening the file, engine's start included")

    async def chat(self) -> None:
        """Ask a question; the reply streams."""
        self.tell.step("Chat, streamed")
        token, began = "demo-chat", time.perf_counter()
        question = "Why does the cart keep only units and counts?"
        self.tell.line(f"asked: {question}")
        answer = await self.client.request(
            "lanyard/chat",
            {"messages": [{"role": "user", "content": question}], "partialResultToken": token},
        )
        parts = [p for p in self.client.messages("$/progress") if p["token"] == token]
        took = milliseconds(time.perf_counter() - began)
        self.tell.line(
            f"answered by {answer.get('worker', '?')} ({answer.get('model', '?')}) in {took}, {len(parts)} parts"
        )
        self.tell.block(str(answer.get("text") or answer.get("message", {}).get("content", "")))

    # --- the background lane ---

    async def action(self, path: str, at: str, title: str) -> str:
        """List the code actions at a place, run the one with this title, and wait for its end; the task's id."""
        if path not in self.texts:
            self.open(path)
        place = {"line": self.line_of(path, at), "character": 8}
        began = time.perf_counter()
        params: dict[str, Any] = {
            "textDocument": {"uri": self.uri(path)},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        }
        actions = await self.client.request("textDocument/codeAction", params)
        self.tell.line(f"{len(actions)} code actions listed in {milliseconds(time.perf_counter() - began)}")
        found = next((a for a in actions if a["title"] == title), None)
        if found is None:
            raise Broken(f"no code action “{title}” among {[a['title'] for a in actions]}")
        logged = len(self.client.messages("window/logMessage"))
        answer = await self.command(found["command"]["command"], found["command"]["arguments"])
        self.tell.line(f"“{title}” submitted as task {answer['task'][:8]}; the editor is free again")
        for message in self.client.messages("window/logMessage")[logged:]:
            if "slice of" in message["message"]:
                self.tell.line(message["message"].partition(": ")[2])
        return str(answer["task"])

    async def command(self, name: str, arguments: list[Any]) -> Any:
        """Run a command of the server."""
        try:
            return await self.client.request("workspace/executeCommand", {"command": name, "arguments": arguments})
        except LspError as error:
            raise Broken(str(error)) from None

    async def followed(self, title: str) -> str:
        """Wait until a task of this title has ended; prints its progress on the way, returns its outcome's line."""
        begun = await self.client.wait_for("$/progress", lambda p: p["value"].get("title") == title)
        token = begun["token"]
        await self.client.wait_for("$/progress", lambda p: p["token"] == token and p["value"]["kind"] == "end")
        reports = self.reports(token)
        for message in _thinned(reports):
            self.tell.line(f"progress: {message}")

        def outcome(params: dict[str, Any]) -> bool:
            message = str(params["message"])
            return message.startswith(title) and any(ending in message for ending in _OUTCOMES)

        shown = await self.client.wait_for("window/showMessage", outcome)
        return str(shown["message"])

    def reports(self, token: int | str) -> list[str]:
        """The lines of a progress so far."""
        values = [p["value"] for p in self.client.messages("$/progress") if p["token"] == token]
        return [str(value["message"]) for value in values if "message" in value]

    async def diagnostics(self, path: str) -> list[dict[str, Any]]:
        """Pull a document's diagnostics."""
        report = await self.client.request("textDocument/diagnostic", {"textDocument": {"uri": self.uri(path)}})
        return list(report["items"])

    async def proposed(self, path: str, title: str) -> bool:
        """Wait for a task's outcome and print it, with the evidence of a proposal; whether there is one."""
        line = await self.followed(title)
        self.tell.line(line)
        for diagnostic in await self.diagnostics(path):
            if diagnostic["message"].startswith(title):
                self.tell.line(f"evidence: {diagnostic['message'].removeprefix(title).lstrip(': ')}")
        return _PROPOSED in line

    async def review(self) -> None:
        """Review a function: findings as diagnostics."""
        self.tell.step("Review a function")
        await self.action("shop/orders.py", "def save_order", "Review save_order")
        self.tell.line(await self.followed("Review save_order"))
        for message in self.client.messages("window/showMessage"):
            if "without a place" in message["message"]:
                self.tell.line(f"left out: {message['message']}")
        for diagnostic in await self.diagnostics("shop/orders.py"):
            first = diagnostic["range"]["start"]["line"] + 1
            self.tell.line(f"diagnostic at line {first}: {diagnostic['message'].splitlines()[0]}")

    async def tests(self) -> None:
        """Write tests: a new file, offered as a proposal, run in a sandbox where there is one."""
        self.tell.step("Write tests for a function")
        task = await self.action("shop/orders.py", "def shipping", "Write tests for shipping")
        if not await self.proposed("shop/orders.py", "Write tests for shipping"):
            return
        diff = await self.command("lanyard.showDiff", [task])
        self.tell.block(diff["diff"], most=16)

    async def refactor(self) -> None:
        """Refactor a method: the diff, then Apply."""
        self.tell.step("Refactor a method, look at the diff, apply it")
        task = await self.action("shop/cart.py", "def total", "Refactor Cart.total")
        if not await self.proposed("shop/cart.py", "Refactor Cart.total"):
            return
        diff = await self.command("lanyard.showDiff", [task])
        self.tell.block(diff["diff"])
        await self.command("lanyard.apply", [task])
        edits = self.client.messages("workspace/applyEdit")
        self.tell.line(
            f"applied: the editor was sent {len(edits)} workspace edit; nothing had touched the buffer before"
        )

    async def worker_dies(self) -> None:
        """Kill the worker in the middle of a task; it goes on elsewhere."""
        self.tell.step("A worker is killed in the middle of a task")
        await self.action("shop/orders.py", "def load_orders", "Explain load_orders")
        title = "Explain load_orders"
        begun = await self.client.wait_for("$/progress", lambda p: p["value"].get("title") == title)
        token = begun["token"]

        def streaming(params: dict[str, Any]) -> bool:
            counted = re.search(r": (\d+) tokens, ", params["value"].get("message", ""))
            return params["token"] == token and counted is not None and int(counted[1]) >= _KILL_AT

        await self.client.wait_for("$/progress", streaming)
        reports = self.reports(token)
        victim = next((h for r in reports for n, h in self.hosts.items() if r.startswith(n)), None)
        if victim is None:
            raise Broken(f"no host of the demo took the task: {reports}")
        self.tell.line(f"{victim.name} is at work ({reports[-1]}); kill -9")
        await victim.kill()
        killed = time.perf_counter()
        await self.client.wait_for("$/progress", lambda p: p["token"] == token and p["value"]["kind"] == "end")
        for message in self.client.messages("window/logMessage"):
            if title in message["message"] and "goes on" in message["message"]:
                self.tell.line(message["message"])
        self.tell.line(f"finished elsewhere {milliseconds(time.perf_counter() - killed)} after the kill")
        shown = await self.client.wait_for("window/showDocument", lambda p: p["uri"].endswith(".md"))
        self.tell.block(_text_of(shown["uri"]), most=8)


def _text_of(uri: str) -> str:
    path = path_of(uri)
    return path.read_text("utf-8") if path else ""


def _thinned(messages: list[str]) -> list[str]:
    """The messages without the middle of a run of token counts."""
    kept: list[str] = []
    for number, message in enumerate(messages):
        counts = "tokens/s" in message
        following = messages[number + 1] if number + 1 < len(messages) else ""
        if not counts or "tokens/s" not in following:
            kept.append(message)
    return kept
