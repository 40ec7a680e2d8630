"""Files as strangers leave them: broken, huge, minified, in odd encodings and under odd names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from .odd import Odd

USE = "from a import total\n\ndef use(x):\n    return total(x)\n"
TOTAL = "def total(x):\n    return x\n"


def test_a_target_with_syntax_errors_still_has_what_it_uses(tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": TOTAL, "b.py": "from a import total\n\ndef use(x:\n    if (x\n    return total(x\n"})
    made, _ = odd.slice("b.py", "return total", budget=500)
    assert "def total(x):" in made.text
    assert "return total(x" in made.text


def test_a_file_of_nothing_but_openings_is_read(tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": "def f(a:\n  return (((\nclass X(\n" * 400 + TOTAL, "b.py": USE})
    assert "def use" in odd.all_kinds("b.py", "def use")
    assert odd.slice("a.py", "def total")[0].text


def test_a_generated_file_of_5_mb_neither_stalls_nor_fills_a_slice(tmp_path: Path) -> None:
    huge = "".join(f"def f{n}(a, b):\n    return f{n // 2}(a) + b.g{n}()\n" for n in range(110_000))
    assert len(huge) > 5_000_000
    odd = Odd(
        tmp_path,
        {"huge.py": huge, "a.py": TOTAL, "b.py": USE.replace("import total", "import total\nfrom huge import f7")},
    )
    assert "def total(x):" in odd.all_kinds("b.py", "def use")
    made, problems = odd.slice("huge.py", "def f77(", text=huge)
    assert made.tokens <= 2000
    assert problems


def test_a_file_of_ten_thousand_functions_that_may_be_read(tmp_path: Path) -> None:
    large = "".join(f'def f{n}(a):\n    """Doc."""\n    return f{n * 7 % 9000}(a)\n\n' for n in range(15_000))
    assert len(large) < 1_000_000
    odd = Odd(tmp_path, {"large.py": large, "b.py": "from large import f5\n\ndef use(x):\n    return f5(x)\n"})
    assert "def f5(a):" in odd.all_kinds("b.py", "def use")
    text = odd.all_kinds("large.py", "def f5(")
    assert "def f35(a):" in text


@pytest.mark.parametrize("name", ["app.min.js", "app.js"])
def test_minified_javascript(name: str, tmp_path: Path) -> None:
    code = (
        "!function(){"
        + "".join(f"function a{n}(b,c){{return b?c.d{n}(a{n // 2}(b)):e[{n}]}}" for n in range(6000))
        + "}();"
    )
    odd = Odd(
        tmp_path,
        {name: code, "b.js": f'import {{ a1 }} from "./{name}";\nexport function use(x) {{\n  return a1(x);\n}}\n'},
    )
    text = odd.all_kinds("b.js", "function use")
    assert "function use(x)" in text
    assert max(len(line) for line in text.splitlines()) < 1000
    _, problems = odd.slice(name, "function a77(")
    assert problems  # its one line does not fit


@pytest.mark.parametrize("data", ['TABLE = "' + "abc " * 30_000 + '"\n', "TABLE = [\n" + "1, " * 40_000 + "\n]\n"])
def test_a_short_file_with_one_line_of_data_keeps_its_other_lines(data: str, tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": "import os\n\n" + data + "\n" + TOTAL, "b.py": USE})
    text = odd.all_kinds("b.py", "def use")
    assert "def total(x):" in text
    assert max(len(line) for line in text.splitlines()) < 1000
    assert "def total(x):" in odd.slice("a.py", "return x")[0].text


def test_lines_of_100_kb(tmp_path: Path) -> None:
    odd = Odd(
        tmp_path,
        {
            "a.py": TOTAL + "TABLE = [" + '"abc", ' * 15_000 + "]\n" + "def more():\n    return 1\n" * 100,
            "b.py": "from a import total, TABLE\n\ndef use(x):\n    return total(x) + TABLE[0]\n",
            "c.py": "from a import total\n\ndef wide():\n    return [" + "total(1), " * 11_000 + "]\n",
        },
    )
    text = odd.all_kinds("b.py", "def use")
    assert "def total(x):" in text
    assert max(len(line) for line in text.splitlines()) < 1000
    assert odd.all_kinds("a.py", "def total")
    assert odd.all_kinds("c.py", "def wide", budget=200_000)


def test_functions_of_twenty_thousand_lines(tmp_path: Path) -> None:
    body = "".join(f"    x{n} = total(a.b{n})\n" for n in range(20_000))
    odd = Odd(tmp_path, {"a.py": TOTAL, "b.py": "from a import total\n\ndef long(a):\n" + body})
    made, problems = odd.slice("b.py", "def long")
    assert "def long(a):" in made.text
    assert "left out" in problems[0]
    assert "def long(a):" in odd.slice("a.py", "def total", "refactor")[0].text


def test_brackets_and_chains_without_end(tmp_path: Path) -> None:
    odd = Odd(
        tmp_path,
        {
            "a.py": TOTAL,
            "deep.py": "def deep():\n    return " + "(" * 20_000 + ")" * 20_000 + "\n",
            "chain.py": "def chain(a):\n    return a" + ".total()" * 20_000 + "\n",
            "nested.py": "".join("  " * n + f"def f{n}():\n" for n in range(90)) + "  " * 90 + "return total()\n",
        },
    )
    for path, needle in (("deep.py", "def deep"), ("chain.py", "def chain"), ("nested.py", "def f5")):
        odd.all_kinds(path, needle)
    assert "def total" in odd.all_kinds("a.py", "def total")


ENCODED = {
    "utf-16": "def total(x):\n    return 'é'\n".encode("utf-16"),
    "utf-16-be": b"\xfe\xff" + "def total(x):\n    return 'é'\n".encode("utf-16-be"),
    "bom": b"\xef\xbb\xbfdef total(x):\n    return 1\n",
    "latin-1": "def total(x):\n    return 'é'\n".encode("latin-1"),
    "crlf": b"def total(x):\r\n    return 1\r\n",
    "cr": b"def total(x):\r    return 1\r",
    "mixed": b"def total(x):\r\n    return 1\n\rclass A:\r    pass\n",
    "odd characters": "def total(x):\n    return '\u2028\x0b\x85𝕏\x1c'\n".encode(),
}


@pytest.mark.parametrize("encoding", sorted(ENCODED))
def test_encodings(encoding: str, tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": ENCODED[encoding], "b.py": USE})
    made, _ = odd.slice("b.py", "def use", "refactor")
    assert "def total(x):" in made.text
    assert "\r" not in made.text
    made, _ = odd.slice("a.py", "total", "refactor")
    assert "return total(x)" in made.text


def test_binary_files_are_not_there(tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": b"def total(x):\0\0\0" + bytes(range(256)), "b.py": USE})
    assert "a.py" not in odd.all_kinds("b.py", "def use").replace("from a import", "")


ODD_NAMES = [
    "with space.py",
    "naïve-ünï.py",
    "名前.py",
    "#hash.py",
    "-dash.py",
    "a'b.py",
    'quote".py' if sys.platform != "win32" else "quote.py",
    "dots..py",
    "x" * 200 + ".py",
    ".hidden.py",
    "UPPER.PY",
    "emoji😀.py",
    "deep/" * 30 + "leaf.py",
]


def test_names_with_odd_characters(tmp_path: Path) -> None:
    files = {name: f"def named_{n}():\n    return total({n})\n" for n, name in enumerate(ODD_NAMES)}
    odd = Odd(tmp_path, {**files, "a.py": TOTAL})
    assert set(ODD_NAMES) <= set(odd.index.paths)
    for name in ODD_NAMES:
        made, _ = odd.slice(name, "def named")
        assert "def named" in made.text
    odd.all_kinds("a.py", "def total")


@pytest.mark.skipif(sys.platform == "win32", reason="needs file names that Windows refuses")
def test_names_that_would_break_a_heading_are_left_out(tmp_path: Path) -> None:
    odd = Odd(tmp_path, {"a.py": TOTAL, "b.py": USE})
    (tmp_path / "new\nline.py").write_text("def total(x):\n    return 'injected'\n")
    (tmp_path / os.fsdecode(b"not-utf8-\xff.py")).write_text("def total(x):\n    return 'bytes'\n")
    text = odd.all_kinds("b.py", "def use")
    assert "injected" not in text
    text.encode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and pipes")
def test_links_in_circles_links_out_and_pipes(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "total.py").write_text("def total(x):\n    return 'outside'\n")
    odd = Odd(root, {"a.py": TOTAL, "b.py": USE, "pkg/c.py": USE})
    (root / "pkg" / "loop").symlink_to(root)
    (root / "self.py").symlink_to(root / "self.py")
    (root / "one.py").symlink_to(root / "two.py")
    (root / "two.py").symlink_to(root / "one.py")
    (root / "out.py").symlink_to(outside / "total.py")
    (root / "outdir").symlink_to(outside)
    (root / "gone.py").symlink_to(root / "nothing.py")
    os.mkfifo(root / "pipe.py")
    text = odd.all_kinds("a.py", "def total")
    assert "outside" not in text
    assert "pkg/c.py" in text
    assert "loop" not in text
