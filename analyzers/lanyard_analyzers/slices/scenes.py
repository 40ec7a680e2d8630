"""Scenes: a request made concrete over an index, and what is kept of them from one request to the next.

Owns making a scene and the memory of what the last scenes of an index led to: the same target asked with another
budget is not gathered again. What is kept belongs to one state of the index.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve.resolver import Resolver
from lanyard_analyzers.slices.model import SliceRequest
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.uses import uses_in
from lanyard_analyzers.targets import Shape
from lanyard_analyzers.text import Span, Text

WHOLE_FILE = 400
"""Lines of a file that is a target itself up to which it is looked at what it uses."""
_KEPT = 8
_T = TypeVar("_T")
Gathered = tuple[tuple[Candidate, ...], tuple[str, ...]]


class _State:
    """What is known at one state of an index."""

    def __init__(self, index: Index, resolver: Resolver) -> None:
        self.state = index.state
        self.resolver = resolver
        self.scenes: OrderedDict[object, Scene] = OrderedDict()
        self.gathered: OrderedDict[object, Gathered] = OrderedDict()


def index_of(request: SliceRequest) -> Index:
    """The index of a request, with the request's buffer in it."""
    index = request.index or Index(request.workspace)
    index.put(request.path, request.syntax)
    return index


def scene_of(request: SliceRequest) -> Scene:
    """What is to be looked at for a request."""
    index = index_of(request)
    state = _state_of(index)
    known = state.scenes.get(_key(request))
    if known is not None and known.request.syntax.text.content == request.syntax.text.content:
        return Scene(request, index, known.resolver, known.file, known.uses, known.lines, known.own)
    file = index.file(request.path)
    if file is None:
        raise LookupError(f"no record of {request.path}")  # put() made one
    span = request.target.span
    lines = lines_of(request.syntax.text, span)
    own = next(
        (
            one
            for one in file.symbols
            if (one.first, one.last) == lines and one.shape in {"function", "method", "class"}
        ),
        None,
    )
    words = f"{request.diagnostic or ''}\n{request.instruction}"
    whole = request.target.shape is Shape.FILE and lines[1] - lines[0] > WHOLE_FILE
    unused = whole or request.kind == "complete"  # what is around a cursor is read by `nearby.py`
    uses = () if unused else uses_in(request.syntax, span, words)
    scene = Scene(request, index, state.resolver, file, uses, lines, own)
    _keep(state.scenes, _key(request), scene)
    return scene


def remembered(scene: Scene, made: Callable[[], Gathered]) -> Gathered:
    """What was gathered for a scene, made at the first call for its request, whatever the budget."""
    state = _state_of(scene.index)
    key = _key(scene.request)
    known = state.gathered.get(key)
    if known is None:
        known = made()
        _keep(state.gathered, key, known)
    return known


def lines_of(text: Text, span: Span) -> tuple[int, int]:
    """First and last line of a span; a span that ends at the start of a line does not count that line."""
    first = text.line_of(span.start)
    return first, max(first, text.line_of(max(span.start, span.end - 1)))


def _state_of(index: Index) -> _State:
    known = index.kept_by_others.get(_State)
    if isinstance(known, _State) and known.state == index.state:
        return known
    resolver = known.resolver if isinstance(known, _State) else Resolver(index)
    resolver.refresh()
    made = index.kept_by_others[_State] = _State(index, resolver)
    return made


def _key(request: SliceRequest) -> object:
    before = request.before.content if request.before is not None else None
    steer = (request.diagnostic, request.instruction, request.cursor, before, request.recent)
    return request.path, request.kind, request.target, steer


def _keep(memory: OrderedDict[object, _T], key: object, value: _T) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _KEPT:
        memory.popitem(last=False)
