"""Work-done progress: tokens, throttling, Cancel."""

from __future__ import annotations

import asyncio

import pytest

from lanyard_server import progress
from lanyard_server.feature import Command
from lanyard_server.progress import work_done
from support.loopback import Loopback

SHOWS = {"window": {"workDoneProgress": True}}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))
    monkeypatch.setattr(progress, "REPORT_EVERY_S", 0)


class Work:
    """A command that shows progress until it is let go."""

    def __init__(self, cancel=None) -> None:
        self.go = asyncio.Event()
        self.inside = asyncio.Event()
        self.cancel = cancel

    async def __call__(self, session, _):
        async with work_done(session, "Review f", cancel=self.cancel) as report:
            report("queued")
            report("12 tokens", share=0.5)
            self.inside.set()
            await self.go.wait()
        return "done"


async def started(work, capabilities=SHOWS, **params):
    loopback = Loopback([Command("work", work)])
    await loopback.initialize(capabilities)
    request = loopback.ask("workspace/executeCommand", {"command": "work", **params})
    return loopback, request


def values(loopback, token):
    return [
        m["params"]["value"]
        for m in loopback.sink.sent
        if m.get("method") == "$/progress" and m["params"]["token"] == token
    ]


async def test_begin_reports_and_end():
    work = Work()
    loopback, request = await started(work)
    create = await loopback.until_method("window/workDoneProgress/create")
    token = create["params"]["token"]
    assert isinstance(token, str)
    assert values(loopback, token) == []
    loopback.reply(create, None)
    await work.inside.wait()
    work.go.set()
    assert (await loopback.answer(request))["result"] == "done"
    assert values(loopback, token) == [
        {"kind": "begin", "title": "Review f", "cancellable": True},
        {"kind": "report", "message": "queued"},
        {"kind": "report", "message": "12 tokens", "percentage": 50},
        {"kind": "end"},
    ]


async def test_the_clients_own_token_is_used_once():
    work = Work()
    loopback, request = await started(work, workDoneToken=7)
    await work.inside.wait()
    work.go.set()
    await loopback.answer(request)
    assert [v["kind"] for v in values(loopback, 7)] == ["begin", "report", "report", "end"]
    work.inside.clear()
    loopback.ask("workspace/executeCommand", {"command": "work"})
    loopback.reply(await loopback.until_method("window/workDoneProgress/create"), None)
    await work.inside.wait()
    assert len(values(loopback, 7)) == 4


async def test_a_client_that_shows_none_gets_none():
    work = Work()
    loopback, request = await started(work, capabilities={})
    work.go.set()
    assert (await loopback.answer(request))["result"] == "done"
    assert not [m for m in loopback.sink.sent if "rogress" in m.get("method", "")]


async def test_a_client_that_refuses_costs_the_progress_only():
    work = Work()
    loopback, request = await started(work)
    create = await loopback.until_method("window/workDoneProgress/create")
    loopback.send({"jsonrpc": "2.0", "id": create["id"], "error": {"code": -32601, "message": "no"}})
    work.go.set()
    assert (await loopback.answer(request))["result"] == "done"
    assert values(loopback, create["params"]["token"]) == []


async def test_a_client_that_does_not_answer_costs_the_progress_only(monkeypatch):
    monkeypatch.setattr(progress, "CREATE_S", 0.01)
    work = Work()
    loopback, request = await started(work)
    await work.inside.wait()
    work.go.set()
    assert (await loopback.answer(request))["result"] == "done"


async def test_cancel_cancels_the_task():
    work = Work()
    loopback, request = await started(work, workDoneToken="t")
    await work.inside.wait()
    loopback.notify("window/workDoneProgress/cancel", {"token": "t"})
    assert (await loopback.answer(request))["error"]["code"] == -32800
    assert values(loopback, "t")[-1] == {"kind": "end"}


async def test_cancel_does_what_it_was_given_to_do_instead():
    asked = asyncio.Event()

    async def cancel():
        asked.set()

    work = Work(cancel)
    loopback, request = await started(work, workDoneToken="t")
    await work.inside.wait()
    loopback.notify("window/workDoneProgress/cancel", {"token": "t"})
    await asked.wait()
    work.go.set()
    assert (await loopback.answer(request))["result"] == "done"


async def test_tokens_are_freed():
    work = Work()
    loopback, request = await started(work, workDoneToken="t")
    await work.inside.wait()
    work.go.set()
    await loopback.answer(request)
    assert loopback.session.state[progress.__name__] == {}
    loopback.notify("window/workDoneProgress/cancel", {"token": "t"})
    loopback.notify("window/workDoneProgress/cancel", {"token": "never heard of"})
    await loopback.settle()


async def test_fast_reports_are_merged_and_the_last_one_wins(monkeypatch):
    monkeypatch.setattr(progress, "REPORT_EVERY_S", 1.0)
    done = asyncio.Event()

    async def work(session, _):
        async with work_done(session, "Count") as report:
            for number in range(1000):
                report(str(number))
            await done.wait()

    loopback, request = await started(work, workDoneToken="t")
    await loopback.until(lambda m: m.get("method") == "$/progress" and m["params"]["value"].get("message") == "999")
    done.set()
    await loopback.answer(request)
    assert [v.get("message") for v in values(loopback, "t")] == [None, "0", "999", None]
