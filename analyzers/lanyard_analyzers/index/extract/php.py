"""The record of a file in php."""

from __future__ import annotations

from lanyard_analyzers.index.extract.generic import extract_generic as extract

__all__ = ["extract"]
