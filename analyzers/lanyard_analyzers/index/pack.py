"""A file's record as bytes: what processes hand to each other, a store keeps, and an index holds in memory.

Owns the encoding. The words and names of a record lie beside it, so that the tables of an index are made without
decoding it.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from lanyard_analyzers.index.records import FileRecord

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FileRecord)


class Packed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The record of one content. `digest` is that of the content, `names` are the distinct names of its symbols,
    joined by line ends; `words` are `FileRecord.words` in UTF-8; `record` is the rest, encoded."""

    digest: bytes
    language: str
    names: str
    words: bytes
    record: bytes


def digest_of(content: str) -> bytes:
    """What tells one content from another: 16 bytes."""
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def pack(content: str, record: FileRecord) -> Packed:
    """The record of a content, as bytes."""
    rest = msgspec.structs.replace(record, words="")
    return Packed(digest_of(content), record.language, names_of(record), words_of(record), _ENCODER.encode(rest))


def names_of(record: FileRecord) -> str:
    """`Packed.names` of a record."""
    return "\n".join(dict.fromkeys([symbol.name for symbol in record.symbols]))


def words_of(record: FileRecord) -> bytes:
    """`Packed.words` of a record."""
    return record.words.encode("utf-8", "replace")


def unpack(packed: Packed) -> FileRecord:
    """The record again. Raises msgspec.MsgspecError for bytes that are none."""
    record = _DECODER.decode(packed.record)
    return msgspec.structs.replace(record, words=packed.words.decode("utf-8", "replace"))
