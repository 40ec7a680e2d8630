"""The skeleton of a Python file gives the record that the whole file gives, and one where that has syntax errors."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import pytest

from lanyard_analyzers.index.extract import extract, extract_syntax
from lanyard_analyzers.index.extract import python as module
from lanyard_analyzers.index.extract.python_skeleton import skeleton
from lanyard_analyzers.index.records import FileRecord
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Text

FILLER = "".join(f"        call_{number}(self.client, key=[{number}])\n" for number in range(60))


def whole(content: str) -> FileRecord:
    """The record from the tree of the whole text."""
    return extract_syntax(parse(Text.of(content), "python"))


def short(content: str) -> FileRecord | None:
    """The record from the skeleton, None where there is none."""
    return module.extract_content(content) if skeleton(content.encode()) is not None else None


BODIES = [
    "",
    '        """One line."""\n',
    '        """Two\n    lines."""\n',
    "        '''a \"\"\" in it'''\n",
    "        # a comment\n        # and another\n",
    '        # a comment\n        r"""Raw \\"."""  # and one more\n\n',
    '        "plain"\n',
    "        self.a = 1\n        self.b, self.c = 1, 2\n        self.d: int = 3\n",
    "        if x:\n            self.deep = Deep(\n                1,\n            )\n",
    "        for self.x in y: pass\n        x = self.y = Why()\n        if x: self.z = 1\n",
    "        call(\n            self.x, y=3)\n        d = {\n            self.x: 1,\n        }\n        d[self.x:1]\n",
    '        sql = """\n    dedented\n"""\n',
    '        sql = """\n        self.fake = 1\n        """\n        self.true = 1\n',
    "        x = (1,\n    2)\n",
    "        x = 'def f(' + \\\n    'x'\n",
    "        from a import b\n        import c as d\n",
    "        def inner(a):\n            self.inner = 1\n" + FILLER.replace("        ", "            "),
    "        class Inner:\n            x = 1\n            def g(self):\n                self.g = 1\n",
    "    # dedented comment\n",
    "# far out\n",
    '        raise X("(")\n',
    "        return 1  # self.x = (\n",
    "        if a and \\\n            self.x:\n            self.y = 1\n",
]
HEADS = [
    "def f(self):",
    "async def f(self, a: dict[str, int] = {}, *, b=')', **c) -> 'A(':  # why",
    "def f(\n        self,\n        a=(1, (2, 3)),\n    ) -> int:",
    "def f[T](self, a=lambda: 3): # lambda",
    "def f(self, a=[x for x in (1, 2)], b=f\"{'x'}\"):",
    "@deco(1)\n    def f(self, # comment\n          b):",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_body_after_each_head(head: str, body: str, end: str) -> None:
    content = f"import a\n\n\nclass A:\n    '''Doc.'''\n    {head}\n{body}{FILLER}\n    # next\n    x = 1\n\n\n"
    content = (content + content.replace("class A", "class B") + "# last\ndef last(): pass\n").replace("\n", end)
    assert extract(content, "python") == whole(content)


def test_a_skeleton_is_much_shorter() -> None:
    content = f"class A:\n    def f(self):\n        '''Doc.'''\n        self.x = 1\n{FILLER}"
    found = skeleton(content.encode())
    assert found is not None
    assert found.data.decode().splitlines()[2:] == ["        '''Doc.'''", "        self.x = 1", "        pass"]
    assert list(found.lines) == [0, 1, 2, 3, content.count("\n") - 1, content.count("\n")]


def test_the_standard_library_has_the_same_records() -> None:
    library = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    used = 0
    for path in random.Random(7).sample(library, 25):
        content = path.read_bytes().decode("utf-8", "replace")
        record = short(content)
        used += record is not None
        assert record is None or record == whole(content), path
    assert used > 10


def test_code_in_a_string_is_no_code() -> None:
    text = f'A = """\nclass X:\n    def f(self):\n        self.x = 1\n{FILLER}"""\nB = """\n{FILLER}"""\n'
    content = text + f"def g():\n{FILLER}"
    assert [one.qualified for one in extract(content, "python").symbols] == ["A", "B", "g"]
    assert extract(content, "python") == whole(content)


@pytest.mark.parametrize(
    "broken",
    ["x = foo(", "x = [1, {", "if", "self.", "return (a +", "'''", '"', "@", "for x in", "lambda:", ")", "else:"],
)
def test_unfinished_code_in_a_body_hides_nothing_around_it(broken: str) -> None:
    content = (
        f"import a\nclass A:\n    def f(self):\n{FILLER}        {broken}\n    def g(self, y: int): ...\n    z = 3\n"
    )
    content += f"def k():\n{FILLER}"
    record = whole(content)
    names = [one.qualified for one in record.symbols]
    if broken == "'''":  # a quote that opens swallows what follows, for a reader too
        assert names[:2] == ["A", "A.f"]
    else:
        assert names == ["A", "A.f", "A.g", "A.z", "k"]
    assert extract(content, "python") == record
