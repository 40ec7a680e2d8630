"""Building an index over processes: what there is to read, cut in batches, and what a batch gives.

Contract. The pure part: no process is started here and nothing is stored. One process lists a workspace, keeps what a
store still knows (`Listed.stamp`), cuts the rest in `batches`, has each batch read by `extract_batch` in any process,
and gives what comes back to `Index.feed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.pack import Packed, pack
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.workspace import DiskWorkspace, Listed

BATCH_BYTES = 400_000
"""Bytes of source in a batch: about 40 ms of work, so that processes finish together and a query never waits long."""
BATCH_FILES = 100


class Extracted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was read of one file. `stamp` is what it had when it was listed or read, so a store can tell a change;
    `packed` is None where it may not be read (binary, too large, gone)."""

    path: str
    stamp: str
    packed: Packed | None


def indexed(listed: Iterable[Listed]) -> Iterator[Listed]:
    """The files of a listing that are in a language of ours."""
    return (one for one in listed if language_of("", one.path) is not None)


def batches(listed: Iterable[Listed], first: Sequence[str] = ()) -> Iterator[list[Listed]]:
    """Files in batches of about `BATCH_BYTES`; those of `first` (open files, their imports) in the first one."""
    known = {one.path: one for one in listed}
    ahead = [known.pop(path) for path in first if path in known]
    batch: list[Listed] = ahead
    size = sum(one.size for one in batch)
    for one in known.values():
        if batch and (size + one.size > BATCH_BYTES or len(batch) >= BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size
    if batch:
        yield batch


def extract_batch(root: str, batch: Sequence[Listed]) -> list[Extracted]:
    """What the files of a batch hold; reads them within the ignore rules. For any process."""
    workspace = DiskWorkspace(Path(root))
    return [extract_file(workspace, one) for one in batch]


def extract_file(workspace: DiskWorkspace, listed: Listed) -> Extracted:
    """What one file of a listing holds."""
    language = language_of("", listed.path)
    content = workspace.read_listed(listed.path) if language is not None else None
    if content is None or language is None:
        return Extracted(listed.path, listed.stamp, None)
    return Extracted(listed.path, listed.stamp, pack(content, extract(content, language)))
