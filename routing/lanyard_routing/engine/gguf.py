"""What a GGUF file says of itself: name, context length, whether it can fill in the middle or chat.

Owns reading the header, and no more of it than is needed. The file comes from strangers: every length is checked
against the file's size, and odd input gives `(None, problem)`.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_FORMATS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_MOST_KEYS = 4096
_MOST_TENSORS = 65_536
_MOST_ITEMS = 4_000_000
_LONGEST_VALUE = 256 * 1024

# The beginnings-of-prefix tokens by which llama.cpp knows a fill-in-the-middle model without explicit ids
# (src/llama-vocab.cpp, special_fim_pre_id).
_FIM_TOKENS = (
    b"<|fim_prefix|>",
    b"<fim-prefix>",
    b"<fim_prefix>",
    "<｜fim▁begin｜>".encode(),
    b"<PRE>",
    "▁<PRE>".encode(),
    b"<|code_prefix|>",
)
_FIM_KEYS = frozenset({"tokenizer.ggml.fim_pre_token_id", "tokenizer.ggml.prefix_token_id"})
_WANTED = frozenset({"general.architecture", "general.name", "general.finetune", "general.type"})
_CHAT_WORDS = ("instruct", "chat", "-it", "assistant")


@dataclass(frozen=True, slots=True)
class Gguf:
    """A GGUF header. `context` is the trained context in tokens, 0 where the file does not say."""

    architecture: str
    name: str
    context: int
    fim: bool
    chat: bool


def read_gguf(path: Path) -> tuple[Gguf | None, str]:
    """The header of `path`, or None and one line why not."""
    if not path.is_file():  # opening a pipe waits until somebody writes into it
        return None, f"{path.name} is not a file"
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _parse(_Reader(data), path), ""
    except (OSError, ValueError, OverflowError, struct.error) as error:
        return None, f"{path.name} is not a complete GGUF file ({error or type(error).__name__})"


class _Reader:
    """A cursor over the file that refuses to leave it."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("a length points past the end")
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def skip(self, count: int) -> None:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("a length points past the end")
        self.at += count

    def number(self, form: str) -> int:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]


def _parse(reader: _Reader, path: Path) -> Gguf:
    if reader.take(4) != MAGIC:
        raise ValueError("it does not begin with GGUF")
    version = reader.number("<I")
    if version not in (2, 3):
        raise ValueError(f"format version {version} is unknown")
    tensors = reader.number("<Q")
    keys = reader.number("<Q")
    if keys > _MOST_KEYS:
        raise ValueError("too many keys")
    found: dict[str, int | str] = {}
    fim = template = False
    for _ in range(keys):
        key = reader.take(_length(reader)).decode("utf-8")
        kind = reader.number("<I")
        if key == "tokenizer.ggml.tokens":
            start = reader.at
            _skip(reader, kind)
            fim = fim or _has_fim_token(reader.data, start, reader.at)
        elif key in _WANTED and kind == _STRING:
            found[key] = reader.take(_length(reader)).decode("utf-8", "replace")
        elif key.endswith(".context_length") and kind in _FORMATS:
            found["context"] = reader.number(_FORMATS[kind])
        else:
            fim = fim or key in _FIM_KEYS
            template = template or key == "tokenizer.chat_template"
            _skip(reader, kind)
    _check_tensors(reader, tensors)
    architecture = str(found.get("general.architecture", ""))
    if not architecture:
        raise ValueError("it names no architecture")
    name = str(found.get("general.name", "")) or path.stem
    named = f"{name} {found.get('general.finetune', '')} {path.stem}".lower()
    # Base models carry a chat template as well, so the template alone proves nothing.
    chat = template and any(word in named for word in _CHAT_WORDS)
    context = int(found.get("context", 0))
    return Gguf(architecture, name[:200], context if 0 < context < 2**24 else 0, fim, chat)


def _check_tensors(reader: _Reader, count: int) -> None:
    """The last tensor must begin inside the file; an interrupted copy fails here, before an engine is started."""
    if count > _MOST_TENSORS:
        raise ValueError("too many tensors")
    furthest = 0
    for _ in range(count):
        reader.skip(_length(reader))
        reader.skip(8 * reader.number("<I"))
        reader.number("<I")
        furthest = max(furthest, reader.number("<Q"))
    if count and reader.at + furthest >= len(reader.data):
        raise ValueError("the end is missing")


def _length(reader: _Reader) -> int:
    length = reader.number("<Q")
    if length > _LONGEST_VALUE:
        raise ValueError("a string is too long")
    return length


def _skip(reader: _Reader, kind: int) -> None:
    if kind in _SIZES:
        reader.skip(_SIZES[kind])
    elif kind == _STRING:
        reader.skip(reader.number("<Q"))
    elif kind == _ARRAY:
        inner, count = reader.number("<I"), reader.number("<Q")
        if count > _MOST_ITEMS:
            raise ValueError("an array is too long")
        if inner in _SIZES:
            reader.skip(_SIZES[inner] * count)
        elif inner == _STRING:
            _skip_strings(reader, count)
        else:
            raise ValueError(f"an array holds type {inner}")
    else:
        raise ValueError(f"value type {kind} is unknown")


def _skip_strings(reader: _Reader, count: int) -> None:
    """150,000 tokens of a vocabulary: written without calls, it is the slow part."""
    data, at, end = reader.data, reader.at, len(reader.data)
    unpack = struct.Struct("<Q").unpack_from
    for _ in range(count):
        at += 8 + unpack(data, at)[0]
        if at > end:
            raise ValueError("a length points past the end")
    reader.at = at


def _has_fim_token(data: mmap.mmap, start: int, end: int) -> bool:
    """A token is stored as its length and its bytes, so both are looked for together."""
    return any(data.find(struct.pack("<Q", len(token)) + token, start, end) >= 0 for token in _FIM_TOKENS)
