"""Slices: what is sent for a task, cut down to what the task needs.

What a slice is can be named without loading what builds one: that is half of an index process's start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lanyard_analyzers.slices.model import Kind, Origin, Piece, Problem, Slice, SliceRequest, Tier

if TYPE_CHECKING:
    from lanyard_analyzers.slices.build import build_slice
    from lanyard_analyzers.slices.complete import build_context

__all__ = ["Kind", "Origin", "Piece", "Problem", "Slice", "SliceRequest", "Tier", "build_context", "build_slice"]


def __getattr__(name: str) -> Any:
    if name == "build_slice":
        from lanyard_analyzers.slices.build import build_slice  # noqa: PLC0415 - see the module

        return build_slice
    if name == "build_context":
        from lanyard_analyzers.slices.complete import build_context  # noqa: PLC0415 - as above

        return build_context
    raise AttributeError(name)
