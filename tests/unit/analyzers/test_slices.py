"""What a slice promises: what is in it, what never is, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanyard_analyzers.slices import SliceRequest, build_slice
from lanyard_analyzers.targets import Shape
from lanyard_analyzers.workspace import DiskWorkspace
from unit.analyzers.slicing import request_at, slice_at

USER = """\
from lib import helper
from pkg import hidden

def f(x):
    return helper(x) + hidden(x)$0
"""
LIB = "def helper(x):\n    marker_of_lib = x\n    return marker_of_lib\n"
HIDDEN = "def hidden(x):\n    leaked_word = x\n    return leaked_word\n"


def test_what_the_target_imports_is_there(tmp_path: Path) -> None:
    result, problems = slice_at(tmp_path, {"app.py": USER, "lib.py": LIB})
    assert problems == ()
    assert "marker_of_lib" in result.text
    assert {piece.path for piece in result.pieces} == {"app.py", "lib.py"}
    assert result.whole_tokens > result.tokens / 2


@pytest.mark.parametrize("rule", ["pkg/hidden.py\n", "pkg/\n", "hidden.py\n", "*\n!*/\n!app.py\n!lib.py\n"])
@pytest.mark.parametrize("file", [".gitignore", ".lanyardignore"])
@pytest.mark.parametrize("kind", ["review", "test", "refactor", "fix", "explain", "document", "edit", "complete"])
def test_an_ignored_file_never_is_even_when_imported(tmp_path: Path, rule: str, file: str, kind: str) -> None:
    files = {
        file: rule,
        "app.py": USER,
        "lib.py": LIB,
        "pkg/__init__.py": "from .hidden import hidden\n",
        "pkg/hidden.py": HIDDEN + "\nfrom app import f\nleaked_word = f(1)\n",
        "tests/hidden.py": "from app import f\n\ndef test_f():\n    leaked_word = f(2)\n",
    }
    if file == ".gitignore":
        files["tests/.gitignore"] = "*\n"
    else:
        files["tests/.lanyardignore"] = "*\n"
    result, _ = slice_at(tmp_path, files, kind=kind)
    assert "leaked_word" not in result.text
    assert "helper" in result.text


def test_an_ignored_overlay_stays_out(tmp_path: Path) -> None:
    request = request_at(tmp_path, {"app.py": USER, ".gitignore": "pkg/\n"})
    workspace = DiskWorkspace(tmp_path, {"pkg/hidden.py": HIDDEN, "pkg/__init__.py": ""})
    result, _ = build_slice(_with(request, workspace=workspace))
    assert "leaked_word" not in result.text


@pytest.mark.parametrize(
    ("path", "rules", "message"),
    [
        ("app.py", {".gitignore": "app.py\n"}, "app.py is excluded by .gitignore (app.py), so nothing of it is sent"),
        (
            "sub/a.py",
            {"sub/.lanyardignore": "*\n"},
            "sub/a.py is excluded by sub/.lanyardignore (*), so nothing of it is sent",
        ),
        (".env.py", {}, ".env.py is excluded by never read (key material), so nothing of it is sent"),
    ],
)
def test_an_ignored_target_is_refused_in_one_line(
    tmp_path: Path, path: str, rules: dict[str, str], message: str
) -> None:
    result, problems = slice_at(tmp_path, {path: USER, **rules})
    assert result.text == ""
    assert result.pieces == ()
    assert len(problems) == 1
    assert problems[0].message.startswith(message)
    assert "\n" not in problems[0].message


def test_a_target_outside_the_workspace_is_refused(tmp_path: Path) -> None:
    request = request_at(tmp_path, {"app.py": USER})
    result, problems = build_slice(_with(request, path="../app.py"))
    assert result.text == ""
    assert "open the folder that holds it" in problems[0].message


def test_a_new_unsaved_file_has_a_slice(tmp_path: Path) -> None:
    request = request_at(tmp_path, {"app.py": USER, "lib.py": LIB})
    (tmp_path / "app.py").unlink()
    result, problems = build_slice(request)
    assert problems == ()
    assert "marker_of_lib" in result.text


TOKEN = "gh" + "p_" + "k3Y9" * 9
KEY_LINE = "MIIEowIBAAKCAQEA" + "x7" * 24


def test_secrets_are_out_and_come_back(tmp_path: Path) -> None:
    source = f'TOKEN = "{TOKEN}"\n\ndef f():\n    return "{TOKEN}", TOKEN$0\n'
    result, _ = slice_at(tmp_path, {"app.py": source})
    assert TOKEN not in result.text
    assert result.text.count("LANYARD_SECRET_1") == 2
    assert result.redactions.restore(result.text).count(TOKEN) == 2


def test_a_selection_within_a_key_shows_nothing_of_it(tmp_path: Path) -> None:
    """The lines alone do not look like a key; the file around them does."""
    begin, end = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
    source = f'KEY = """{begin}\n{KEY_LINE}\n{KEY_LINE[::-1]}\n{end}"""\nprint(KEY)$0\n'
    request = request_at(tmp_path, {"app.py": source})
    first, last = source.index(KEY_LINE), source.index(KEY_LINE[::-1])
    target = type(request.target)(Shape.SELECTION, "lines 2-3", type(request.target.span)(first, last + 40), "python")
    result, _ = build_slice(_with(request, target=target))
    assert KEY_LINE not in result.text
    assert KEY_LINE[::-1][:40] not in result.text
    assert "LANYARD_SECRET_1" in result.text


def test_a_target_too_large_is_cut_with_a_marker_and_a_word(tmp_path: Path) -> None:
    body = "".join(f"    x{n} = {n}\n" for n in range(400))
    result, problems = slice_at(tmp_path, {"app.py": f"def f():$0\n{body}"}, budget=300)
    assert 200 < result.tokens <= 300
    assert "lines left out: they do not fit" in result.text.splitlines()[-1]
    assert "select a smaller part" in problems[0].message
    assert result.origins[-1] is None


def test_no_budget_at_all(tmp_path: Path) -> None:
    for budget in (-5, 0, 1, 5):
        result, problems = slice_at(tmp_path, {"app.py": USER}, budget=budget)
        assert result.text == ""
        assert "raise the budget" in problems[0].message


def test_the_budget_is_counted_by_the_requests_own_count(tmp_path: Path) -> None:
    request = request_at(tmp_path, {"app.py": USER, "lib.py": LIB * 30})
    for budget in (90, 150, 400):
        result, _ = build_slice(_with(request, budget=budget, count=len))
        assert result.tokens == len(result.text) <= budget or result.text == ""


def test_lines_are_numbered_for_a_review(tmp_path: Path) -> None:
    review, _ = slice_at(tmp_path, {"app.py": USER, "lib.py": LIB}, kind="review")
    edit, _ = slice_at(tmp_path, {"app.py": USER, "lib.py": LIB}, kind="edit")
    assert "# app.py:4-5 f\n" in review.text
    assert "# lib.py\n" in review.text
    assert "# app.py f\n" in edit.text


def test_callers_are_for_those_who_need_them(tmp_path: Path) -> None:
    files = {"a.py": "def f(x):\n    return x$0\n", "b.py": "from a import f\n\n\ndef g():\n    return f(7)\n"}
    assert "f(7)" in slice_at(tmp_path, files, kind="refactor")[0].text
    assert "f(7)" not in slice_at(tmp_path, files, kind="document")[0].text


def test_tests_of_the_module_are_shown_for_writing_tests(tmp_path: Path) -> None:
    files = {
        "src/app.py": "def f(x):\n    return x$0\n\n\ndef g(x):\n    return x\n",
        "tests/test_app.py": "import pytest\nfrom app import f, g\n\n\n@pytest.fixture\ndef seven():\n    return 7\n"
        "\n\ndef test_g():\n    assert g(1) == 1\n\n\ndef test_f(seven):\n    assert f(seven) == 7\n",
    }
    text = slice_at(tmp_path, files, kind="test")[0].text
    assert "def seven():" in text
    assert "def test_f(seven):" in text
    assert "def test_g" not in text
    assert "tests are written with pytest" in text
    assert "import pytest" not in slice_at(tmp_path, files, kind="explain")[0].text


def test_a_diagnostic_steers_the_choice_but_is_not_sent(tmp_path: Path) -> None:
    files = {"app.py": "LIMIT = 7\n\n\ndef f(x):\n    return x$0\n"}
    plain, _ = slice_at(tmp_path, files, kind="fix")
    request = _with(request_at(tmp_path, files, kind="fix"), diagnostic='"LIMIT" is never used, says pyright')
    steered, _ = build_slice(request)
    assert "LIMIT" not in plain.text
    assert "LIMIT = 7" in steered.text
    assert "pyright" not in steered.text


@pytest.mark.parametrize("shape", [Shape.FILE, Shape.CLASS, Shape.METHOD])
def test_each_shape_is_whole(tmp_path: Path, shape: Shape) -> None:
    source = "import os\n\n\nclass A:\n    def f(self):\n        return os.sep$0\n\n    def g(self):\n        pass\n"
    request = request_at(tmp_path, {"app.py": source}, shape=shape)
    result, _ = build_slice(request)
    assert request.syntax.text.slice(request.target.span).strip() in result.text


def test_an_import_cycle_ends(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import x\n\n\ndef f():\n    return x()$0\n",
        "b.py": "from c import x\n",
        "c.py": "from b import x\n",
    }
    result, problems = slice_at(tmp_path, files)
    assert problems == ()
    assert "def f" in result.text


def _with(request: SliceRequest, **changes: object) -> SliceRequest:
    fields = {name: getattr(request, name) for name in SliceRequest.__slots__}
    return SliceRequest(**{**fields, **changes})
