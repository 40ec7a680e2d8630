"""The fleet's models in VS Code's language-model API, as agents use them: with tools. The model is scripted."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lanyard_routing.task import Capability, ToolCall
from lanyard_routing.testing.script import Rule, Say, Script, ServedModel
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.vscode import VSCode, code_server, install

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

PROBE = Path(__file__).parent / "vscode" / "probe.cjs"
MANIFEST = {
    "name": "probe",
    "publisher": "test",
    "version": "0.0.1",
    "engines": {"vscode": "^1.106.0"},
    "main": "./probe.cjs",
    "activationEvents": ["onStartupFinished"],
    "contributes": {"commands": [{"command": "probe.ask", "title": "Ask the Model", "category": "Probe"}]},
}
VSIX = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="probe" Version="0.0.1" Publisher="test"/><DisplayName>Probe</DisplayName>
<Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value="^1.106.0"/></Properties></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>"""
AGENT = ServedModel(name="scripted-agent-8b", capabilities=(Capability.CHAT, Capability.TOOLS))
PLAIN = ServedModel(name="scripted-plain-8b", capabilities=(Capability.CHAT,))
READ = ToolCall(id="c1", name="read_file", arguments={"path": "orders.py"})


async def install_probe(folder: Path) -> None:
    """The probe beside Lanyard's extension."""
    package = folder / "probe.vsix"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("extension.vsixmanifest", VSIX)
        archive.writestr("extension/package.json", json.dumps(MANIFEST))
        archive.writestr("extension/probe.cjs", PROBE.read_text())
    await install(package, folder / "extensions")


@asynccontextmanager
async def fleet(tmp_path: Path, script: Script) -> AsyncGenerator[tuple[VSCode, ScriptedEndpoint]]:
    """A small workspace, and the scripted models as the only endpoint."""
    root, home = tmp_path / "shop", tmp_path / "home"
    config = home / "config" / "config.toml"
    for folder in (root, config.parent):
        folder.mkdir(parents=True)
    (root / "orders.py").write_text("FREE_FROM = 50\n")
    env = {"LANYARD_HOME": str(home), "PROBE_OUT": str(tmp_path / "probe.json")}
    async with ScriptedEndpoint(script) as endpoint:
        config.write_text(f'[[endpoints]]\nname = "gpu-1"\nurl = "{endpoint.url}"\n')
        async with code_server(tmp_path, root, env, {"chat.disableAIFeatures": False}) as code:
            yield code, endpoint


async def test_another_extension_calls_tools_with_a_model_of_the_fleet(tmp_path):
    wrong = Say(text="", pieces=(), calls=(ToolCall(id="c2", name="delete_all"),))
    rules = (
        Rule(match="FREE_FROM = 50", say=Say(text="It says 50.")),
        Rule(match="wrong tool", say=wrong),
        Rule(match="what is in it", say=Say(text="I look.", calls=(READ,))),
    )
    await install_probe(tmp_path)
    async with fleet(tmp_path, Script(rules=rules, models=(AGENT,))) as (code, endpoint):
        probe = (await code.drive("tools", {"PROBE_OUT": str(tmp_path / "probe.json")}))["probe"]
    assert probe["name"] == "scripted-agent-8b"
    assert probe["first"]["text"] == "I look."
    (call,) = probe["first"]["calls"]
    assert (call["name"], call["input"]) == ("read_file", {"path": "orders.py"})
    assert probe["second"] == {"text": "It says 50.", "calls": []}
    (error,) = probe["errors"]
    assert 'called the tool "delete_all", which it was not offered' in error
    again = endpoint.streams[1].body["messages"]
    assert [message["role"] for message in again] == ["system", "user", "assistant", "tool"]
    assert endpoint.streams[0].body["tools"][0]["function"]["parameters"]["required"] == ["path"]


async def test_the_agent_mode_offers_the_models_that_can_call_tools_and_no_others(tmp_path):
    async with fleet(tmp_path, Script(models=(AGENT, PLAIN))) as (code, _):
        offered = " ".join((await code.drive("agent"))["offered"])
    assert "scripted-agent-8b" in offered
    assert "scripted-plain-8b" not in offered
