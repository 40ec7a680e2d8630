"""Read the metadata and tensor list of a GGUF file; nothing else of it.

After the specification of the format, version 3 (ggml, docs/gguf.md). Raises ValueError for another format.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


def _scalar(file: BinaryIO, code: str) -> Any:
    return struct.unpack("<" + code, file.read(struct.calcsize("<" + code)))[0]


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return file.read(_scalar(file, "Q")).decode("utf-8")
    if kind == _ARRAY:
        inner, count = _scalar(file, "I"), _scalar(file, "Q")
        return [_value(file, inner) for _ in range(count)]
    return _scalar(file, _SCALARS[kind])


def read_header(path: Path) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    """Metadata by key, and each tensor's sizes by name (innermost first)."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF" or _scalar(file, "I") != 3:
            raise ValueError(f"{path.name} is not a GGUF of version 3")
        tensors, keys = _scalar(file, "Q"), _scalar(file, "Q")
        metadata: dict[str, Any] = {}
        for _ in range(keys):
            key = _value(file, _STRING)
            metadata[key] = _value(file, _scalar(file, "I"))
        sizes: dict[str, tuple[int, ...]] = {}
        for _ in range(tensors):
            name, count = _value(file, _STRING), _scalar(file, "I")
            sizes[name] = tuple(_scalar(file, "Q") for _ in range(count))
            file.read(12)
    return metadata, sizes
