"""Model names → parameters, where the endpoint does not tell them. Pure."""

from __future__ import annotations

import re

_EXPERTS = re.compile(r"(?<![A-Za-z0-9])(\d{1,2})x(\d{1,3}(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)
_PLAIN = re.compile(r"(?<![A-Za-z0-9.])(\d{1,4}(?:\.\d+)?)([bm])(?![A-Za-z])", re.IGNORECASE)


def parameters_of(text: str) -> int:
    """Parameters that a name or a size tells ("qwen2.5-coder:7b", "8x7B", "494.03M"); 0 where it tells none.

    For "30b-a3b" it is the 30: what must fit into memory decides the size class.
    """
    experts = _EXPERTS.search(text)
    if experts:
        return round(int(experts[1]) * float(experts[2]) * 1e9)
    found = _PLAIN.search(text)
    if not found:
        return 0
    return round(float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6))
