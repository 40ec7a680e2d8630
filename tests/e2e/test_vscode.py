"""The extension in a real VS Code with the real server. The model is scripted: its replies must be known."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from lanyard_routing.testing.script import Fault, Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.shop import NEW_SHIPPING, ORDERS, PATIENT, SAMPLE
from support.vscode import EXTENSION, VSCode, code_server

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

REVIEW = json.dumps(
    {"findings": [{"quote": '    f = open(path, "a")', "severity": "warning", "message": "It is never closed."}]}
)


# A letter that is typed again asks twice: the answer to the text without it is not one to the text with it.
TYPED = "free = ship\0"
NOTHING = Rule(form="fill", say=Say(text=""))
FILLS = (Rule(form="fill", match=TYPED, say=Say(text="ping(Money(9900), country)")), NOTHING)
OWN = Path(sys.executable).parent / "lanyard"
SHIPPING = slice(*(ORDERS.index(line) for line in ORDERS if line.startswith(("def shipping", "def save_order"))))
NEW_TESTS = """\
```python
from shop.money import Money
from shop.orders import shipping


def test_abroad():
    assert shipping(Money(1), "FR") == Money(1990)
```
"""


def line_of(piece: str) -> str:
    """The 1-based number of the first line that holds a text."""
    return str(1 + next(number for number, line in enumerate(ORDERS) if piece in line))


def servers_of(home: Path) -> list[psutil.Process]:
    """The servers that keep their files there."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = process.environ().get("LANYARD_HOME") == str(home)
            if ours and "serve" in process.cmdline():
                found.append(process)
    return found


@asynccontextmanager
async def desk(
    tmp_path: Path,
    script: Script,
    settings: Mapping[str, Any] | None = None,
    options: str = "",
    prepare: Callable[[Path], object] = lambda root: None,
    **more: Any,
) -> AsyncGenerator[tuple[VSCode, ScriptedEndpoint, Path]]:
    """The sample project, as `prepare` leaves it, with one scripted worker; `options` are more lines of its endpoint.

    Without them it does all that there is to do, and no engine joins where it is slow to answer for the first time.
    """
    root, home = tmp_path / "shop", tmp_path / "home"
    shutil.copytree(SAMPLE, root)
    prepare(root)
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    async with ScriptedEndpoint(script) as endpoint:
        worker = f'[[endpoints]]\nname = "gpu-1"\nurl = "{endpoint.url}"\nsize = "large"\n'
        config.write_text(PATIENT + worker + (options or "[engine]\nenabled = false\n"))
        async with code_server(tmp_path, root, {"LANYARD_HOME": str(home)}, settings, **more) as code:
            yield code, endpoint, root


async def test_ghost_text_is_shown_and_taken_by_word_and_whole(tmp_path):
    async with desk(tmp_path, Script(rules=FILLS)) as (code, _, _root):
        seen = await code.drive("completion")
        assert seen["ghost"] == "ping(Money(9900), country)"
        assert seen["line"].startswith("free = shipping(Money(9900), country)")


async def test_the_usual_keys_go_through_suggestions_and_take_a_word_a_line_or_all(tmp_path):
    lines = "ping(\n    Money(9900), country\n)"
    script = Script(
        rules=(
            Rule(form="fill", seed=1, say=Say(text='ping(Money(100), "FR")')),
            Rule(form="fill", match=TYPED, say=Say(text=lines)),
            NOTHING,
        )
    )
    async with desk(tmp_path, script) as (code, _, _root):
        assert (await code.drive("fingers"))["taken"]


async def test_findings_of_a_review_are_in_the_editor_and_the_notification(tmp_path):
    script = Script(rules=(Rule(match="Review", say=Say(text=REVIEW)),))
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("review", {"LINE": line_of("def save_order"), "FINDING": line_of("f = open(")})
        assert "Review save_order: 1 finding" in seen["notification"]
        assert "It is never closed." in seen["problem"]
        assert any("Dismiss finding: It is never closed." in fix for fix in seen["fixes"])
        assert seen["dismissed"]


async def test_a_proposal_is_told_with_buttons_shown_as_a_diff_and_applied(tmp_path):
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),))
    async with desk(tmp_path, script) as (code, _, root):
        seen = await code.drive("proposal", {"LINE": line_of("def shipping")})
        assert seen["buttons"] == ["Apply", "Show diff", "Dismiss"]
        assert seen["applied"]
        assert (root / "shop" / "orders.py").read_text().splitlines() == ORDERS  # the buffer, not the file


async def test_one_hunk_is_applied_at_the_cursor_and_the_rest_dismissed(tmp_path):
    changed = "\n".join(ORDERS[SHIPPING]).replace("Money(1990)", "Money(2000)").replace("Money(490)", "Money(500)")
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{changed}\n```")),))
    async with desk(tmp_path, script, {"diffEditor.codeLens": True}) as (code, _, _root):
        lines = {"LINE": line_of("def shipping"), "SECOND": line_of("Money(490)")}
        seen = await code.drive("hunks", lines)
        lenses = [f"Apply this hunk ({number} of 2)" for number in (1, 2)]
        assert sorted(seen["lenses"]) == ["Apply all", *lenses, "Dismiss"]
        assert seen["kept"] == 1
        assert seen["dismissed"]


async def test_explanations_open_as_documents_and_tests_become_a_new_file(tmp_path):
    explained = Say(text="It asks where the parcel goes.")
    script = Script(rules=(Rule(match="Explain", say=explained), Rule(match="[Tt]est", say=Say(text=NEW_TESTS))))
    async with desk(tmp_path, script) as (code, _, _root):
        assert (await code.drive("writes", {"LINE": line_of("def shipping")}))["created"]


async def test_lenses_tell_the_state_of_tasks_and_progress_is_cancelled(tmp_path):
    hangs = Rule(match="Review", say=Say(text=REVIEW, fault=Fault.HANG_BEFORE))
    script = Script(rules=(hangs, Rule(match="[Tt]est", say=Say(text=NEW_TESTS))))
    async with desk(tmp_path, script, {"lanyard.lens.enabled": True}) as (code, _, _root):
        seen = await code.drive("lenses")
        assert seen["cancelled"]
        assert seen["dismissed"]


async def test_chat_streams_markdown_without_html_or_images(tmp_path):
    answer = "Because of <b>this</b> ![x](http://127.0.0.1:9/leak.png):\n\n```python\nprint(2)\n```\n"
    script = Script(rules=(Rule(match="why two", say=Say(text=answer)),))
    async with desk(tmp_path, script) as (code, endpoint, _root):
        seen = await code.drive("chat")
        assert "<b>this</b>" in seen["answer"]
        assert "print(2)" in seen["answer"]
        assert (seen["images"], seen["html"]) == (0, 0)
        assert seen["buttons"] == ["Insert", "Copy", "Apply as diff"]
        assert seen["labels"] == "Conversation"
        assert re.fullmatch(r".*cart\.py · \d+ tokens", seen["chip"])
        assert "class Cart" in endpoint.streams[-1].text
        assert seen["copied"]
        assert ORDERS[2] in endpoint.streams[-1].text
        assert seen["foreign"] == []


async def test_an_earlier_chat_is_picked_from_the_list_and_left_in_the_middle(tmp_path):
    script = Script(
        rules=(
            Rule(match="and three", say=Say(text="half of it and more", fault=Fault.HANG_MIDDLE)),
            Rule(match="why two", say=Say(text="Because of this.")),
            Rule(match="and now", say=Say(text="Something else.")),
        )
    )
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("earlier")
        assert seen["listed"] == ["and now?", "why two?"]
        assert [said.strip() for said in seen["shown"]] == ["why two?", "Because of this."]
        assert "half" not in seen["fresh"]
        assert "Stopped" not in seen["fresh"]


async def test_a_chat_by_keyboard_keeps_what_was_stopped_and_outlives_a_reload(tmp_path):
    script = Script(rules=(Rule(match="why two", say=Say(text="half of it and more", fault=Fault.HANG_MIDDLE)),))
    async with desk(tmp_path, script) as (code, endpoint, _root):
        seen = await code.drive("talk", {"LINE": line_of("def shipping")})
        assert re.fullmatch(r".*orders\.py.* · \d+ tokens", seen["chip"])
        assert "What it costs to ship" in endpoint.streams[-1].text
        assert seen["question"].split() == ["why", "two?", "and", "three?"]
        assert seen["partial"].startswith("half")
        assert seen["order"] == ["attach", "send", "attach", "text", seen["order"][4], "log"]
        assert "Take" in seen["order"][4]
        assert seen["unnamed"] == []
        assert seen["policy"].startswith("default-src 'none'")
        assert seen["again"] == seen["question"]
        assert seen["foreign"] == []


async def test_code_of_an_answer_is_inserted_or_applied_with_a_yes(tmp_path):
    script = Script(rules=(Rule(match="constant", say=Say(text="```python\nABROAD = 1990\n```\n")),))
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("code", {"LINE": str(len(ORDERS))})
        assert seen["inserted"]
        assert seen["applied"]


async def test_the_participant_answers_in_the_editors_own_chat(tmp_path):
    script = Script(rules=(Rule(match="why two", say=Say(text="Because of this.")),))
    async with desk(tmp_path, script, {"chat.disableAIFeatures": False, "chat.agent.enabled": False}) as (
        code,
        _,
        _root,
    ):
        assert (await code.drive("participant"))["answered"]


async def test_the_context_menu_runs_them_and_a_notification_applies(tmp_path):
    def documented(words: str) -> Say:
        body = [ORDERS[SHIPPING][0], f'    """{words}."""', *ORDERS[SHIPPING][2:]]
        return Say(text="```python\n" + "\n".join(body) + "\n```")

    found = {"quote": '    """What a parcel costs."""', "severity": "warning", "message": "It does not say the unit."}
    script = Script(
        rules=(
            Rule(match="documentation comment", say=documented("What a parcel costs")),
            Rule(match="has this problem", say=documented("What it costs, in cents")),
            Rule(match="Review", say=Say(text=json.dumps({"findings": [found]}))),
        )
    )
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("menu", {"LINE": line_of("def shipping")})
    kinds = ["Refactor", "Write Tests", "Review", "Document", "Explain", "Fix the Problem at the Cursor"]
    assert [entry for entry in seen["entries"] if entry in kinds] == kinds
    assert seen["mended"]


async def test_the_fleet_is_a_tree_whose_workers_can_be_drained(tmp_path):
    """Its server is that of the workspace's environment, and not the one on the PATH."""

    def installed(root: Path) -> None:
        (root / ".venv" / "bin").mkdir(parents=True)
        (root / ".venv" / "bin" / "lanyard").symlink_to(OWN)

    async with desk(tmp_path, Script(), {"lanyard.path": ""}, prepare=installed) as (code, _, root):
        seen = await code.drive("fleet")
        assert "local" in seen["row"]
        assert seen["resumed"]
        own = str(root / ".venv" / "bin" / "lanyard")
        assert any(own in process.cmdline() for process in servers_of(tmp_path / "home"))


@pytest.mark.parametrize("width", ["1280", "800"])
@pytest.mark.parametrize("theme", ["Dark Modern", "Light Modern", "Default High Contrast"])
async def test_the_views_follow_the_theme_and_clip_nothing(tmp_path, theme, width):
    answer = "Because `Money` has **two** parts:\n\n```python\nprint(2)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    script = Script(rules=(Rule(match="why two", say=Say(text=answer)),))
    settings = {"workbench.colorTheme": theme, "window.autoDetectColorScheme": False}
    async with desk(tmp_path, script, settings) as (code, _, _root):
        seen = await code.drive("looks", theme=theme, width=width)
        assert seen["wide"] == []
        colour, kind = seen["colours"]
        light = sum(int(part) for part in re.findall(r"\d+", colour)[:3]) > 382
        assert light is ("Light" not in theme)
        kinds = {"Dark": "vscode-dark", "Light": "vscode-light", "Default": "vscode-high-contrast"}
        assert kinds[theme.split()[0]] in kind


async def test_an_inline_edit_by_its_key_is_shown_as_a_diff_and_accepted_by_a_key(tmp_path):
    script = Script(rules=(Rule(match="shorter", say=Say(text=f"```python\n{NEW_SHIPPING}```")),))
    async with desk(tmp_path, script) as (code, _, _root):
        assert (await code.drive("edit", {"LINE": line_of("def shipping")}))["applied"]


@asynccontextmanager
async def bare(tmp_path: Path, settings: Mapping[str, Any], path: str) -> AsyncGenerator[VSCode]:
    """No endpoint, no configuration, and another PATH."""
    root = tmp_path / "shop"
    shutil.copytree(SAMPLE, root)
    env = {"LANYARD_HOME": str(tmp_path / "home"), "PATH": path, "HOME": str(tmp_path)}
    async with code_server(tmp_path, root, env, settings) as code:
        yield code


async def test_a_server_that_is_missing_is_said_with_install(tmp_path):
    async with bare(tmp_path, {"lanyard.path": ""}, "/usr/bin:/bin") as code:
        seen = await code.drive("told", {"SAYS": "is not installed", "WELCOME": "1"})
        assert seen["welcome"]
        assert "Install the server" in seen["status"]


async def test_a_click_installs_the_server_and_starts_it(tmp_path):
    go, programs = tmp_path / "go", tmp_path / "programs"
    programs.mkdir()
    (tmp_path / ".local" / "bin").mkdir(parents=True)
    (tmp_path / ".profile").write_text(f"PATH={programs}:/usr/bin:/bin\n")
    waits = f'echo "$@" >{tmp_path}/asked; while [ ! -e {go} ]; do sleep 0.1; done'
    script_at(
        programs / "uv", f'[ "$1" = --version ] && echo uv 0.9.0 && exit; {waits}; ln -s {OWN} ~/.local/bin/lanyard'
    )
    async with bare(tmp_path, {"lanyard.path": ""}, f"{programs}:/usr/bin:/bin") as code:
        seen = await code.drive("installs", {"GO": str(go)})
        assert "uv tool install" in seen["progress"]
        assert seen["installed"]
    assert (tmp_path / "asked").read_text() == "tool install --upgrade lanyard\n"


async def test_a_server_of_another_version_is_said_with_update(tmp_path):
    other = script_at(tmp_path / "lanyard", f'[ "$1" = --version ] && echo lanyard 9.9.0 && exit; exec {OWN} "$@"')
    async with desk(tmp_path, Script(), {"lanyard.path": str(other)}) as (code, _, _root):
        seen = await code.drive("told", {"SAYS": "server 9.9.0 and extension"})
        assert "Update the server" in seen["status"]


async def test_the_walkthrough_ends_with_a_completion_of_the_shipped_model(tmp_path):
    path = f"{OWN.parent}:/usr/bin:/bin"
    (tmp_path / ".profile").write_text(f"PATH={path}\n")
    async with bare(tmp_path, {"lanyard.path": ""}, path) as code:
        seen = await code.drive("walkthrough")
        assert len(seen["steps"]) == 4
        assert seen["ghost"].strip()


async def test_an_untrusted_workspace_names_no_program_and_no_arguments(tmp_path):
    mark, asked = tmp_path / "mark", tmp_path / "asked"
    notes = f'[ "$1" = --version ] && exec {OWN} --version; echo "$@" >>{asked}; exec {OWN} serve'
    wrapped, planted = script_at(tmp_path / "own", notes), script_at(tmp_path / "planted", f"touch {mark}; {notes}")
    trusting = {
        "security.workspace.trust.enabled": True,
        "security.workspace.trust.startupPrompt": "never",
        "lanyard.path": str(wrapped),
    }
    async with desk(tmp_path, Script(), trusting, flags=()) as (code, _, root):
        (root / ".vscode").mkdir()
        settings = {"lanyard.path": str(planted), "lanyard.args": ["serve", "planted"]}
        (root / ".vscode" / "settings.json").write_text(json.dumps(settings))
        seen = await code.drive("trust", {"MARK": str(mark), "ASKED": str(asked)})
        assert not seen["before"]
        assert seen["asked"] == "serve --stdio\n"
        assert seen["after"]
        assert asked.read_text().splitlines()[-1] == "serve planted --stdio"


def test_the_package_is_small():
    assert (EXTENSION / "dist" / "lanyard.vsix").stat().st_size < 1_500_000


def script_at(path: Path, line: str) -> Path:
    """A shell script that may be run."""
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return path
