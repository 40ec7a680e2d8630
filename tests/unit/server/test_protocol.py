"""How handlers run, are cancelled and answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from lsprotocol import types

from lanyard_server.feature import Command, Feature, RequestFailed
from support.loopback import Loopback


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))


class Gate:
    """A command that waits until it is let through, and notes what happened to it."""

    def __init__(self, result: Any = None) -> None:
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.cancelled = False
        self.result = result

    async def __call__(self, session, arguments):
        self.entered.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return self.result


async def ready(*features: Feature | Command) -> Loopback:
    loopback = Loopback(features)
    await loopback.initialize()
    return loopback


def execute(loopback: Loopback, command: str, **more: Any) -> int:
    return loopback.ask("workspace/executeCommand", {"command": command, **more})


async def test_a_commands_result_is_its_answer():
    async def double(_, arguments):
        return [2 * a for a in arguments]

    loopback = await ready(Command("double", double))
    assert (await loopback.answer(execute(loopback, "double", arguments=[1, 2])))["result"] == [2, 4]
    assert (await loopback.answer(execute(loopback, "double")))["result"] == []


async def test_arguments_reach_a_command_as_they_are():
    async def echo(_, arguments):
        return arguments

    loopback = await ready(Command("echo", echo))
    nested = [{"jsonrpc": "2.0", "id": 1, "method": "exit"}, {"range": {"start": None}}, "\ud83d", "😀", None]
    assert (await loopback.answer(execute(loopback, "echo", arguments=nested)))["result"] == nested


async def test_cancelling_a_command_stops_it():
    gate = Gate()
    loopback = await ready(Command("wait", gate))
    request = execute(loopback, "wait")
    await gate.entered.wait()
    loopback.notify("$/cancelRequest", {"id": request})
    assert (await loopback.answer(request))["error"]["code"] == -32800
    assert gate.cancelled


async def test_cancelling_one_command_leaves_the_others():
    gate, other = Gate("first"), Gate("second")
    loopback = await ready(Command("gate", gate), Command("other", other))
    first, second = execute(loopback, "gate"), execute(loopback, "other")
    loopback.notify("$/cancelRequest", {"id": first})
    other.open.set()
    assert (await loopback.answer(second))["result"] == "second"
    assert (await loopback.answer(first))["error"]["code"] == -32800


async def test_a_handler_that_ends_in_spite_of_its_cancellation_is_answered_with_its_result():
    async def stubborn(_, __):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "kept"

    loopback = await ready(Command("stubborn", stubborn))
    request = execute(loopback, "stubborn")
    loopback.notify("$/cancelRequest", {"id": request})
    assert (await loopback.answer(request))["result"] == "kept"


async def test_cancellation_of_an_answered_request_changes_nothing():
    async def quick(_, __):
        return 1

    loopback = await ready(Command("quick", quick))
    request = execute(loopback, "quick")
    await loopback.answer(request)
    loopback.notify("$/cancelRequest", {"id": request})
    assert (await loopback.answer(request))["result"] == 1


async def test_a_request_sees_the_text_that_the_client_saw_when_it_asked():
    async def content(session, params):
        document = session.documents.get(params["uri"])
        await asyncio.sleep(0)
        return document.text.content

    loopback = await ready(Feature("lanyard/content", "snapshot", content))
    uri = "file:///a.py"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": "0"}
    loopback.notify("textDocument/didOpen", {"textDocument": document})
    requests = []
    for version in range(2, 6):
        loopback.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": str(version)}]},
        )
        requests.append(loopback.ask("lanyard/content", {"uri": uri}))
    assert [(await loopback.answer(request))["result"] for request in requests] == ["2", "3", "4", "5"]


async def test_a_failing_handler_gives_one_line_without_its_secrets(caplog):
    secret = "".join(["hun", "ter2"])

    async def fails(_, __):
        raise ValueError(f"the password is {secret}\nand more")

    loopback = await ready(Command("fails", fails))
    error = (await loopback.answer(execute(loopback, "fails")))["error"]
    assert error["code"] == -32603
    assert "ValueError" in error["message"]
    assert "\n" not in error["message"]
    assert "data" not in error
    assert secret not in str(error)
    above_debug = "".join(r.getMessage() + (r.exc_text or "") for r in caplog.records if r.levelname != "DEBUG")
    assert "test_protocol.py" in above_debug
    assert secret not in above_debug


async def test_a_handlers_own_failure_is_the_users_line():
    async def refuses(_, __):
        raise RequestFailed("No model.\nRun `lanyard doctor`.")

    loopback = await ready(Command("refuses", refuses))
    error = (await loopback.answer(execute(loopback, "refuses")))["error"]
    assert error == {"code": -32803, "message": "No model. Run `lanyard doctor`."}


async def test_a_result_that_has_no_json_form_is_a_failure():
    async def odd(_, arguments):
        return {"nan": float("nan")} if arguments else {"object": object()}

    loopback = await ready(Command("odd", odd))
    for arguments in ([], [1]):
        response = await loopback.answer(execute(loopback, "odd", arguments=arguments))
        assert response["error"]["code"] == -32603


async def test_lsp_values_anywhere_in_a_result_are_converted():
    async def mixed(_, __):
        position = types.Position(1, 2)
        return {"list": [types.Range(position, position)], "kind": types.CodeActionKind.QuickFix}

    loopback = await ready(Command("mixed", mixed))
    at = {"line": 1, "character": 2}
    result = (await loopback.answer(execute(loopback, "mixed")))["result"]
    assert result == {"list": [{"start": at, "end": at}], "kind": "quickfix"}


@dataclass
class Wish:
    text: str
    count: int = 1


async def test_own_methods_have_own_types():
    async def wish(_, params):
        return params.text * params.count

    loopback = await ready(Feature("lanyard/wish", "snapshot", wish, params_type=Wish))
    assert await loopback.request("lanyard/wish", {"text": "a", "count": 3}) == "aaa"
    error = (await loopback.answer(loopback.ask("lanyard/wish", {"count": 3})))["error"]
    assert error["code"] == -32602
    assert "text" in error["message"]


async def test_two_requests_with_one_id_are_both_answered():
    gate = Gate()
    loopback = await ready(Command("wait", gate))
    message = {"jsonrpc": "2.0", "id": "x", "method": "workspace/executeCommand", "params": {"command": "wait"}}
    loopback.send(message)
    loopback.send(message)
    refused = await loopback.until(lambda m: m.get("id") == "x")
    assert refused["error"]["code"] == -32600
    gate.open.set()
    await loopback.until(lambda m: m.get("id") == "x" and "result" in m)


async def test_all_features_hear_a_notification_whatever_one_of_them_does():
    heard = []

    def bad(_, __):
        heard.append("bad")
        raise ValueError

    def good(_, params):
        heard.append(params.text_document.uri)

    loopback = await ready(
        Feature("textDocument/didSave", "session", bad), Feature("textDocument/didSave", "session", good)
    )
    loopback.notify("textDocument/didSave", {"textDocument": {"uri": "file:///a"}})
    await loopback.settle()
    assert heard == ["bad", "file:///a"]


async def test_one_handler_a_request():
    async def handler(_, __):
        return None

    with pytest.raises(ValueError, match="two handlers"):
        Loopback(
            [Feature("textDocument/hover", "snapshot", handler), Feature("textDocument/hover", "snapshot", handler)]
        )
    with pytest.raises(ValueError, match="two commands"):
        Loopback([Command("a", handler), Command("a", handler)])


async def test_own_methods_may_be_notifications():
    heard = asyncio.Event()

    async def accepted(_, params):
        heard.set()

    loopback = await ready(Feature("lanyard/accepted", "snapshot", accepted))
    loopback.notify("lanyard/accepted", {})
    await heard.wait()
    assert all("method" in m or m["id"] is not None for m in loopback.sink.sent)


# --- requests to the client ---


async def test_an_answer_reaches_who_asked():
    async def asks(session, _):
        return await session.out.request("workspace/configuration", {"items": []})

    loopback = await ready(Command("asks", asks))
    request = execute(loopback, "asks")
    loopback.reply(await loopback.until_method("workspace/configuration"), [1, 2])
    assert (await loopback.answer(request))["result"] == [1, 2]


async def test_the_clients_error_reaches_who_asked():
    async def asks(session, _):
        try:
            await session.out.request("x", {})
        except RequestFailed as error:
            return [error.code, str(error)]

    loopback = await ready(Command("asks", asks))
    request = execute(loopback, "asks")
    asked = await loopback.until_method("x")
    loopback.send({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": 5, "message": "no\nway"}})
    assert (await loopback.answer(request))["result"] == [5, "no way"]


async def test_a_late_answer_to_a_cancelled_request_is_dropped_silently(caplog):
    async def asks(session, _):
        return await session.out.request("x", {})

    loopback = await ready(Command("asks", asks))
    request = execute(loopback, "asks")
    asked = await loopback.until_method("x")
    loopback.notify("$/cancelRequest", {"id": request})
    assert (await loopback.answer(request))["error"]["code"] == -32800
    cancelled = await loopback.until_method("$/cancelRequest")
    assert cancelled["params"] == {"id": asked["id"]}
    loopback.reply(asked, "late")
    loopback.reply(asked, "later")
    await asyncio.sleep(0)
    assert "window/showMessage" not in [m.get("method") for m in loopback.sink.sent]
    assert [r for r in caplog.records if r.levelname in {"WARNING", "ERROR"}] == []


async def test_what_may_be_lost():
    loopback = await ready()
    out = loopback.session.out
    loopback.sink.loss.clear()
    out.log("a line")
    out.notify("$/progress", {"token": 1, "value": {"kind": "report"}})
    out.notify("$/progress", {"token": 1, "value": {"kind": "end"}})
    out.notify("$/progress", {"token": "partial", "value": {"text": "answer"}})
    out.show("a\n line")
    assert loopback.sink.loss == ["may be lost", "may be lost", "keep", "keep", "keep"]
    assert loopback.sink.sent[-1]["params"] == {"type": 3, "message": "a line"}
