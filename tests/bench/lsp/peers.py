"""Three servers that answer one inline completion request with a fixed item: ours, plain pygls, a blocking loop.

`python peers.py ours|pygls|floor`: what a request costs apart from everything that a request is for.
"""

from __future__ import annotations

import asyncio
import json
import sys

TEXT = "return a + b"


def floor() -> None:
    """The least a Python server can do."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while True:
        length = 0
        while (line := source.readline()) != b"\r\n":
            if not line:
                return
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        message = json.loads(source.read(length))
        result = {"capabilities": {"inlineCompletionProvider": {}}}
        if message["method"] == "textDocument/inlineCompletion":
            at = message["params"]["position"]
            result = {"items": [{"insertText": TEXT, "range": {"start": at, "end": at}}]}
        if message["method"] == "exit":
            return
        if "id" in message:
            body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
            target.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            target.flush()


def plain_pygls() -> None:
    """pygls as its documentation shows it."""
    from lsprotocol import types
    from pygls.lsp.server import LanguageServer

    server = LanguageServer("peer", "0")

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline(params: types.InlineCompletionParams) -> types.InlineCompletionList:
        place = types.Range(params.position, params.position)
        return types.InlineCompletionList([types.InlineCompletionItem(insert_text=TEXT, range=place)])

    server.start_io()


def ours() -> None:
    """Lanyard's protocol with one feature."""
    from lsprotocol import types

    from lanyard_server import listen, runtime
    from lanyard_server.app import make_session
    from lanyard_server.capabilities import build_capabilities
    from lanyard_server.feature import Feature
    from lanyard_server.features import sync
    from lanyard_server.lifecycle import Lifecycle
    from lanyard_server.protocol import LanyardProtocol

    async def inline(_: object, params: types.InlineCompletionParams) -> types.InlineCompletionList:
        place = types.Range(params.position, params.position)
        return types.InlineCompletionList([types.InlineCompletionItem(insert_text=TEXT, range=place)])

    features = (
        *sync.FEATURES,
        Feature("textDocument/inlineCompletion", "snapshot", inline, options=types.InlineCompletionOptions()),
    )

    def connect(sink: object, **_: object) -> LanyardProtocol:
        return LanyardProtocol(
            features, sink, Lifecycle(make_session, lambda s: build_capabilities(s, features), watch=False)
        )

    _ = runtime
    listen.connect = connect
    source, target = listen.claim_stdio()
    asyncio.run(listen.serve_stdio(source, target))


if __name__ == "__main__":
    {"ours": ours, "pygls": plain_pygls, "floor": floor}[sys.argv[1]]()
