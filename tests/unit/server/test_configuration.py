"""The editor's settings, asked for and sent: what is newest counts, in whatever order it comes."""

from __future__ import annotations

from typing import Any

import pytest

from lanyard_server.exclusions import Exclusions
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


async def test_each_folder_of_the_workspace_adds_to_what_is_left_alone():
    desk = Loopback()
    folders = [{"uri": f"file:///w/{name}", "name": name} for name in ("one", "two")]
    await desk.initialize({"workspace": {"configuration": True}}, workspaceFolders=folders)
    await desk.until(lambda _: len(asked(desk)) == 1)
    [question] = asked(desk)
    assert [item.get("scopeUri") for item in question["params"]["items"]] == [None, "file:///w/one", "file:///w/two"]
    ignoring = [{"privacy": {"ignore": patterns}} for patterns in (["*.pem"], ["*.sql", "!schema.sql", "!*.pem"], None)]
    answer = [{**ignoring[0], **given(22)}, {**ignoring[1], **given(11)}, ignoring[2]]
    desk.reply(question, answer)
    await desk.settle()
    excluded = Exclusions.of(desk.session.settings.privacy.ignore)
    assert [path for path in ("a.pem", "a.sql", "schema.sql", "a.py") if excluded.why(path)] == ["a.pem", "a.sql"]
    assert pause_of(desk) == 22  # the rest is the window's


async def test_a_folder_that_comes_later_is_asked_about_and_one_that_goes_counts_no_more():
    desk = Loopback()
    await desk.initialize({"workspace": {"configuration": True}})
    await desk.until(lambda _: len(asked(desk)) == 1)
    desk.reply(asked(desk)[0], [None])
    folder = {"uri": "file:///w/one", "name": "one"}
    for event, scopes, left in (
        ({"added": [folder], "removed": []}, [None, folder["uri"]], ("*.sql",)),
        ({"added": [], "removed": [folder]}, [None], ()),
    ):
        before = len(asked(desk))
        desk.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await desk.until(lambda _, before=before: len(asked(desk)) == before + 1)
        question = asked(desk)[-1]
        assert [item.get("scopeUri") for item in question["params"]["items"]] == scopes
        desk.reply(question, [None, {"privacy": {"ignore": ["*.sql"]}}][: len(scopes)])
        await desk.settle()
        assert desk.session.settings.privacy.ignore == left


@pytest.mark.parametrize("more", [[], [None], ["*.sql"], [{"privacy": {"ignore": "*.sql"}}], [{"privacy": 1}, 2, 3]])
async def test_what_a_client_answers_for_folders_costs_nothing_where_it_makes_no_sense(more):
    desk = Loopback()
    await desk.initialize({"workspace": {"configuration": True}}, workspaceFolders=[{"uri": "file:///w", "name": "w"}])
    await desk.until(lambda _: len(asked(desk)) == 1)
    desk.reply(asked(desk)[0], [given(22), *more])
    await desk.settle()
    assert pause_of(desk) == 22
    assert desk.session.settings.privacy.ignore == ()
