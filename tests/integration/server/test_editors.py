"""The server with what real editors declare; pytest-lsp checks each message against those capabilities."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from lanyard_server.applying import apply_edit
from support.immediate import make_session
from support.lsp_client import LspClient

URI = "file:///project/a.py"
SOURCE = "def add(a, b):\n    return a + b\n"


# initialize parameters of clients as they sent them, without paths; docs/editors.md has what else works in each
RECORDED = sorted((Path(__file__).parents[2] / "data" / "editors").glob("*.json"))


@pytest_lsp.fixture(
    params=["visual-studio-code", "neovim"],
    config=ClientServerConfig(server_command=[sys.executable, "-m", "lanyard_server", "serve"]),
)
async def client(request, lsp_client: LanguageClient, tmp_path_factory):
    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _(params: types.RegistrationParams):
        return None

    params = types.InitializeParams(capabilities=client_capabilities(request.param), workspace_folders=[])
    result = await lsp_client.initialize_session(params)
    lsp_client.said = result
    yield
    await lsp_client.shutdown_session()


async def test_the_main_methods_answer(client: LanguageClient):
    capabilities = client.said.capabilities
    assert client.said.server_info.name == "lanyard"
    assert capabilities.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    document = types.TextDocumentItem(uri=URI, language_id="python", version=1, text=SOURCE)
    client.text_document_did_open(types.DidOpenTextDocumentParams(document))
    place = types.Position(1, 4)
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(URI),
            range=types.Range(place, place),
            context=types.CodeActionContext(diagnostics=[]),
        )
    )
    assert any("add" in action.title for action in actions)
    report = await client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(text_document=types.TextDocumentIdentifier(URI))
    )
    assert list(report.items) == []
    assert client.messages == []


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
async def test_the_function_at_the_cursor_comes_first_for_every_recorded_editor(recorded: Path, tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path / "home")}) as client:
        said = await client.ask("initialize", json.loads(recorded.read_text()))
        client.notify("initialized", {})
        assert said["capabilities"]["codeActionProvider"]
        assert said["capabilities"]["completionProvider"]
        document = {"uri": URI, "languageId": "python", "version": 1, "text": SOURCE}
        client.notify("textDocument/didOpen", {"textDocument": document})
        # one character, as the clients with a block cursor send it, and a word, as eglot does
        for first, last in ((4, 4), (4, 5), (4, 10)):
            place = {"start": {"line": 1, "character": first}, "end": {"line": 1, "character": last}}
            asked = {"textDocument": {"uri": URI}, "range": place, "context": {"diagnostics": []}}
            actions = await client.ask("textDocument/codeAction", asked)
            assert actions[0]["title"] == "Refactor add"
            assert all(action["command"] for action in actions)


async def test_a_chat_document_in_the_language_of_a_program_can_only_be_sent(tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path / "home")}) as client:
        await client.initialize()
        uri = "file:///project/ask.lanyard.md"
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "What is this?\n"}
        client.notify("textDocument/didOpen", {"textDocument": document})
        place = {"line": 0, "character": 3}
        asked = {"textDocument": {"uri": uri}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        actions = await client.ask("textDocument/codeAction", asked)
        assert [action["title"] for action in actions] == ["Send to Lanyard"]


async def test_an_edit_that_is_never_answered_counts_once_the_document_has_it():
    session = make_session(None)
    session.documents.open(URI, "python", 1, SOURCE)
    after = SOURCE.replace("a + b", "b + a")
    asked = asyncio.Event()

    async def never(method, params):
        asked.set()
        await asyncio.Event().wait()

    session.out.request = never
    applying = asyncio.ensure_future(apply_edit(session, {}, URI, expected=after))
    await asked.wait()
    session.documents.close(URI)
    session.documents.open(URI, "python", 2, after)
    assert await asyncio.wait_for(applying, 60) == {"applied": True}
