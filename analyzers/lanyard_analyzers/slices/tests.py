"""How the target is tested, or its neighbours are: a sample test, what it stands on, and what is covered already.

Owns what of the test files is worth showing. The links from code to tests are in `test_links.py`, what stands in a
test file in `test_blocks.py`, frameworks in `test_frameworks.py`.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Import, Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import is_test_path
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option, Scene
from lanyard_analyzers.slices.test_blocks import Block, blocks_of
from lanyard_analyzers.slices.test_frameworks import framework, habits
from lanyard_analyzers.slices.test_links import Linked, linked_tests
from lanyard_analyzers.slices.weights import weights_of

SAMPLE_LINES = 45
"""Lines of the longest test that is shown as a sample."""
_FIELDS = 40
"""Members of a test class that are looked at for what a test uses."""
_NAMES_TOLD = 24
_NAMES_LENGTH = 600
_FIXTURES = 12
_HELPERS_SHOWN = 6
_MENTIONS = 2_000
_READ = 40_000
_WORD = late(r"[^\W\d][\w$]*")


class Tested(NamedTuple):
    """What is known of the target's tests: the files with their blocks, best first, and what the target is called."""

    files: tuple[tuple[Linked, tuple[Block, ...]], ...]
    names: tuple[str, ...]


def known_tests(scene: Scene) -> Tested:
    """The tests of the target's module, its own file among them where the language keeps them there."""
    names = _names(scene)
    files = [(one, blocks_of(one.file)) for one in linked_tests(scene, names)]
    if scene.file.language == "rust":
        inside = tuple(one for one in blocks_of(scene.file) if _tells_tests(scene, one))
        if any(one.role == "test" for one in inside):
            files.insert(0, (Linked(scene.file, "name"), inside))
    return Tested(tuple(files), names)


def _tells_tests(scene: Scene, block: Block) -> bool:
    """Whether a block of the target's own file is outside the target: in Rust tests stand beside the code."""
    return not scene.lines[0] <= block.head <= scene.lines[1]


def _names(scene: Scene) -> tuple[str, ...]:
    """What tests call the target: its name, its class's; of a file, what it defines."""
    own = scene.own
    if own is None:
        tops = [one.name for one in scene.file.symbols if one.around < 0 and "private" not in one.marks]
        return tuple(dict.fromkeys(tops))[:8]
    owner = own.owner.rpartition(".")[2].rpartition("::")[2]
    if owner and own.name in rules_of(scene.file.language).constructors:
        return (owner,)
    return tuple(dict.fromkeys(one for one in (own.name.rstrip("?!="), owner) if one))


def notes_of_tests(scene: Scene, found: Tested) -> tuple[str, ...]:
    """Lines for the prompt: the framework with what its tests here make use of, and the tests that exist already."""
    language, path = scene.file.language, scene.file.path
    text = "\n".join(one.file.text.content[:_READ] for one, _ in found.files[:2])
    name = framework(scene.index, language, path, text)
    notes: list[str] = []
    if name:
        used = habits(language, text)
        notes.append(f"tests are written with {name}" + (f" ({', '.join(used)})" if used else ""))
    if scene.own is not None and found.names:
        notes += _covered(found)
    return tuple(notes)


def _covered(found: Tested) -> Iterator[str]:
    """The names of the tests that mention the target, file by file."""
    told = length = 0
    for linked, blocks in found.files:
        if linked.by == "near":
            continue
        names: list[str] = []
        lines = _lines_with(linked.file, found.names[0])
        for block in blocks:
            if block.role == "test" and block.name and _any_in(lines, block):
                length += len(block.name) + 2
                if told < _NAMES_TOLD and length < _NAMES_LENGTH:
                    names.append(" ".join(block.name.split()))
                told += 1
        if names:
            yield f"tests of {found.names[0]} that exist in {linked.file.path}: {', '.join(dict.fromkeys(names))}"
    if told > _NAMES_TOLD:
        yield f"and {told - _NAMES_TOLD} more"


def _lines_with(file: SourceFile, name: str) -> list[int]:
    """The lines on which a word stands, in their order, bounded."""
    content, found = file.text.content, list[int]()
    at = content.find(name)
    while at >= 0 and len(found) < _MENTIONS:
        end = at + len(name)
        before, after = content[at - 1 : at], content[end : end + 1]
        if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
            found.append(file.text.line_of(at))
        at = content.find(name, end)
    return found


def _any_in(lines: list[int], block: Block) -> bool:
    at = bisect_left(lines, block.first)
    return at < len(lines) and lines[at] <= block.last


def _text(file: SourceFile, first: int, last: int) -> str:
    return file.text.content[file.text.starts[first] : file.text.line_span(last).end]


def sample_tests(scene: Scene, found: Tested) -> Iterator[Candidate]:
    """A sample of the target's tests, its fixtures and helpers, and the imports that it needs."""
    worth = weights_of(scene.request.kind).tests
    if not worth:
        return
    shown = 0
    for at, (linked, blocks) in enumerate(found.files[:3]):
        for sample in _samples(linked.file, blocks, found.names)[: 2 if at == 0 else 1]:
            fade = worth * 0.5**shown * (1.0 if linked.by != "near" else 0.8)
            yield from _with_surroundings(scene, linked.file, blocks, sample, fade)
            shown += 1
            if shown > 2:
                return
        if not blocks and at == 0:
            yield from _imports(linked.file, set(), worth * 0.5)


def _samples(file: SourceFile, blocks: tuple[Block, ...], names: tuple[str, ...]) -> list[Block]:
    """The tests to show, best first: those that name the target, of a middle length; then one written another way."""
    fit = [one for one in blocks if one.role == "test" and one.last - one.first < SAMPLE_LINES]
    named = [_lines_with(file, name) for name in names]

    def order(block: Block) -> tuple[int, int, int]:
        rank = next((at for at, lines in enumerate(named) if _any_in(lines, block)), len(names))
        length = block.last - block.first + 1
        return (rank, 0 if 3 <= length <= 25 else 1, block.first)

    ranked = sorted(fit, key=order)
    telling = [one for one in ranked if any(_any_in(lines, one) for lines in named)]
    if len(telling) < 2:
        return telling or ranked[:1]
    ranked, first = telling, telling[0]
    other = next((one for one in ranked[1:] if (one.head - one.first > 0) != (first.head - first.first > 0)), ranked[1])
    return [first, other]


def _with_surroundings(
    scene: Scene, file: SourceFile, blocks: tuple[Block, ...], sample: Block, worth: float
) -> Iterator[Candidate]:
    lines = frozenset(range(sample.first, sample.last + 1)) | _suite_lines(file, blocks, sample)
    yield Candidate(file, "a test as they are written here", (Option(Tier.VERBATIM, lines, worth),))
    words = set(_WORD.findall(_text(file, sample.first, sample.last)))
    for block in blocks:
        if block.role == "setup" and _prepares(file, blocks, block, sample) and _is_wanted(file, block, words):
            words |= set(_WORD.findall(_text(file, block.first, block.last)))
            yield _prepared(file, block, worth)
    for other, fixture in _fixtures(scene, file, blocks, words):
        if fixture.name in words:
            yield _prepared(other, fixture, worth)
        else:
            head = frozenset(range(fixture.first, fixture.head + 1))
            yield Candidate(other, "fixture that is there, too", (Option(Tier.SIGNATURE, head, worth * 0.15),))
    yield from _helpers(scene, file, blocks, words, worth)
    yield from _imports(file, words, worth)


def _prepared(file: SourceFile, block: Block, worth: float) -> Candidate:
    head = frozenset(range(block.first, block.head + 1))
    whole = frozenset(range(block.first, min(block.last, block.first + SAMPLE_LINES) + 1))
    options = [Option(Tier.VERBATIM, whole, worth * 0.8)]
    if len(whole) > len(head) + 3:
        options.insert(0, Option(Tier.SIGNATURE, head, worth * 0.5))
    return Candidate(file, "fixture", tuple(options))


def _suite_lines(file: SourceFile, blocks: tuple[Block, ...], sample: Block) -> Lines:
    """The heads of the suites and classes around a test, and the lines that close them."""
    lines: set[int] = set()
    for block in blocks:
        if block.role == "suite" and block.first < sample.first and sample.last <= block.last:
            lines |= set(range(block.first, block.head + 1)) | _closing(file, block.last, block.head)
    for symbol in file.symbols:
        if symbol.first >= sample.first:
            break
        if symbol.shape == "class" and sample.last <= symbol.last:
            lines |= {symbol.head} | _closing(file, symbol.last, symbol.head)
            words = _WORD.findall(_text(file, sample.first, sample.last))
            for one in file.by_owner.get(symbol.qualified, ())[:_FIELDS]:
                if one.shape == "field" and one.name in words:
                    lines |= set(range(one.head, min(one.last, one.head + SAMPLE_LINES // 4) + 1))
    return frozenset(lines)


def _closing(file: SourceFile, last: int, head: int) -> set[int]:
    text = file.text.line_text(last).lstrip()
    return {last} if last > head and text.startswith(("}", ")", "end")) else set()


def _prepares(file: SourceFile, blocks: tuple[Block, ...], block: Block, sample: Block) -> bool:
    """Whether a preparation is run for a test: it stands in the same suite or class, or in one around it."""
    suites = [one for one in blocks if one.role == "suite" and one.first <= block.first and block.last <= one.last]
    classes = [
        one
        for one in file.symbols
        if one.shape == "class" and one.first <= block.first and block.last <= one.last and one.head != block.head
    ]
    spans = [(one.first, one.last) for one in suites] + [(one.first, one.last) for one in classes]
    return all(first <= sample.first and sample.last <= last for first, last in spans)


def _is_wanted(file: SourceFile, block: Block, words: set[str]) -> bool:
    """A fixture that is asked for by name is wanted where it is; every other preparation always is."""
    lead = _text(file, block.first, block.head)
    if "fixture" in lead and file.language in {"python", "rust"}:
        return block.name in words or "autouse" in lead
    return not block.name.lower().startswith(("teardown", "after", "let", "subject")) or any(
        word in words for word in _WORD.findall(lead)[1:3]
    )


def _fixtures(
    scene: Scene, file: SourceFile, blocks: tuple[Block, ...], words: set[str]
) -> Iterator[tuple[SourceFile, Block]]:
    """pytest's fixtures visible to a test: its file's, then those of `conftest.py` from there up to the root."""
    if file.language != "python":
        return
    available = [(file, one) for one in blocks if one.role == "setup" and _is_fixture(file, one)]
    for path in _conftests(file.path):
        other = scene.index.file(path)
        if other is not None:
            available += [(other, one) for one in blocks_of(other) if one.role == "setup" and _is_fixture(other, one)]
    wanted = set(words)
    given: set[str] = set()
    for _ in range(3):  # fixtures that fixtures ask for
        for other, block in available:
            asked = block.name in wanted or (other is not file and "autouse" in _text(other, block.first, block.head))
            if asked and block.name not in given and len(given) < _FIXTURES:
                given.add(block.name)
                wanted |= set(_WORD.findall(_text(other, block.first, block.head)))
                if other is not file or block.name not in words:
                    words.add(block.name)
                    yield other, block
    rest = [(other, block) for other, block in available if block.name not in given]
    for other, block in rest[: _FIXTURES - len(given)]:
        given.add(block.name)
        yield other, block


def _is_fixture(file: SourceFile, block: Block) -> bool:
    return block.head > block.first and "fixture" in _text(file, block.first, block.head)


def _conftests(path: str) -> Iterator[str]:
    directory: str = posixpath.dirname(path)
    for _ in range(12):
        yield posixpath.join(directory, "conftest.py")
        if not directory:
            return
        directory = posixpath.dirname(directory)


def _helpers(
    scene: Scene, file: SourceFile, blocks: tuple[Block, ...], words: set[str], worth: float
) -> Iterator[Candidate]:
    """What a sample calls that only tests have: of its own file, of its package's tests, imported from a test file."""
    known = {block.head for block in blocks}
    given = 0
    for other in _helper_files(scene, file):
        for symbol in other.symbols:
            if symbol.name not in words or symbol.shape not in {"function", "class", "value"} or symbol.owner:
                continue
            if (other is file and symbol.head in known) or symbol.around >= 0 or "test" in symbol.marks:
                continue
            if other.path == scene.file.path and "local" not in symbol.marks and other is not file:
                continue
            yield _helper(other, symbol, worth)
            given += 1
            if given >= _HELPERS_SHOWN:
                return


def _helper_files(scene: Scene, file: SourceFile) -> Iterator[SourceFile]:
    if file.path != scene.file.path:
        yield file
    directory = posixpath.dirname(file.path)
    if file.language == "go":
        for path in scene.index.in_directory(directory)[:40]:
            if path.endswith("_test.go") and path != file.path and (other := scene.index.file(path)) is not None:
                yield other
    seen = {file.path, scene.file.path}
    for statement in file.record.imports[:80]:
        for binding in statement.bindings[:20]:
            for path in list(rules_of(file.language).sources(scene.index, file.path, binding))[:8]:
                if path in seen:
                    continue
                seen.add(path)
                if _is_support(path, file.language) and (other := scene.index.file(path)) is not None:
                    yield other


def _is_support(path: str, language: str) -> bool:
    folders = posixpath.dirname(path).lower().split("/")
    return is_test_path(path, language) or any(
        one in {"test", "tests", "spec", "__tests__", "testing", "test_helpers", "support", "fixtures"}
        for one in folders
    )


def _helper(file: SourceFile, symbol: Symbol, worth: float) -> Candidate:
    head = frozenset(range(symbol.head, min(symbol.head_end, symbol.head + 6) + 1))
    options = [Option(Tier.SIGNATURE, head, worth * 0.4)]
    if symbol.last - symbol.first < SAMPLE_LINES // 2:
        options.append(Option(Tier.VERBATIM, frozenset(range(symbol.first, symbol.last + 1)), worth * 0.6))
    return Candidate(file, "helper of the tests", tuple(options))


def _imports(file: SourceFile, words: set[str], worth: float) -> Iterator[Candidate]:
    """The imports of the tests that a sample uses; all of them where there is room."""
    statements = [one for one in file.record.imports if one.around < 0][:60]
    used = [one for one in statements if _is_used(one, words)]
    options: list[Option] = []
    if used:
        options.append(Option(Tier.SIGNATURE, _lines_of(used), worth * 0.6))
    if len(used) < len(statements):
        options.append(Option(Tier.VERBATIM, _lines_of(statements), worth * (0.7 if used else 0.5)))
    if options:
        yield Candidate(file, "imports of the tests", tuple(options))


def _is_used(statement: Import, words: set[str]) -> bool:
    return any(one.local == "*" or one.local.partition(".")[0] in words for one in statement.bindings)


def _lines_of(statements: Iterable[Import]) -> Lines:
    return frozenset(line for one in statements for line in range(one.first, min(one.last, one.first + 30) + 1))
