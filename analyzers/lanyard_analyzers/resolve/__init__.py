"""Which definition a name means, over the records of an index."""

from __future__ import annotations

from lanyard_analyzers.resolve.resolver import Link, Place, Resolver

__all__ = ["Link", "Place", "Resolver"]
