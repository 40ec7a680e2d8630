"""Filters for training text: what is code that a person wrote, and what must not be learnt.

Owns pure functions from text to text (or to a reason for leaving the file out). Must not read files.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings
from collections.abc import Iterable, Iterator
from zlib import crc32

MIN_CHARS = 300
MAX_CHARS = 90_000
LONGEST_DOCSTRING = 500  # characters; longer ones are cut to their first paragraph in training text

_VENDORED = re.compile(
    r"(^|/)(_?vendor(ed)?|_vendored_packages|extern(als?)?|third_party|site-packages|node_modules|"
    r"lib2to3/tests|test/|idlelib/idle_test|pydoc_data|encodings/|packages/six)(/|$|\w)"
)
_GENERATED_NAME = re.compile(
    r"(_pb2|_pb2_grpc|parsetab|lextab|_version|_parser_?table|version)\.py$|/locales?/|/unicode"
)
_GENERATED_TEXT = re.compile(r"(?i)(auto.?generated|generated (by|from|file|using)|do not edit|@generated)")
_DATA_LINE = re.compile(r"""^\s*(['"({\[\d-]|0x|[A-Z_]+\s*=\s*\d).*[,)\]}\\'"\d]$""")
_PRIVATE = re.compile(
    r"-----BEGIN [A-Z ]*(PRIVATE KEY|CERTIFICATE)|\b(AKIA|ASIA)[A-Z0-9]{16}\b|"
    r"\bgh[pousr]_\w{30}|\bxox[abp]-|\bsk-\w{20}"
)
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}\b")
_HEX = re.compile(r"\b(0x)?[0-9a-fA-F]{32,}\b")
_BLOB = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
_ADDRESS = re.compile(r"\b(?!127\.|10\.|0\.|192\.168\.|255\.)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b")
_NOTE = re.compile(r"\b(TODO|FIXME|XXX|HACK|NOTE)\s*\([^)\n]{1,40}\)")
_PERSON = re.compile(
    r"(?i)^\s*(#|\.\.|:|@|\*)?\s*:?(copyright\b|\(c\)|author(s|ed by)?\b\s*[:=]|:?authors?:|written by|contributed by|"
    r"maintainer\b|created by|spdx-|licen[sc]e\s*:|"
    r"__(author|email|maintainer|copyright|credits|contact|license)__\s*=\s*['\"]).*$"
)
_LEGAL = re.compile(r"(?i)copyright|licen[sc]e|author|\(c\)|all rights reserved|contributors")


def refuse_path(path: str) -> str | None:
    """Why a file is left out by its path alone, or None."""
    if _VENDORED.search(path):
        return "vendored or not wanted"
    return "generated" if _GENERATED_NAME.search(path) else None


def refuse_text(text: str) -> str | None:
    """Why a file is left out by its content, or None. Thresholds were set by eye on the standard library."""
    if not MIN_CHARS <= len(text) <= MAX_CHARS:
        return "size"
    if _GENERATED_TEXT.search(text[:1500]):
        return "generated"
    if _PRIVATE.search(text):
        return "secret"
    lines = text.splitlines()
    if max(map(len, lines)) > 300 or len(text) / len(lines) > 70:
        return "minified"
    if len(text) - len(text.encode("ascii", "ignore")) > 0.01 * len(text):
        return "not ASCII"
    if sum(map(text.count, "0123456789")) > 0.10 * len(text):
        return "numbers"
    if len(lines) > 40 and sum(bool(_DATA_LINE.match(line)) for line in lines) > 0.35 * len(lines):
        return "data table"
    return None


def scrub(text: str) -> str:
    """Text without licence headers, author lines, addresses and long opaque strings; one ``\\n`` per line end."""
    lines = trim(text).split("\n")
    head = 0
    while head < len(lines) and (not lines[head] or lines[head].startswith("#")):
        head += 1
    if any(_LEGAL.search(line) for line in lines[:head]) or (lines and lines[0].startswith("#!")):
        lines = lines[head:]
    return mask("\n".join(line for line in lines if not _PERSON.match(line)).strip("\n") + "\n")


def trim(text: str) -> str:
    """Text with one ``\\n`` per line end and no white space before it."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def mask(text: str) -> str:
    """Text with fixed stand-ins for addresses, names in notes and long opaque strings; for every language."""
    text = _EMAIL.sub("name@example.com", text)
    text = _HEX.sub("0123456789abcdef", text)
    text = _BLOB.sub("c29tZSBkYXRh", text)
    text = _ADDRESS.sub("192.0.2.1", text)
    text = _NOTE.sub(r"\1", text)
    return re.sub(r"\n{4,}", "\n\n\n", text)


def parses(text: str) -> bool:
    """Whether the interpreter that runs this accepts the text as a module."""
    return _tree(text) is not None


@functools.lru_cache(1)
def _tree(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The node and the statements in it, at any depth; expressions hold none."""
    stack = [node]
    while stack:
        yield (node := stack.pop())
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            if isinstance(inner := getattr(node, field, None), list):
                stack.extend(inner)


def shorten_docstrings(text: str) -> str:
    """Cut docstrings over LONGEST_DOCSTRING characters to their first paragraph: code is what is to be learnt."""
    lines = text.split("\n")
    for node in _statements(_tree(text) or ast.Module([], [])):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or not node.body:
            continue
        first = node.body[0]
        if not (
            isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
        ):
            continue
        start, end = first.lineno - 1, (first.end_lineno or first.lineno) - 1
        if len(first.value.value) <= LONGEST_DOCSTRING or end == start:
            continue
        summary = " ".join(first.value.value.strip().split("\n\n")[0].split())[:200]
        if '"' in summary or "\\" in summary:
            continue
        indent = lines[start][: first.col_offset]
        lines[start : end + 1] = [f'{indent}"""{summary}"""'] + ["\x00"] * (end - start)
    return "\n".join(line for line in lines if line != "\x00")


def sketch(text: str, size: int = 64) -> tuple[int, ...]:
    """Bottom-k sketch of three-line windows (Broder 1997): the share of common values estimates the Jaccard index."""
    lines = [line.strip() for line in text.split("\n") if len(line.strip()) > 3]
    windows = {crc32("\n".join(lines[i : i + 3]).encode()) for i in range(max(1, len(lines) - 2))}
    return tuple(sorted(windows)[:size])


class NearCopies:
    """Remembers sketches; says how much of a new one is known already."""

    def __init__(self) -> None:
        self._seen: dict[int, list[int]] = {}
        self._count = 0

    def overlap(self, values: Iterable[int]) -> float:
        """Greatest share (0 to 1) of ``values`` that one remembered sketch holds."""
        values = tuple(values)
        hits: dict[int, int] = {}
        for value in values:
            for document in self._seen.get(value, ()):
                hits[document] = hits.get(document, 0) + 1
        return max(hits.values(), default=0) / max(1, len(values))

    def add(self, values: Iterable[int]) -> None:
        for value in values:
            self._seen.setdefault(value, []).append(self._count)
        self._count += 1
