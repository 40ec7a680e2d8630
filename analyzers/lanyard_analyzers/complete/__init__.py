"""Completion without a model: what is asked, when enough has come, and what of the reply is worth showing.

Owns the completion prompt and the ordered post-processing filters. All of it is pure; who asks which worker, and
when, belongs to the server.
"""

from __future__ import annotations

from lanyard_analyzers.complete.excerpts import Excerpt, Source, choose_excerpts
from lanyard_analyzers.complete.fit import Fitted, fit
from lanyard_analyzers.complete.postprocess import postprocess
from lanyard_analyzers.complete.prompt import Budget, FillPrompt, budget_for, build_prompt
from lanyard_analyzers.complete.situation import Extent, Situation, situate
from lanyard_analyzers.complete.stop import StreamStop

__all__ = [
    "Budget",
    "Excerpt",
    "Extent",
    "FillPrompt",
    "Fitted",
    "Situation",
    "Source",
    "StreamStop",
    "budget_for",
    "build_prompt",
    "choose_excerpts",
    "fit",
    "postprocess",
    "situate",
]
