"""The server with what real editors declare; pytest-lsp checks each message against those capabilities."""

from __future__ import annotations

import sys

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

URI = "file:///project/a.py"
SOURCE = "def add(a, b):\n    return a + b\n"


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
