"""The document store against an oracle, and what it ignores."""

from __future__ import annotations

import random
import re

import pytest

from lanyard_analyzers.text import Text
from lanyard_server import documents
from lanyard_server.app import GRAMMARS
from lanyard_server.documents import BEFORE_LIMIT, DocumentStore
from lanyard_server.features.sync import _changed
from lanyard_server.positions import Encoding

URI = "file:///project/a.py"


def change(*changes, uri=URI, version=2):
    document = {"uri": uri, "version": version}
    return _changed({"textDocument": document, "contentChanges": list(changes)})


def put(store, *changes, version=2):
    made = change(*changes, version=version)
    store.change(URI, made.text_document.version, made.content_changes)


def at(start, end, text):
    places = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": places[0], "end": places[1]}, "text": text}


@pytest.fixture
def store():
    made = DocumentStore(GRAMMARS, Encoding.UTF16)
    made.open(URI, "python", 1, "def f():\n    return 1\n")
    return made


# --- the oracle: an array of code units, lines found anew at each edit ---


UNITS = {Encoding.UTF8: ("utf-8", 1), Encoding.UTF16: ("utf-16-le", 2), Encoding.UTF32: ("utf-32-le", 4)}


class Oracle:
    def __init__(self, text: str, encoding: Encoding) -> None:
        self.codec, self.width = UNITS[encoding]
        self.text = text

    def splice(self, start, end, new):
        ends = sorted(self.place(*place) for place in (start, end))
        self.text = self.text[: ends[0]] + new + self.text[ends[1] :]

    def place(self, line, character):
        starts = [0, *(match.end() for match in re.finditer("\r\n|\r|\n", self.text))]
        if line >= len(starts):
            return len(self.text)
        content = re.match("[^\r\n]*", self.text[starts[line] :]).group()
        # The longest beginning of the line that needs no more units than asked for.
        units = 0
        for count, letter in enumerate(content):
            units += len(letter.encode(self.codec)) // self.width
            if units > character:
                return starts[line] + count
        return starts[line] + len(content)


SOURCES = {
    "python": "def f(a, b):\n    # é\n    if a:\n        return [b, '😀']\n\n\nclass A:\n    def g(self): ...\n",
    "javascript": "function f(a) {\r\n  return a ? `x${a}` : null;\r\n}\r\nconst g = (b) => b + 1;\r\n",
    "go": "package main\n\nfunc f(a int) int {\n\tif a > 1 {\n\t\treturn a\n\t}\n\treturn 0\n}\n",
    "c": "int f(int a) {\n  /* 𝔘 */\n  return a + 1;\n}\n\fstruct s { int x; };\n",
}
PIECES = (
    *(
        "",
        "",
        "x",
        "\n",
        "\r\n",
        "\r",
        "\f",
        "\x0b",
        "\x85",
        "\u2028",
        "é",
        "😀",
        "𝔘x",
        "(",
        ")",
        "{",
        "}",
        '"',
        "    ",
    ),
    *("if x:\n    y = 1\n", "def h():\n\treturn 2\n", "/*", "*/", "\r\n\r\n", "a\rb", "\n\n\n", "function k() {}\n"),
)
DOCUMENTS = 3000
CHUNKS = 30


def shape(syntax):
    """A tree as a value: every node's type and place."""
    cursor, found = syntax.tree.walk(), []
    while True:
        node = cursor.node
        found.append((node.type, node.start_byte, node.end_byte, node.is_missing))
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return found


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_edits_equal_the_oracle_and_trees_a_fresh_parse(chunk):
    for seed in range(chunk * DOCUMENTS // CHUNKS, (chunk + 1) * DOCUMENTS // CHUNKS):
        rng = random.Random(seed)
        encoding = list(Encoding)[seed % 3]
        language = list(SOURCES)[seed // 3 % len(SOURCES)]
        store = DocumentStore(GRAMMARS, encoding)
        store.open(URI, language, 1, SOURCES[language])
        oracle = Oracle(SOURCES[language], encoding)
        if seed % 2:
            store.get(URI)  # from here on the tree is kept up
        for version in range(2, 6):
            changes = []
            for _ in range(rng.randint(1, 3)):
                lines = oracle.text.count("\n") + 2
                start, end = sorted((rng.randrange(lines), rng.choice((0, 1, 2, 5, 40, 999))) for _ in range(2))
                if rng.random() < 0.6:
                    end = (start[0], start[1] + rng.choice((0, 1, 3, 99)))
                new = rng.choice(PIECES)
                changes.append(at(start, end, new))
                oracle.splice(start, end, new)
            if rng.random() < 0.05:
                changes.append({"text": oracle.text})
            put(store, *changes, version=version)
            if rng.random() < 0.5:
                assert store.get(URI).text.content == oracle.text, seed
        document = store.get(URI)
        assert document.text.content == oracle.text, seed
        assert document.text == Text.of(oracle.text, 5), seed
        assert document.text.starts == Text.of(oracle.text).starts, seed
        assert document.syntax.text is document.text, seed
        fresh = GRAMMARS.parse(Text.of(oracle.text), document.language)
        assert shape(document.syntax) == shape(fresh), seed


# --- what the client did not mean ---


def test_an_old_version_is_ignored(store, caplog):
    put(store, {"text": "new"}, version=5)
    for version in (5, 4, -1):
        put(store, {"text": "old"}, version=version)
    assert store.get(URI).text.content == "new"
    assert store.get(URI).version == 5
    assert caplog.text.count("ignored") == 3


def test_a_gap_in_versions_is_accepted(store):
    put(store, {"text": "new"}, version=50)
    assert store.get(URI).version == 50


def test_a_missing_version_counts_up(store):
    put(store, {"text": "new"}, version=None)
    assert store.get(URI).version == 2


def test_a_change_to_a_document_that_is_not_open_is_ignored(store, caplog):
    store.close(URI)
    put(store, {"text": "new"})
    assert store.get(URI) is None
    assert "without having been opened" in caplog.text
    store.close(URI)


def test_opened_again_means_the_new_text(store):
    store.open(URI, "python", 1, "again")
    assert store.get(URI).text.content == "again"


@pytest.mark.parametrize(
    "changes",
    [None, 3, [{"text": 3}], [{}], [{"range": {}, "text": ""}], [{"range": {"start": {}, "end": {}}, "text": ""}]],
)
def test_a_change_of_another_form_is_refused_whole(changes):
    with pytest.raises((KeyError, TypeError)):
        _changed({"textDocument": {"uri": URI, "version": 2}, "contentChanges": changes})


# --- snapshots ---


def test_a_snapshot_stays_as_it_was(store):
    before = store.get(URI)
    tree = shape(before.syntax)
    put(store, at((1, 4), (1, 12), "yield  2; pass"))
    after = store.get(URI)
    assert before.text.content.endswith("return 1\n")
    assert shape(before.syntax) == tree
    assert after.text.content == "def f():\n    yield  2; pass\n"
    assert store.get(URI) is after


def test_another_spelling_of_the_uri_finds_the_document(store):
    assert store.get("file:///project/%61.py") is store.get(URI)


def test_the_one_that_changed_last_is_first(store):
    for name in ("b", "c"):
        store.open(f"file:///{name}.py", "python", 1, name)
    put(store, {"text": "a"})
    assert [d.text.content for d in store.all()] == ["a", "c", "b"]


def test_documents_without_grammar_or_file(store):
    store.open("untitled:Untitled-1", "python", 1, "x = 1")
    store.open("file:///a.unknown", "klingon", 1, "x = 1")
    untitled, unknown = store.get("untitled:Untitled-1"), store.get("file:///a.unknown")
    assert untitled.path is None
    assert untitled.syntax is not None
    assert unknown.language is None
    assert unknown.syntax is None


def test_a_huge_document_has_no_tree(store, monkeypatch):
    monkeypatch.setattr(documents, "SYNTAX_LIMIT", 30)
    put(store, at((0, 0), (0, 0), "# longer than that\n"))
    assert store.get(URI).syntax is None
    put(store, {"text": "x = 1\n"}, version=3)
    assert store.get(URI).syntax is not None


def test_so_many_edits_that_a_fresh_parse_is_cheaper(store):
    store.get(URI)
    put(store, *(at((0, 0), (0, 0), "x") for _ in range(documents._EDITS_LIMIT + 5)))
    document = store.get(URI)
    assert shape(document.syntax) == shape(GRAMMARS.parse(document.text, "python"))


def test_the_text_as_it_was_opened_is_kept_for_what_changed_since(store):
    assert store.before(URI) is None
    put(store, at((1, 11), (1, 12), "2"))
    assert store.before(URI).content == "def f():\n    return 1\n"
    put(store, at((1, 11), (1, 12), "1"), version=3)
    assert store.before(URI) is None  # as it was again
    store.close(URI)
    assert store.before(URI) is None


def test_of_a_large_document_no_second_text_is_kept(store):
    store.open(URI, "python", 1, "x = 1\n" * (BEFORE_LIMIT // 6 + 1))
    put(store, at((0, 0), (0, 1), "y"))
    assert store.before(URI) is None
