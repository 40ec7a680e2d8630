"""Promises of slices that hold for every text: budget, origins, determinism, secrets, no line of a removed file."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.index import Index
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.slices.weights import WEIGHTS
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate
from unit.analyzers.slicing import golden_fixtures, read_fixture

DATA = Path(__file__).parents[2] / "data" / "slices"
KINDS = [*sorted(WEIGHTS), "research"]
JUNK = [
    *("(", ")", "{", "}", "\n", "\r\n", "\r", '"', "'", '"""', "/*", "*/", "def ", "class ", "import ", "€", "𝕏", "\f"),
    *("\t", "#", "//", "\u2028", ";", "\0", "\ufeff", "`", "${", "<", "end", "@"),
]
SECRETS = ("AKIA" + "Z7Q2M4X3W5LR6T2B", "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Memory:
    """A workspace without a disk."""

    contents: Mapping[str, str]

    @property
    def name(self) -> str:
        return "memory"

    def read(self, path: str, /) -> str | None:
        return self.contents.get(path)

    def files(self) -> Iterable[str]:
        return sorted(self.contents)


def origins_hold(result: Slice, files: Mapping[str, str]) -> None:
    """A line with an origin begins as its origin does, once secrets are back and whatever it leaves out."""
    lines = result.redactions.restore(result.text).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(result.origins)
    texts = {path: Text.of(content) for path, content in files.items()}
    for line, origin in zip(lines, result.origins, strict=True):
        if origin is None:
            continue
        source = texts[origin.path].line_text(origin.line)
        shown, there = _WORD.findall(line), _WORD.findall(source)
        assert shown[:1] == there[:1] or line.lstrip().startswith("…"), (line, source)


def check(request: SliceRequest, files: Mapping[str, str]) -> Slice:
    result, problems = build_slice(request)
    assert result.tokens <= max(request.budget, 0)
    assert result.tokens == (request.count(result.text) if result.text else 0)
    assert result.text or problems
    assert all("\n" not in problem.message for problem in problems)
    if result.text:
        origins_hold(result, files)
    assert build_slice(request) == (result, problems)
    assert build_slice(replace(request, index=Index(request.workspace))) == (result, problems)
    return result


# Workspaces of every language, whole and broken


def fixtures() -> dict[str, dict[str, str]]:
    """One workspace a language, or a few."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(DATA.glob("*.txt")):
        found[path.stem] = dict(read_fixture(path).files)
    for path in golden_fixtures():
        fixture = read_fixture(path)
        kept = found.setdefault(path.parent.name, {})
        kept.update({name: text for name, text in fixture.files.items() if len(kept) < 6 and name not in kept})
    return {name: {path: text.replace("$0", "") for path, text in files.items()} for name, files in found.items()}


FIXTURES = fixtures()


def all_requests(files: Mapping[str, str], dice: random.Random) -> list[SliceRequest]:
    workspace = Memory(files)
    requests: list[SliceRequest] = []
    for path, content in files.items():
        language = language_of("", path)
        if language is None or not content:
            continue
        syntax = parse(Text.of(content), language)
        at = dice.randrange(len(content) + 1)
        end = min(len(content), at + dice.choice([0, 0, 30, 200]))
        target = dice.choice(targets_at(syntax, Span(at, end)))
        count: Callable[[str], int] = dice.choice([estimate, len, lambda text: text.count("\n")])
        budget = dice.choice([3, 20, 60, 150, 400, 2000, 100_000])
        other = dice.choice(sorted(files))
        requests.append(
            SliceRequest(
                dice.choice(KINDS),
                syntax,
                path,
                target,
                workspace,
                budget,
                count,
                diagnostic="x is not defined in 'total'",
                instruction="total",
                index=Index(workspace) if dice.random() < 0.5 else None,
                cursor=at,
                before=Text.of(content[: at // 2] + content[at:]) if dice.random() < 0.5 else None,
                recent=((other, dice.randrange(40)), (path, 1), ("gone.py", 3)),
                diagnostic_line=dice.choice([None, 0, 7, 10_000]),
            )
        )
    return requests


@pytest.mark.parametrize("language", sorted(FIXTURES))
def test_promises_hold_on_every_fixture(language: str) -> None:
    dice = random.Random(language)
    for _ in range(3):
        for request in all_requests(FIXTURES[language], dice):
            check(request, FIXTURES[language])


@pytest.mark.parametrize("language", sorted(FIXTURES))
def test_promises_hold_on_broken_code(language: str) -> None:
    dice = random.Random(f"broken {language}")
    for _ in range(5):
        files: dict[str, str] = {}
        for path, text in FIXTURES[language].items():
            content = text
            for _ in range(dice.choice([0, 1, 5])):
                at = dice.randrange(len(content) + 1)
                content = content[:at] + dice.choice(JUNK) + content[at + dice.choice([0, 0, 3, 40]) :]
            files[path] = content
        for request in all_requests(files, dice):
            check(request, files)


@pytest.mark.parametrize("language", sorted(FIXTURES))
def test_a_removed_file_leaves_no_line_behind(language: str) -> None:
    files, dice = FIXTURES[language], random.Random(f"removed {language}")
    for request in all_requests(files, dice):
        result = check(request, files)
        for path in {piece.path for piece in result.pieces} - {request.path}:
            rest = Memory({name: text for name, text in files.items() if name != path})
            without, _ = build_slice(replace(request, workspace=rest, index=None))
            assert all(origin is None or origin.path != path for origin in without.origins)
            assert all(piece.path != path for piece in without.pieces)


# Workspaces made up: names that meet in imports, bases, calls, tests


NAMES = ("alpha", "beta", "gamma", "total", "get", "test_total", "Cart", "Base", "__init__", "run")
FOLDERS = ("", "pkg/", "pkg/deep/", "tests/")
MODULES = ("a", "b", "test_a", "conftest", "__init__")


@st.composite
def modules(draw: st.DrawFn, path: str) -> str:
    """A Python module in which every definition is marked with its path, so that its text can be told."""
    mark = re.sub(r"\W", "_", path)
    name = st.sampled_from(NAMES)
    lines: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        source = draw(st.sampled_from((".", ".a", "pkg", "pkg.b", "a", "..", "pkg.deep.a", "tests.conftest")))
        lines.append(f"from {source} import {draw(st.sampled_from((*NAMES, '*')))}")
    for number in range(draw(st.integers(0, 5))):
        shape = draw(st.sampled_from(("def", "class", "value", "fixture", "junk")))
        one, other, third = draw(name), draw(name), draw(name)
        note = f'"""Words of {mark} {number}."""'
        if shape == "def":
            lines += [f"def {one}(a: {other}, b={third}):", f"    {note}", f"    return {third}(a).{other}(b)", ""]
        elif shape == "fixture":
            lines += ["@pytest.fixture", f"def {one}({other}):", f"    return '{mark} {number}'", ""]
        elif shape == "class":
            lines += [f"class {one}({other}):", f"    {note}", f"    def {third}(self):", f"        self.{other}()"]
            lines += [f"        return self.{third}({mark})", ""]
        elif shape == "value":
            lines += [f"{one} = '{mark} {number}'"]
        else:
            lines += [draw(st.sampled_from(JUNK))]
    if draw(st.booleans()) and draw(st.booleans()):
        lines.insert(draw(st.integers(0, len(lines))), f"key = '{draw(st.sampled_from(SECRETS))}'")
    return "\n".join(lines)


@st.composite
def requests(draw: st.DrawFn) -> tuple[SliceRequest, dict[str, str]]:
    paths = draw(
        st.lists(
            st.builds(lambda folder, stem: f"{folder}{stem}.py", st.sampled_from(FOLDERS), st.sampled_from(MODULES)),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    files = {path: draw(modules(path)) for path in paths}
    path = draw(st.sampled_from(paths))
    content = files[path]
    syntax = parse(Text.of(content), "python")
    at = draw(st.integers(0, len(content)))
    target = draw(st.sampled_from(targets_at(syntax, Span(at, at))))
    before = draw(st.sampled_from((None, "", content[: at // 2] + content[at:])))
    workspace = Memory(files)
    request = SliceRequest(
        draw(st.sampled_from(KINDS)),
        syntax,
        path,
        target,
        workspace,
        draw(st.sampled_from((0, 1, 30, 120, 500, 5000))),
        draw(st.sampled_from((estimate, len))),
        diagnostic=draw(st.sampled_from((None, "'total' has no member 'get'"))),
        index=draw(st.sampled_from((None, Index(workspace)))),
        cursor=at,
        before=None if before is None else Text.of(before),
        recent=((draw(st.sampled_from(paths)), draw(st.integers(0, 9))),),
    )
    return request, files


@settings(max_examples=150, deadline=None, derandomize=True)
@given(requests())
def test_promises_hold_on_made_up_workspaces(made: tuple[SliceRequest, dict[str, str]]) -> None:
    request, files = made
    result = check(request, files)
    for secret in SECRETS:
        assert secret not in result.text
    kept: dict[str, str] = {request.path: files[request.path]}
    alone, _ = build_slice(replace(request, workspace=Memory(kept), index=None))
    mine = re.sub(r"\W", "_", request.path)
    for path in files:
        mark = re.sub(r"\W", "_", path)
        if mark not in mine and mine not in mark:
            assert f"{mark} " not in alone.text
            assert f"({mark})" not in alone.text


@settings(max_examples=80, deadline=None, derandomize=True)
@given(requests(), st.randoms(use_true_random=False))
def test_an_index_that_lived_through_changes_is_as_one_made_anew(
    made: tuple[SliceRequest, dict[str, str]], dice: random.Random
) -> None:
    request, files = made
    contents = dict(files)
    workspace = Memory(contents)
    index = Index(workspace)
    build_slice(replace(request, workspace=workspace, index=index))
    for path in [path for path in files if path != request.path]:
        if dice.random() < 0.5:
            del contents[path]
        else:
            contents[path] = contents[path].replace("total", "sum_up")
        index.update(path)
    if dice.random() < 0.5:
        contents["fresh.py"] = "def total():\n    return 1\n"
        index.update("fresh.py")
    index.list()
    old = build_slice(replace(request, workspace=workspace, index=index))
    new = build_slice(replace(request, workspace=workspace, index=Index(Memory(dict(contents)))))
    assert old == new
