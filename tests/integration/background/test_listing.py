"""What code actions list, in every language, for every kind of client."""

from __future__ import annotations

import pytest

from integration.background.harness import a_yard, capabilities
from support.lsp_client import FULL_CAPABILITIES

# path, language id, code with the cursor at $0, the titles' targets expected: innermost first
CASES = {
    "python": (
        "shop/cart.py",
        "python",
        "class Cart:\n    def total(self):\n        $0return 1\n",
        ["Cart.total", "Cart"],
    ),
    "javascript": (
        "a.js",
        "javascript",
        "class Cart {\n  total() {\n    $0return 1;\n  }\n}\n",
        ["Cart.total", "Cart"],
    ),
    "typescript": ("a.ts", "typescript", "function total(a: number) {\n  $0return a;\n}\n", ["total"]),
    "tsx": ("a.tsx", "typescriptreact", "function Row() {\n  $0return <p>1</p>;\n}\n", ["Row"]),
    "go": ("a.go", "go", "package a\n\nfunc (c *Cart) Total() int {\n\t$0return 1\n}\n", ["(*Cart).Total"]),
    "rust": (
        "a.rs",
        "rust",
        "impl Cart {\n    fn total(&self) -> u8 {\n        $01\n    }\n}\n",
        ["Cart::total", "Cart"],
    ),
    "java": ("A.java", "java", "class Cart {\n  int total() {\n    $0return 1;\n  }\n}\n", ["Cart.total", "Cart"]),
    "c": ("a.c", "c", "int total(int a) {\n  $0return a;\n}\n", ["total"]),
    "cpp": ("a.cpp", "cpp", "class Cart {\n  int total() {\n    $0return 1;\n  }\n};\n", ["Cart::total", "Cart"]),
    "csharp": ("A.cs", "csharp", "class Cart {\n  int Total() {\n    $0return 1;\n  }\n}\n", ["Cart.Total", "Cart"]),
    "ruby": ("a.rb", "ruby", "class Cart\n  def total\n    $01\n  end\nend\n", ["Cart::total", "Cart"]),
    "php": (
        "a.php",
        "php",
        "<?php\nclass Cart {\n  function total() {\n    $0return 1;\n  }\n}\n",
        ["Cart::total", "Cart"],
    ),
    "kotlin": (
        "a.kt",
        "kotlin",
        "class Cart {\n  fun total(): Int {\n    $0return 1\n  }\n}\n",
        ["Cart.total", "Cart"],
    ),
    "lua": ("a.lua", "lua", "function Cart:total()\n  $0return 1\nend\n", ["Cart.total"]),
    "bash": ("a.sh", "shellscript", "total() {\n  $0echo 1\n}\n", ["total"]),
}


def titles_of(target: str) -> list[str]:
    return [f"{verb} {target}" for verb in ("Refactor", "Write tests for", "Review", "Document", "Explain")]


def cursor(marked: str) -> tuple[str, int, int]:
    before, after = marked.split("$0")
    return before + after, before.count("\n"), len(before.rpartition("\n")[2])


async def test_every_language_lists_what_stands_at_the_cursor(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        for path, language, marked, targets in CASES.values():
            text, line, character = cursor(marked)
            editor.open(path, text, language)
            name = path.rpartition("/")[2]
            wanted = [title for target in (*targets, name) for title in titles_of(target)]
            found = await editor.actions(path, line, character)
            if language == "rust":  # whether an impl block counts as a class is the query file's to say
                wanted = [t for t in wanted if not t.endswith(" Cart") or t in [a["title"] for a in found]]
            assert [a["title"] for a in found] == wanted, language
            everything = (0, 0), (text.count("\n"), 0)
            selected = await editor.actions(path, *everything[0], end=everything[1])
            assert selected[0]["title"].startswith("Refactor lines 1-"), language
            assert all(a["command"]["command"] == "lanyard.run" for a in found + selected)


@pytest.fixture
async def at_a_method(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        text, line, character = cursor(CASES["python"][2])
        editor.open("cart.py", text)
        yield editor, line, character


async def test_only_narrows_the_list_by_the_kinds_tree(at_a_method):
    editor, line, character = at_a_method

    async def listed(*only: str) -> set[str]:
        return {a["kind"] for a in await editor.actions("cart.py", line, character, only=only)}

    everything = {
        "refactor.rewrite",
        "refactor.rewrite.tests",
        "refactor.rewrite.document",
        "lanyard.review",
        "lanyard.explain",
    }
    assert await listed() == everything
    assert await listed("") == everything
    assert await listed("refactor") == {k for k in everything if k.startswith("refactor")}
    assert await listed("refactor.rewrite.tests") == {"refactor.rewrite.tests"}
    assert await listed("lanyard.review", "quickfix") == {"lanyard.review"}
    assert await listed("source.organizeImports") == set()
    assert await listed("refactor.rew") == set()


async def test_any_servers_diagnostic_gets_a_fix(at_a_method):
    editor, line, character = at_a_method
    whole_line = {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 99}}
    bare = {"range": whole_line, "message": "Undefined name `x`\nsecond line"}
    linter = {"range": whole_line, "message": "unused", "source": "ruff", "code": "F401", "severity": 2}
    found = await editor.actions("cart.py", line, character, diagnostics=[bare, linter, linter], only=["quickfix"])
    assert [a["title"] for a in found] == ["Fix: Undefined name `x`", "Fix: unused"]
    arguments = found[0]["command"]["arguments"][0]
    assert (arguments["name"], arguments["line"], arguments["diagnostic"]) == ("Cart.total", line, bare["message"])
    assert found[1]["diagnostics"][0]["source"] == "ruff"


async def test_a_client_without_literals_gets_commands(tmp_path):
    old = capabilities({"textDocument": FULL_CAPABILITIES["textDocument"] | {"codeAction": {}}})
    async with a_yard(tmp_path) as yard, yard.editor(declared=old) as editor:
        editor.open("a.py", "def f():\n    return 1\n")
        found = await editor.actions("a.py", 1)
        assert found[0]["title"] == "Refactor f"
        assert found[0]["command"] == "lanyard.run"
        assert "kind" not in found[0]


async def test_documents_without_grammar_or_that_are_not_open_list_nothing(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        editor.open("notes.txt", "def f():\n    pass\n", "plaintext")
        editor.open("empty.py", "")
        assert await editor.actions("notes.txt", 1) == []
        assert await editor.actions("never-opened.py", 1) == []
        assert [a["title"] for a in await editor.actions("empty.py", 7, 9)][-1] == "Explain empty.py"
