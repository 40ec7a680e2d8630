"""Texts of C and C++ without macros that the grammar takes for names.

Owns which macros those are: what decorates a declaration (`class API Cart`, `LIB_EXTERN int f(void);`) and what stands
on a line of its own among declarations (`Q_OBJECT`, `REQUEST_FIELDS`). Blanks stand for them, so that all places stay.
"""

from __future__ import annotations

import re

_CLASSES = tuple(
    re.compile(
        rf"({keyword}[ \t]+)([A-Z][A-Z0-9_]{{2,60}}(?:\([^()\n]{{0,60}}\))?)(?=[ \t]+[A-Za-z_]\w*[ \t\r\n]*[:{{;f])"
    )
    for keyword in ("class", "struct", "union")  # each begins with a literal: those are found fast
)
_DECLARATION = re.compile(
    r"(^[ \t]*(?:extern[ \t]+|static[ \t]+)?)([A-Z][A-Z0-9_]{2,60})"
    r"(?=[ \t]+(?:(?:const|struct|enum|unsigned|signed|static|inline|extern|virtual)[ \t]+)*[a-zA-Z_][\w:<>]*[ \t*&]+"
    r"(?:[a-z_]\w*|[A-Z]\w*[a-z]\w*)[ \t]*\()",
    re.MULTILINE,
)
_ALONE = re.compile(r"([;{}/][ \t]*\r?\n[ \t]*)([A-Z][A-Z0-9_]{3,60})(?=[ \t]*\r?\n)")
_BRACED = re.compile(r"\b(?:struct|class|union)\b[^;{}]{0,200}$")


def without_macros(content: str) -> str:
    """The text with blanks for such macros; the text itself where there are none."""
    content = without_class_macros(content)
    if _DECLARATION.search(content) is not None:
        content = _DECLARATION.sub(_blanked, content)
    return _ALONE.sub(_alone, content) if _ALONE.search(content) is not None else content


def without_class_macros(content: str) -> str:
    """The text with blanks for the macros that decorate classes: the grammar takes those for functions, and does not
    even find an error."""
    for pattern in _CLASSES:
        if pattern.search(content) is not None:
            content = pattern.sub(_blanked, content)
    return content


def _blanked(match: re.Match[str]) -> str:
    return match.group(1) + " " * len(match.group(2))


def _alone(match: re.Match[str]) -> str:
    """Behind a brace only that of a class counts: an enum may have one enumerator."""
    if match.group(1)[0] == "{" and _BRACED.search(match.string, max(0, match.start() - 250), match.start()) is None:
        return match.group()
    return _blanked(match)
