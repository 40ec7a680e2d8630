"""The opening tag of PHP: without one a text is a page, with one in its middle code is broken.

Owns adding it to code that is read as a file, and taking it off code that goes into one.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"\s*<\?php\b[ \t]*\n?", re.IGNORECASE)


def with_tag(code: str, language: str) -> str:
    """The code as a file of its language."""
    return code if language != "php" or "<?" in code else f"<?php\n\n{code}"


def without_tag(code: str, language: str) -> str:
    """The code as a part of a file of its language."""
    tag = _TAG.match(code) if language == "php" else None
    if tag is None:
        return code
    return code[tag.end() :].strip("\n").removesuffix("?>").rstrip()
