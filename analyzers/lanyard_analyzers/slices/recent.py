"""Places that were edited or looked at last: what the user is working on beside the target.

Owns which of them are worth a little room; who remembers them is the server's concern.
"""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option, Scene
from lanyard_analyzers.slices.weights import weights_of

_PLACES = 12
_SHOWN = 6
_SMALL = 16
_BESIDE = 3
_FADES = 0.75


def recent(scene: Scene) -> Iterator[Candidate]:
    """The definitions around the places of `request.recent`, newest first, outside the target."""
    worth = weights_of(scene.request.kind).recent
    if not worth:
        return
    first, last = scene.lines
    seen: set[tuple[str, int]] = set()
    for path, line in scene.request.recent[:_PLACES]:
        file = scene.index.file(path)
        if file is None or not 0 <= line < file.text.line_count:
            continue
        if path == scene.file.path and first - _SMALL <= line <= last + _SMALL:
            continue
        inner = None
        for symbol in file.symbols:
            if symbol.first > line:
                break
            if line <= symbol.last and symbol.shape in {"function", "method", "class", "type"}:
                inner = symbol
        key = (path, inner.first if inner is not None else line)
        if key in seen:
            continue
        seen.add(key)
        value = worth * _FADES ** (len(seen) - 1)
        near: Lines = frozenset(range(max(0, line - _BESIDE), min(file.text.line_count, line + _BESIDE + 1)))
        if inner is None:
            yield Candidate(file, "edited lately", (Option(Tier.VERBATIM, near, value),))
        else:
            head: Lines = frozenset(range(inner.head, min(inner.head_end, inner.head + 6) + 1))
            options = [Option(Tier.SIGNATURE, head, value * 0.6)]
            whole: Lines = frozenset(range(inner.first, inner.last + 1))
            options.append(Option(Tier.VERBATIM, whole if len(whole) <= _SMALL else head | (near & whole), value))
            yield Candidate(file, "edited lately", tuple(options))
        if len(seen) >= _SHOWN:
            return
