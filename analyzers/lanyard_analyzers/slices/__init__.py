"""Slices: what is sent for a task, cut down to what the task needs."""

from __future__ import annotations

from lanyard_analyzers.slices.build import build_slice
from lanyard_analyzers.slices.complete import build_context
from lanyard_analyzers.slices.model import Kind, Origin, Piece, Problem, Slice, SliceRequest, Tier

__all__ = ["Kind", "Origin", "Piece", "Problem", "Slice", "SliceRequest", "Tier", "build_context", "build_slice"]
