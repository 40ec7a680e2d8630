"""The fleet as a view shows it, and the commands on its workers, through the real server."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from integration.background.harness import Endpoint, Fault, Say, Script, a_yard, replying
from integration.background.test_proposals import CODE, NEW, TITLE
from support.lsp_client import LspError


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path, "gpu-1", "gpu-2") as made:
        yield made


async def seen(editor: Any) -> dict[str, Any]:
    """The view, once each worker has been asked."""
    told = 0
    while True:
        view = await editor.client.request("lanyard/fleet", None)
        if all(worker["condition"] != "unknown" for worker in view["workers"]):
            return view
        told += 1
        await editor.client.wait_for("lanyard/fleetChanged", lambda p: True, told)


async def test_the_view_shows_workers_models_and_zones(yard):
    async with yard.editor() as editor:
        view = await seen(editor)
        assert [w["name"] for w in view["workers"]] == ["gpu-1", "gpu-2"]
        worker = view["workers"][0]
        assert (worker["zone"], worker["condition"], worker["slots"], worker["busy"]) == ("local", "ready", 2, 0)
        assert worker["models"][0]["name"] == "m-32b"
        assert view["status"] == {"state": "idle", "line": "ready: m-32b at gpu-1, m-32b at gpu-2"}


async def test_a_running_task_is_in_the_view_and_its_changes_are_told(yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW, gate="late", gate_after=1))
        await seen(editor)
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 4)
        changed = await editor.client.wait_for("lanyard/fleetChanged", lambda p: p["status"]["state"] == "working")
        assert changed["status"]["line"] == f"{TITLE} at gpu-1"
        [task] = (await seen(editor))["tasks"]
        assert (task["title"], task["state"], task["worker"]) == (TITLE, "running", "gpu-1")
        lines = (await editor.command("lanyard.task.why", task["id"]))["lines"]
        assert any("gpu-2" in line for line in lines)
        yard.endpoint.open_gate("late")
        await editor.client.wait_for("lanyard/fleetChanged", lambda p: p["status"]["state"] == "idle")


async def test_a_client_that_never_asked_hears_nothing(yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW))
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 4)
        await editor.line("Apply it from the quick fixes")
        assert not editor.client.messages("lanyard/fleetChanged")


async def test_a_drained_worker_gets_nothing_new_until_it_is_resumed(yard):
    async with yard.editor() as editor:
        for endpoint in yard.endpoints.values():
            endpoint.says(replying(NEW))
        await editor.command("lanyard.worker.drain", "gpu-1")
        view = await seen(editor)
        assert view["workers"][0]["condition"] == "drained"
        assert "resume" in view["workers"][0]["why"]
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 4)
        await editor.line("Apply it from the quick fixes")
        one, other = yard.endpoints.values()
        assert (len(one.streams), len(other.streams)) == (0, 1)
        await editor.command("lanyard.worker.resume", "gpu-1")
        assert (await seen(editor))["workers"][0]["condition"] == "ready"


async def test_testing_a_worker_says_how_it_is_now(yard):
    async with yard.editor() as editor:
        await yard.endpoint.refuse()
        answer = await editor.command("lanyard.worker.test", "gpu-1")
        assert answer["worker"]["condition"] == "down"
        assert answer["worker"]["why"]
        with pytest.raises(LspError, match="No worker is named gpu-9"):
            await editor.command("lanyard.worker.test", "gpu-9")


async def test_an_endpoint_is_added_to_the_users_file_and_serves_at_once(yard):
    async with yard.editor() as editor, Endpoint(Script(default=Say(text="hello"))) as third:
        before = (yard.tmp / "config.toml").read_text()
        answer = await editor.command("lanyard.worker.add", third.url, "gpu-3")
        assert answer["worker"]["condition"] == "ready"
        after = (yard.tmp / "config.toml").read_text()
        assert after.startswith(before)
        assert tomllib.loads(after)["endpoints"][-1] == {"name": "gpu-3", "url": third.url}
        with pytest.raises(LspError, match="already"):
            await editor.command("lanyard.worker.add", third.url)
        with pytest.raises(LspError, match="http"):
            await editor.command("lanyard.worker.add", "ftp://gpu")
        assert (yard.tmp / "config.toml").read_text() == after


async def test_a_file_with_a_mistake_is_left_as_it_is(yard):
    async with yard.editor() as editor:
        broken = (yard.tmp / "config.toml").read_text() + "\n[[endpoints\n"
        (yard.tmp / "config.toml").write_text(broken)
        with pytest.raises(LspError, match="mend it first"):
            await editor.command("lanyard.worker.add", "http://127.0.0.1:9", "gpu-3")
        assert (yard.tmp / "config.toml").read_text() == broken


async def test_with_one_of_two_workers_down_the_status_says_so_and_what_to_do(yard):
    async with yard.editor() as editor:
        whole = (await seen(editor))["status"]
        await yard.endpoint.refuse()
        await editor.command("lanyard.worker.test", "gpu-1")
        status = (await seen(editor))["status"]
        assert status["state"] == "idle"
        assert status["line"] == "ready, 1 of 2 workers down: m-32b at gpu-2"
        assert '"gpu-1" refuses connections' in status["detail"]
        assert "start the model server there" in status["detail"]
        await yard.endpoint.accept()
        await editor.command("lanyard.worker.test", "gpu-1")
        await editor.command("lanyard.worker.drain", "gpu-2")  # at the user's own word: nothing is wrong
        await editor.client.wait_for("lanyard/fleetChanged", lambda p: p["status"]["line"] == "ready: m-32b at gpu-1")
        await editor.command("lanyard.worker.resume", "gpu-2")
        assert (await seen(editor))["status"] == whole


async def test_without_any_worker_the_status_says_what_to_do(yard):
    async with yard.editor() as editor:
        for name, endpoint in yard.endpoints.items():
            endpoint.says(Say(fault=Fault.BROKEN))
            await endpoint.refuse()
            await editor.command("lanyard.worker.test", name)
        status = (await seen(editor))["status"]
        assert status["state"] == "error"
        assert "gpu-1" in status["line"]


async def test_the_names_of_keys_are_told_and_never_a_key(tmp_path):
    rows = [
        f'[[endpoints]]\nname = "{name}"\nurl = "http://127.0.0.1:9"\napi_key_env = "{variable}"\n'
        for name, variable in (("cellar", "PATH"), ("attic", "LANYARD_TEST_NO_SUCH_KEY"))
    ]
    async with a_yard(tmp_path, config="\n".join(rows)) as made, made.editor() as editor:
        view = await editor.client.request("lanyard/fleet", None)
        assert view["keys"] == [{"name": "PATH", "isSet": True}, {"name": "LANYARD_TEST_NO_SUCH_KEY", "isSet": False}]
        assert any(" LANYARD_TEST_NO_SUCH_KEY is not set" in line for line in view["problems"])
