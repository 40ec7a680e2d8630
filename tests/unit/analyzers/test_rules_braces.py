"""Where imports of Go, Rust, Java, C and C++ lead, beyond what the golden slices show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve import Resolver
from unit.analyzers.slicing import write


def leads(root: Path, files: Mapping[str, str], path: str) -> dict[str, tuple[str, ...]]:
    """What each import of a file leads to, by its local name, or by its source where everything is imported."""
    index = Index(write(root, files))
    resolver, record = Resolver(index), index.record(path)
    assert record is not None
    return {
        one.local if one.local != "*" else one.source: resolver.sources(path, one)
        for statement in record.imports
        for one in statement.bindings
    }


def test_go_takes_the_innermost_module_and_no_tests(tmp_path: Path) -> None:
    files = {
        "go.mod": "module a.org/x\n",
        "tool/go.mod": "module a.org/x/tool\n",
        "tool/run/run.go": "package run\n",
        "tool/run/run_test.go": "package run\n",
        "vendor/b.org/y/go.mod": "module b.org/y\n",
        "vendor/b.org/y/y.go": "package y\n",
        "main.go": 'package main\n\nimport (\n\t"a.org/x/tool/run"\n\t"b.org/y"\n\t"fmt"\n)\n',
    }
    assert leads(tmp_path, files, "main.go") == {"run": ("tool/run/run.go",), "y": (), "fmt": ()}


def test_rust_modules(tmp_path: Path) -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["one", "two"]\n',
        "one/Cargo.toml": '[package]\nname = "one-crate"\n',
        "one/src/lib.rs": '#[path = "odd/place.rs"]\nmod placed;\nmod plain;\n',
        "one/src/odd/place.rs": "",
        "one/src/plain.rs": "mod deep;\nuse super::placed::A;\nuse self::deep::B;\nuse crate::Missing;\n",
        "one/src/plain/deep.rs": "use super::super::placed::C;\n",
        "one/tests/all.rs": "mod common;\nuse one_crate::plain::D;\nuse two_renamed::E;\n",
        "one/tests/common/mod.rs": "",
        "two/Cargo.toml": '[package]\nname = "two"\n\n[lib]\npath = "code/root.rs"\n',
        "two/code/root.rs": "",
    }
    files["one/Cargo.toml"] += '\n[dev-dependencies.two-renamed]\npackage = "two"\npath = "../two"\n'
    assert leads(tmp_path, files, "one/src/lib.rs") == {
        "placed": ("one/src/odd/place.rs",),
        "plain": ("one/src/plain.rs",),
    }
    found = leads(tmp_path, files, "one/src/plain.rs")
    assert (found["deep"], found["B"]) == (("one/src/plain/deep.rs",), ("one/src/plain/deep.rs",))
    assert found["Missing"] == ("one/src/lib.rs",)
    assert leads(tmp_path, files, "one/tests/all.rs") == {
        "common": ("one/tests/common/mod.rs",),
        "D": ("one/src/plain.rs",),
        "E": ("two/code/root.rs",),
    }


def test_java_looks_in_all_source_roots_the_nearest_first(tmp_path: Path) -> None:
    files = {
        "a/src/main/java/org/x/Cart.java": "package org.x;\nclass Cart {}\n",
        "b/src/main/java/org/x/Cart.java": "package org.x;\nclass Cart {}\n",
        "b/src/test/java/org/y/CartTest.java": "package org.y;\nimport org.x.Cart;\nimport org.x.Cart.Line;\n",
    }
    both = ("b/src/main/java/org/x/Cart.java", "a/src/main/java/org/x/Cart.java")
    found = leads(tmp_path, files, "b/src/test/java/org/y/CartTest.java")
    assert found == {"Cart": both, "Line": both}


def test_c_includes(tmp_path: Path) -> None:
    commands = '[{"directory": "/w/build", "command": "cc -I/w/third/api -Iown -c ../src/a.c"}]'
    files = {
        "compile_commands.json": commands,
        "third/api/lib/api.h": "",
        "include/lib/util.h": "",
        "other/lib/util.h": "",
        "deep/down/only_here.h": "",
        "src/near.h": "",
        "near.h": "",
        "src/a.c": '#include "near.h"\n#include <lib/api.h>\n#include <lib/util.h>\n'
        '#include "only_here.h"\n#include <near.h>\n',
    }
    assert leads(tmp_path, files, "src/a.c") == {
        "near.h": ("src/near.h",),
        "<lib/api.h>": ("third/api/lib/api.h",),
        "<lib/util.h>": ("include/lib/util.h",),
        "only_here.h": ("deep/down/only_here.h",),
        "<near.h>": ("src/near.h",),
    }


@pytest.mark.parametrize("path", ["a.go", "a.rs", "a.java", "a.c"])
def test_odd_imports_lead_nowhere(path: str, tmp_path: Path) -> None:
    odd = {
        "a.go": 'package a\n\nimport "../../../etc"\nimport ""\n',
        "a.rs": "use super::super::super::x::Y;\nuse ::{};\nmod m;\n",
        "a.java": "import .;\nimport a..b;\n",
        "a.c": '#include ""\n#include "../../../etc/passwd.h"\n#include <>\n',
    }
    assert not any(leads(tmp_path, {path: odd[path]}, path).values())
