"""What never reaches an endpoint: secrets, ignored files; and that a proposal has its secrets back."""

from __future__ import annotations

import json

import pytest

from integration.background.harness import Say, a_yard, replying
from support.lsp_client import LspError

KEY = "AKIA" + "Z7Q2M4X3W5LR6T2B"
CODE = f'def connect(host):\n    key = "{KEY}"\n    result = (host, key)\n    return result\n'


async def test_a_key_is_never_sent_and_comes_back_in_the_proposal(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        editor.open("a.py", CODE)
        editor.write("shown/.keep", "")
        yard.endpoint.says(
            ("exactly one fenced", replying('def connect(host):\n    return host, "LANYARD_SECRET_1"\n')),
            Say(text="It uses `LANYARD_SECRET_1`."),
        )
        task = await editor.run("a.py", "Refactor connect", 1)
        await editor.line("^Refactor connect: .*Apply")
        assert (await editor.command("lanyard.showDiff", task))[
            "after"
        ] == f'def connect(host):\n    return host, "{KEY}"\n'
        where = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 7}}
        leaky = {"range": where, "message": f"hard-coded {KEY}", "source": "lint"}
        found = await editor.actions("a.py", 1, diagnostics=[leaky], only=["quickfix"])
        fix = next(a for a in found if a["title"].startswith("Fix"))
        await editor.command("lanyard.run", *fix["command"]["arguments"])
        await editor.run("a.py", "Explain connect", 1)
        await yard.endpoint.until(lambda: len(yard.endpoint.streams) == 3)
        sent = json.dumps([[each.body, each.headers] for each in yard.endpoint.asked])
        assert KEY not in sent
        assert "LANYARD_SECRET_1" in sent
        shown = await editor.client.wait_for("window/showDocument", lambda p: p["uri"].endswith(".md"))
        explanation = next((tmp_path / "home").rglob(shown["uri"].rpartition("/")[2]))
        assert KEY not in explanation.read_text()
        assert KEY not in str(editor.client.messages("window/logMessage")) + editor.client.stderr_text()


@pytest.mark.parametrize(
    ("rules", "path", "says"),
    [
        ({".gitignore": "build/\n"}, "build/a.py", r"build/a\.py is excluded by \.gitignore \(build/\)"),
        ({".lanyardignore": "*.py\n"}, "a.py", r"a\.py is excluded by \.lanyardignore \(\*\.py\)"),
        ({}, "private/a.py", r"private/a\.py is excluded by privacy\.ignore \(private/\)"),
        ({".lanyardignore": "!private/\n"}, "private/é.py", r"é\.py is excluded by privacy\.ignore \(private/\)"),
    ],
)
async def test_an_ignored_file_is_refused_with_the_rule_that_names_it(tmp_path, rules, path, says):
    async with a_yard(tmp_path, config='[privacy]\nignore = ["private/"]\n') as yard:
        for name, content in rules.items():
            (yard.root / name).write_text(content)
        async with yard.editor() as editor:
            editor.open(path, CODE)
            with pytest.raises(LspError, match=says) as error:
                await editor.run(path, "Refactor connect", 1)
            assert "\n" not in error.value.message
            assert yard.endpoint.streams == []


async def test_what_the_settings_exclude_is_in_no_slice(tmp_path):
    async with a_yard(tmp_path, config='[privacy]\nignore = ["private/", "*_secret.py"]\n') as yard:
        yard.endpoint.says(Say(text="It is fine."))
        async with yard.editor() as editor:
            editor.write("private/deep/rules.py", "def rule():\n    return 'canary-one'\n")
            editor.write("the_secret.py", "def other():\n    return 'canary-two'\n")
            editor.write("plain.py", "def plain():\n    return 'canary-three'\n")
            (yard.root / "link.py").symlink_to(yard.root / "the_secret.py")
            text = (
                "from private.deep.rules import rule\nfrom the_secret import other\nfrom plain import plain\n"
                "import link\n\n\ndef f():\n    return rule(), other(), plain(), link.other()\n"
            )
            editor.open("private/deep/rules.py")  # an open buffer of an ignored file is no way in
            editor.open("a.py", text)
            await editor.run("a.py", "Explain f", 7)
            await editor.client.wait_for("window/showDocument")
            asked = yard.endpoint.streams[0].text
            assert "def plain" in asked
            assert "canary-one" not in asked
            assert "canary-two" not in asked
            assert "def rule" not in asked
            assert "def other" not in asked
