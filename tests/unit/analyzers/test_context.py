"""The context of a completion: what other files hold that is likely needed next. `$0` is the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.slices.complete import build_context
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import file_target, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import DiskWorkspace

LIB = {
    "lib/__init__.py": "",
    "lib/store.py": """\
class Store:
    def __init__(self, path, *, timeout=3):
        self.path = path
        secret_marker = 1

    def load_page(self, number): ...

    def close(self): ...


class StoreError(Exception):
    def __init__(self, reason): ...


def open_store(path) -> Store:
    body_marker = path
    return Store(body_marker)
""",
    "lib/words.py": "def split_words(text, limit=10): ...\n\ndef join_words(words): ...\n",
    "lib/unrelated.py": "def unrelated(): ...\n",
}


def _context(root: Path, app: str, budget: int = 400, files: Mapping[str, str] = LIB, **more: object) -> Slice:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    cursor = app.index("$0")
    syntax = parse(Text.of(app.replace("$0", "")), "python")
    workspace = DiskWorkspace(root, {"app.py": syntax.text.content})
    request = SliceRequest(
        "complete",
        syntax,
        "app.py",
        file_target(syntax),
        workspace,
        budget,
        cursor=cursor,
        **more,  # type: ignore[arg-type]
    )
    made, problems = build_context(request)
    assert problems == ()
    assert made.tokens <= budget
    assert len(made.origins) == len(made.text.splitlines())
    return made


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        ("from lib.words import split_words\n\ndef f(text):\n    $0\n", "def split_words(text, limit=10)"),
        ("from lib import words\n\ndef f(text):\n    return words.$0\n", "def join_words(words)"),
        ("from lib.store import Store\n\ndef f():\n    store = $0\n", "def __init__(self, path, *, timeout=3)"),
        ("from lib.store import Store\n\ndef f(store: Store):\n    store.$0\n", "def load_page(self, number)"),
        (
            "from lib.store import open_store\n\ndef f():\n    s = open_store(1)\n    s.$0\n",
            "def load_page(self, number)",
        ),
        ("from lib.store import Store\n\nclass A(Store):\n    def f(self):\n        self.$0\n", "def close(self)"),
        ("from lib.store import *\n\ndef f():\n    raise $0\n", "class StoreError(Exception)"),
        ("from lib.words import split_words\n\ndef f(text):\n$0", "def split_words(text, limit=10)"),
    ],
)
def test_what_is_likely_next_is_shown(app: str, expected: str, tmp_path: Path) -> None:
    assert expected in _context(tmp_path, app).text


def test_nothing_of_the_buffer_nor_of_what_leads_nowhere_is_shown(tmp_path: Path) -> None:
    app = "from lib.words import split_words\n\ndef own_marker(text):\n    $0\n"
    made = _context(tmp_path, app)
    assert "own_marker" not in made.text
    assert "unrelated" not in made.text
    assert {piece.path for piece in made.pieces} == {"lib/words.py"}


def test_what_is_imported_and_not_used_yet_comes_before_what_is_used_far_away(tmp_path: Path) -> None:
    padding = "\n".join(f"value_{number} = {number}" for number in range(300))
    app = (
        "from lib.words import join_words, split_words\n\ndef g(a):\n    return join_words(a)\n\n"
        f"{padding}\n\ndef f(text):\n    $0\n"
    )
    files = {**LIB, "lib/words.py": "def split_words(text, limit): ...\n\ndef join_words(text, limit): ...\n"}
    made = _context(tmp_path, app, budget=18, files=files)
    assert "split_words" in made.text
    assert "join_words" not in made.text


@pytest.mark.parametrize("budget", [0, 1, 10, 40, 120, 1000])
def test_the_budget_is_kept_by_the_count_of_the_request(budget: int, tmp_path: Path) -> None:
    app = "from lib.store import Store, open_store\nfrom lib.words import *\n\ndef f(s: Store):\n    $0\n"
    assert _context(tmp_path, app, budget, count=len).tokens <= budget


def test_the_same_request_gives_the_same_whatever_was_asked_before(tmp_path: Path) -> None:
    app = "from lib.store import Store, open_store\nfrom lib import words\n\ndef f(s: Store):\n    $0\n"
    fresh = _context(tmp_path, app, 100)
    index = Index(DiskWorkspace(tmp_path))
    for budget in (1000, 50, 100):
        again = _context(tmp_path, app, budget, index=index)
    assert again == fresh


def test_a_removed_file_leaves_nothing(tmp_path: Path) -> None:
    app = "from lib.words import split_words\n\ndef f(text):\n    $0\n"
    assert "split_words" in _context(tmp_path, app).text
    (tmp_path / "lib" / "words.py").unlink()
    files = {path: text for path, text in LIB.items() if path != "lib/words.py"}
    assert _context(tmp_path, app, files=files).text == ""


def test_an_ignored_file_is_not_there(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("lib/words.py\n")
    app = "from lib.words import split_words\n\ndef f(text):\n    $0\n"
    assert _context(tmp_path, app).text == ""


def test_secrets_do_not_leave(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    files = {"lib/__init__.py": "", "lib/keys.py": f'def sign(text, token="{token}"): ...\n'}
    made = _context(tmp_path, "from lib.keys import sign\n\nsign($0\n", files=files)
    assert "def sign(text, token=" in made.text
    assert token not in made.text
    assert made.redactions.restore(made.text).count(token) == 1


@pytest.mark.parametrize("app", ["$0", "\n$0", "def f(\n$0", "import\n$0 (((", "class A:\n  def f(self:\n$0", "é$0"])
def test_odd_buffers_have_a_context(app: str, tmp_path: Path) -> None:
    assert estimate(_context(tmp_path, app).text) <= 400


def test_a_class_that_inherits_its_constructor_is_shown_with_it(tmp_path: Path) -> None:
    files = {"base.py": "class Base:\n    def __init__(self, host, port): ...\n" + "    def more(self): ...\n" * 3}
    files |= {"made.py": "from base import Base\n\n\nclass Made(Base):\n    flag = 1\n"}
    app = "from made import Made\n\n\ndef start():\n    return Made($0)\n"
    for path, text in {**files, "app.py": app.replace("$0", "")}.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    syntax, workspace = parse(Text.of(app.replace("$0", "")), "python"), DiskWorkspace(tmp_path)
    target = targets_at(syntax, Span(app.index("$0"), app.index("$0")))[0]
    made, _ = build_slice(SliceRequest("refactor", syntax, "app.py", target, workspace, 400, index=Index(workspace)))
    assert "def __init__(self, host, port)" in made.text


def test_what_functions_of_the_same_name_use_comes_first(tmp_path: Path) -> None:
    tools = "".join(f"def tool_{name}(a): ...\n\n\n" for name in ("ash", "birch", "cedar", "elm", "fir", "hazel"))
    uses = "import tools\n\n\nclass {}:\n    def render(self, page):\n        return tools.tool_fir(page)\n"
    files = {"tools.py": tools, "one.py": uses.format("One"), "two.py": uses.format("Two")}
    app = "import tools\n\n\nclass Three:\n    def render(self, page):\n        $0\n"
    made = _context(tmp_path, app, 14, files)
    assert "tool_fir" in made.text
    assert "tool_ash" not in made.text


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (  # imported in another function
            "def g():\n    from lib.store import StoreError\n    raise StoreError(1)\n\n\ndef f():\n    $0\n",
            "class StoreError(Exception)",
        ),
        (  # a local of another function
            "import lib.store\n\n\ndef g(p):\n    s = lib.store.open_store(p)\n    s.close()\n\n\ndef f():\n    $0\n",
            "def close(self)",
        ),
        (  # what a method of the same class gives
            "class A:\n    def s(self) -> lib.store.Store:\n        import lib.store\n\n    def f(self):\n        $0\n",
            "def load_page(self, number)",
        ),
        (  # what a parameter's class holds
            "from shelf import Shelf\n\n\ndef f(shelf: Shelf):\n    $0\n",
            "def load_page(self, number)",
        ),
    ],
)
def test_values_of_other_functions_and_what_values_hold_are_shown(app: str, expected: str, tmp_path: Path) -> None:
    shelf = "from lib.store import Store\n\n\nclass Shelf:\n    store: Store\n"
    made = _context(tmp_path, app, files={**LIB, "shelf.py": shelf})
    assert expected in made.text
