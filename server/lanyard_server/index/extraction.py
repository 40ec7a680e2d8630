"""An extraction helper: reads files of a workspace and makes their records, for the index process that started it.

Owns one file at a time, from its path to its record. It keeps nothing and ends when its pipe does. A file on which it
hangs is the index process's to notice (`pool.py`).
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import msgspec

from lanyard_analyzers.index.build import Extracted, extract_file
from lanyard_analyzers.workspace import DiskWorkspace, Listed
from lanyard_server.index import frames

_NICE = 10


class Task(msgspec.Struct, frozen=True, array_like=True):
    """Files that a helper reads, in this order; for each it answers with an `Extracted`."""

    root: str
    files: tuple[Listed, ...]


def extracted(workspace: DiskWorkspace, file: Listed) -> Extracted:
    """What one file holds; a file that an extractor cannot take is one without a record."""
    try:
        return extract_file(workspace, file)
    except Exception:  # noqa: BLE001 - whatever it is, it is that file's alone
        return Extracted(file.path, file.stamp, None)


def run() -> None:
    """Answer tasks until there are no more."""
    source, sink = frames.own_pipes()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    gc.freeze()
    gc.set_threshold(50_000)
    decoder = msgspec.msgpack.Decoder(Task)
    try:
        while (task := frames.read(source, decoder)) is not None:
            workspace = DiskWorkspace(Path(task.root))
            for file in task.files:
                sink.write(frames.packed(extracted(workspace, file)))
                sink.flush()
    except (frames.Broken, OSError):
        pass
    os._exit(0)  # the pipe's other end has gone, and nobody reads what else there would be to say
