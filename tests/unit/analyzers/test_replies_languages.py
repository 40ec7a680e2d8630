"""Replies in C#, Ruby, PHP, Kotlin, Lua and shell: edits of a target, tests joined to those that are there."""

from __future__ import annotations

import pytest

from lanyard_analyzers.replies.check import check_edit
from lanyard_analyzers.replies.edits import code_edit
from lanyard_analyzers.replies.tests_reply import check_tests
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Target, targets_at
from lanyard_analyzers.text import Span, Text

CODE = {
    "csharp": "using System;\n\nnamespace Shop;\n\npublic class Cart\n{\n    public int Total(int x)\n    {\n"
    "        return x$0;\n"
    "    }\n}\n",
    "ruby": "class Cart\n  def total(x)\n    x$0\n  end\nend\n",
    "php": "<?php\n\nnamespace Shop;\n\nclass Cart\n{\n    public function total(int $x): int\n    {\n"
    "        return $x$0;\n"
    "    }\n}\n",
    "kotlin": "package shop\n\nclass Cart {\n    fun total(x: Int): Int {\n        return x$0\n    }\n}\n",
    "lua": "local M = {}\n\nfunction M.total(x)\n  return x$0\nend\n\nreturn M\n",
    "bash": "total() {\n  echo x$0\n}\n",
}


def target_of(language: str) -> tuple[Syntax, Target]:
    code = CODE[language]
    at = code.index("$0")
    syntax = parse(Text.of(code.replace("$0", "")), language)
    return syntax, targets_at(syntax, Span(at, at))[0]


@pytest.mark.parametrize(
    ("language", "reply"),
    [
        ("csharp", "```cs\npublic int Total(int x)\n{\n    return x + 1;\n}\n```"),
        ("csharp", "```csharp\nnamespace Shop;\n\npublic class Cart\n{\n    public int Total(int x) => x + 1;\n}\n```"),
        ("ruby", "```rb\nclass Cart\n  def total(x)\n    x + 1\n  end\nend\n```"),
        ("php", "```php\npublic function total(int $x): int\n{\n    return $x + 1;\n}\n```"),
        ("php", "```php\n<?php\npublic function total(int $x): int\n{\n    return $x + 1;\n}\n```"),
        (
            "php",
            "```php\n<?php\nclass Cart\n{\n    public function total($x)\n    {\n        return $x + 1;\n    }\n}\n```",
        ),
        ("kotlin", "```kt\npackage shop\n\nclass Cart {\n    fun total(x: Int): Int = x + 1\n}\n```"),
        ("lua", "```lua\nlocal M = {}\nfunction M.total(x)\n  return x + 1\nend\nreturn M\n```"),
        ("bash", '```sh\n#!/bin/bash\ntotal() {\n  echo "$1"\n}\n```'),
    ],
)
def test_a_reply_becomes_an_edit_of_the_target_alone(language: str, reply: str) -> None:
    syntax, target = target_of(language)
    edit, _ = code_edit(reply, syntax, target)
    assert edit is not None
    checked, problems = check_edit(syntax, target, edit)
    assert problems == ()
    assert checked is not None
    assert "<?php" not in edit.new
    assert edit.new.count("otal") == 1


JOINED = {
    "csharp": (
        "using Xunit;\n\nnamespace Shop.Tests;\n\npublic class CartTests\n{\n    [Fact]\n    public void A()\n"
        "    {\n    }\n}\n",
        "using Xunit;\nusing Shop;\n\nnamespace Shop.Tests;\n\npublic class CartTests\n{\n    [Fact]\n"
        "    public void Total()\n"
        "    {\n        Assert.Equal(1, new Cart().Total(1));\n    }\n}",
    ),
    "ruby": (
        'require "test_helper"\n\nclass CartTest < Minitest::Test\n  def test_a\n    assert true\n  end\nend\n',
        'require "test_helper"\nrequire "cart"\n\nclass CartTest < Minitest::Test\n  def test_total\n'
        "    assert_equal 1, Cart.new.total(1)\n  end\nend",
    ),
    "php": (
        "<?php\n\nnamespace Shop\\Tests;\n\nuse Shop\\Cart;\n\nclass CartTest extends TestCase\n{\n"
        "    public function testA()\n"
        "    {\n    }\n}\n",
        "namespace Shop\\Tests;\n\nuse Shop\\Cart;\nuse Shop\\Item;\n\nclass CartTest extends TestCase\n{\n"
        "    public function testTotal()\n    {\n        $this->assertSame(1, (new Cart())->total(1));\n    }\n}",
    ),
    "kotlin": (
        "package shop\n\nimport kotlin.test.Test\n\nclass CartTest {\n    @Test\n    fun a() {\n    }\n}\n",
        "package shop\n\nimport kotlin.test.Test\nimport kotlin.test.assertEquals\n\nclass CartTest {\n"
        "    @Test\n    fun total() {\n"
        "        assertEquals(1, Cart().total(1))\n    }\n}",
    ),
    "lua": (
        'local M = require("cart")\n\ndescribe("a", function()\n  it("b", function() end)\nend)\n',
        'local M = require("cart")\n\ndescribe("total", function()\n  it("adds", function()\n'
        "    assert.equal(1, M.total(1))\n"
        "  end)\nend)",
    ),
    "bash": (
        '#!/usr/bin/env bats\nload helper\n\n@test "a" {\n  true\n}\n',
        '#!/usr/bin/env bats\nload helper\n\n@test "total prints" {\n  run total 1\n}',
    ),
}


@pytest.mark.parametrize("language", JOINED)
def test_tests_are_joined_to_those_that_are_there(language: str) -> None:
    _, target = target_of(language)
    existing, code = JOINED[language]
    checked, problems = check_tests(f"```{language}\n{code}\n```", language, target, existing=existing)
    assert problems == ()
    assert checked is not None
    assert checked.tests == 1
    for once in (
        "namespace Shop",
        "package shop",
        "<?php",
        "#!/usr",
        "use Shop\\Cart;",
        'require "test_helper"',
        "load",
    ):
        assert checked.content.count(once) <= 1, once
    assert len(checked.content) > len(existing)


def test_new_php_tests_get_their_tag() -> None:
    _, target = target_of("php")
    code = JOINED["php"][1]
    checked, _ = check_tests(f"```php\n{code}\n```", "php", target)
    assert checked is not None
    assert checked.content.startswith("<?php\n\nnamespace")
