"""Workspaces that ask for work without end: namesakes, cycles, deep hierarchies, many files, files that come and go."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lanyard_analyzers.index import Index

from .odd import KINDS, Odd

FILES = 5_000
"""The bench of the index has a workspace of 50,000."""


def test_ten_thousand_methods_of_one_name(tmp_path: Path) -> None:
    many = {
        f"m{n}.py": "".join(
            f"class C{n}_{k}:\n    def get(self, a{k}):\n        return self.get()\n" for k in range(100)
        )
        for n in range(100)
    }
    odd = Odd(tmp_path, {**many, "a.py": "class A:\n    def get(self, x):\n        return x.get().get()\n"})
    text = odd.all_kinds("a.py", "def get")
    assert "class C" not in text  # none of them is told to be it


def test_ten_thousand_functions_of_one_name(tmp_path: Path) -> None:
    many = {f"m{n}.py": "".join(f"def run(a{k}):\n    return run()\n" for k in range(100)) for n in range(100)}
    odd = Odd(tmp_path, {**many, "a.py": "def run(x):\n    return other(x) + x.run()\n"})
    odd.all_kinds("a.py", "def run")
    assert "m0.py" not in odd.slice("a.py", "def run", "refactor")[0].text


def test_a_hierarchy_a_thousand_deep(tmp_path: Path) -> None:
    classes = "class C0:\n    def m(self):\n        return 1\n" + "".join(
        f"class C{n}(C{n - 1}):\n    def m(self):\n        return super().m()\n"
        f"    def n{n}(self):\n        return self.m()\n"
        for n in range(1, 1001)
    )
    below = "from a import C1000\n\nclass D(C1000):\n    def m(self):\n        return self.n990() + self.nothing()\n"
    odd = Odd(tmp_path, {"a.py": classes, "b.py": below})
    assert "def n990(self)" in odd.slice("b.py", "def m", "refactor")[0].text
    odd.all_kinds("b.py", "def m")
    odd.all_kinds("a.py", "def m")


def test_five_thousand_subclasses(tmp_path: Path) -> None:
    classes = "class Top:\n    def m(self):\n        return 1\n" + "".join(
        f"class C{n}(Top):\n    def m(self):\n        return super().m()\n" for n in range(5000)
    )
    odd = Odd(tmp_path, {"a.py": classes})
    assert "class C0(Top)" in odd.slice("a.py", "def m", "refactor")[0].text
    odd.all_kinds("a.py", "def m")


def test_imports_in_circles(tmp_path: Path) -> None:
    files = {
        f"m{n}.py": f"from m{(n + 1) % 60} import *\nfrom m{(n + 7) % 60} import *\nimport m{n}\n\n"
        f"def f{n}():\n    return f{(n + 25) % 60}() + nothing() + m{n}.f{(n + 3) % 60}()\n"
        for n in range(60)
    }
    odd = Odd(tmp_path, files)
    assert "def f25()" in odd.slice("m0.py", "def f0", "refactor")[0].text
    odd.all_kinds("m0.py", "def f0")


CIRCLES = {
    "python": {
        "a.py": "from a import A, f\nimport a\n\n"
        "class A(a.A):\n    def m(self) -> 'A':\n        return a.a.A().m().m() + f()\n",
    },
    "bases": {
        "b.py": "from a import A\n\nclass B(A):\n    def k(self):\n        return self.m()\n",
        "a.py": "from b import B\n\nclass A(B):\n    def m(self):\n        return self.q() + self.k()\n\n"
        "class S(S):\n    x: S = S()\n",
    },
    "typescript": {
        "index.ts": 'export * from "./index";\nexport * from "./a";\n',
        "a.ts": 'export * from "./index";\nimport { q, A } from "./index";\n'
        "export class A extends A {\n  m(): A {\n    return q(this.m().m());\n  }\n}\n",
    },
    "rust": {
        "src/lib.rs": "mod a;\npub use crate::a::*;\npub use self::*;\n",
        "src/a.rs": "pub use crate::*;\npub type T = T;\npub fn m(t: T) -> T {\n    m(q(t))\n}\n",
    },
    "go": {
        "go.mod": "module shop\n",
        "a.go": 'package shop\n\nimport "shop"\n\ntype A struct{ A }\n\n'
        "func (a A) m() A {\n\treturn a.A.A.m().q()\n}\n",
    },
    "java": {
        "a/A.java": "package a;\nimport a.A;\n"
        "class A extends A {\n    A m() {\n        return this.m().q();\n    }\n}\n",
    },
    "cpp": {
        "a.hpp": '#include "a.hpp"\n#include "b.hpp"\nstruct A : A {\n  A m();\n};\n',
        "b.hpp": '#include "a.hpp"\nusing A = A;\n',
        "a.cpp": '#include "a.hpp"\nA A::m() {\n  return this->m().m().q();\n}\n',
    },
}


@pytest.mark.parametrize("language", sorted(CIRCLES))
def test_files_that_import_themselves_and_classes_that_are_their_own_base(language: str, tmp_path: Path) -> None:
    files = CIRCLES[language]
    odd = Odd(tmp_path, files)
    path = list(files)[-1]
    needle = " m(" if " m(" in files[path] else "::m("
    odd.all_kinds(path, needle)


def test_deleted_and_renamed_files_leave_nothing_behind(tmp_path: Path) -> None:
    odd = Odd(
        tmp_path,
        {
            "a.py": "def total(x):\n    return 'old words'\n",
            "b.py": "from a import total\n\ndef use(x):\n    return total(x)\n",
            "c.py": "from a import total\n\ndef other(x):\n    return total(x) + 77\n",
        },
    )
    assert "old words" in odd.slice("b.py", "def use")[0].text
    assert "def use(x):" in odd.slice("a.py", "def total")[0].text
    (tmp_path / "a.py").rename(tmp_path / "renamed.py")
    (tmp_path / "c.py").unlink()
    for path in ("a.py", "renamed.py", "c.py"):
        odd.index.update(path)
    text = odd.all_kinds("b.py", "def use")
    assert "# a.py" not in text
    text = odd.all_kinds("renamed.py", "def total")
    assert "77" not in text
    shutil.rmtree(tmp_path)
    made, problems = odd.slice("b.py", "def use", text="def use(x):\n    return 1\n")
    assert made.text or problems


def test_files_that_change_between_index_and_query(tmp_path: Path) -> None:
    """Whatever the index believes of a file, lines that are not there any more are not asked for."""
    odd = Odd(
        tmp_path,
        {
            "a.py": "# a\n" * 50 + "def total(x):\n    return x\n",
            "b.py": "from a import total\n\ndef use(x):\n    return total(x)\n",
        },
    )
    odd.all_kinds("b.py", "def use")
    (tmp_path / "a.py").write_text("x = 1\n")
    odd.all_kinds("b.py", "def use")
    odd.index.update("a.py")
    assert "def total" not in odd.all_kinds("b.py", "def use")


def test_a_workspace_of_many_files(tmp_path: Path) -> None:
    for n in range(FILES):
        folder = tmp_path / f"p{n // 100}"
        folder.mkdir(exist_ok=True)
        before = max(n - 1, 0)
        (folder / f"m{n}.py").write_text(
            f"from p{before // 100}.m{before} import f{before}\n\n\nclass C{n}:\n    def get(self):\n"
            f"        return f{before}(self)\n\n\ndef f{n}(a):\n    return a.get()\n"
        )
    odd = Odd(tmp_path, {"use.py": "from p3.m333 import f333\n\ndef use(a):\n    return f333(a).get()\n"})
    text = odd.all_kinds("use.py", "def use")
    assert "def f333(a):" in text
    assert "def use(a):" in odd.slice("p3/m333.py", "def f333", "refactor")[0].text
    assert len(odd.index.paths) == FILES + 1


def test_slices_do_not_depend_on_the_order_of_hashes(tmp_path: Path) -> None:
    odd = Odd(
        tmp_path,
        {
            f"m{n}.py": f"from m{n - 1} import f{n - 1}\nfrom m{n - 2} import f{n - 2} as g\n\n"
            f"class K{n}:\n    x: int = {n}\n\n"
            f"def f{n}(a, k):\n    return f{n - 1}(a, K{n}()) + g(a, k) + k.x\n"
            for n in range(12)
        }
        | {"test_m7.py": "from m7 import f7\n\ndef test_f7():\n    assert f7(1, 2)\n"},
    )
    program = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from integration.index_robustness.odd import KINDS, Odd\n"
        "odd = Odd(Path(sys.argv[1]), {})\n"
        "sys.stdout.write(repr([odd.slice('m7.py', 'def f7', kind, 300) for kind in KINDS]))\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parents[2])],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ""},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(found) == 1
    assert repr([odd.slice("m7.py", "def f7", kind, 300) for kind in KINDS]) in found


def test_an_empty_workspace_and_an_empty_file(tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": ""})
    assert odd.slice("a.py", "")[0].tokens <= 2000
    assert list(Index(odd.workspace).defining("x")) == []
