"""The editor's settings, asked for and sent: what is newest counts, in whatever order it comes."""

from __future__ import annotations

from typing import Any

import pytest

from support.loopback import Loopback


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))


def given(pause: int) -> dict[str, Any]:
    return {"completion": {"debounce_ms": pause}}


def pause_of(desk: Loopback) -> int:
    return desk.session.settings.completion.debounce_ms


def asked(desk: Loopback) -> list[dict[str, Any]]:
    return [message for message in desk.sink.sent if message.get("method") == "workspace/configuration"]


async def test_of_two_answers_that_of_the_later_question_counts():
    desk = Loopback()
    await desk.initialize({"workspace": {"configuration": True}})
    desk.notify("workspace/didChangeConfiguration", {"settings": None})
    await desk.until(lambda _: len(asked(desk)) == 2)
    first, second = asked(desk)
    desk.reply(second, [given(22)])
    await desk.settle()
    assert pause_of(desk) == 22
    desk.reply(first, [given(11)])
    await desk.settle()
    assert pause_of(desk) == 22


async def test_what_was_sent_outlives_the_settings_of_the_beginning():
    """The client registers late, and cannot be asked."""
    desk = Loopback()
    declared = {"workspace": {"didChangeConfiguration": {"dynamicRegistration": True}}}
    await desk.initialize(declared, initializationOptions={"lanyard": given(11)})
    registering = await desk.until_method("client/registerCapability")
    assert pause_of(desk) == 11
    desk.notify("workspace/didChangeConfiguration", {"settings": {"lanyard": given(22)}})
    await desk.settle()
    assert pause_of(desk) == 22
    desk.reply(registering, None)
    await desk.settle()
    assert pause_of(desk) == 22
