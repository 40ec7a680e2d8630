"""The names that a Python file may define, found in its bytes without parsing them.

Owns a superset: each name that the record of a file without syntax errors has, and some more. What stands before a `=`
or `:` is searched backwards, from the sign to the name to what is before it, in the text turned round: a regex that
begins with a literal is ten times as fast as one that begins with a name.
"""

from __future__ import annotations

import re

_WORD = rb"[\w\x80-\xff]"
_WORDS = re.compile(_WORD + rb"+")
_NAMED = tuple(
    re.compile(keyword + rb"(?:[ \t\f]|\\\r?\n)+(" + _WORD + rb"+)") for keyword in (b"def", b"class", b"type")
)

# From here on the text is turned round: what stands after something is before it.
_BLANK = rb"[ \t\f]*+"
_EQUALS, _SIGN = rb"=(?<!==)", rb"[=:](?<!==)"
_GOES_ON = rb"\n\r?\\"  # a line goes on in the next
_PAREN, _BRACKET = rb"[^\n()]*+", rb"[^\n\[\]]*+"
_PARENS = rb"\)%b(?:\)%b(?:\)%b\(%b)*+\(%b)*+\(" % ((_PAREN,) * 5)
_BRACKETS = rb"\]%b(?:\]%b(?:\]%b\[%b)*+\[%b)*+\[" % ((_BRACKET,) * 5)
_GROUP = rb"(?:%b|%b)" % (_PARENS, _BRACKETS)
_TEXT = rb"[^\n=;:()\[\]]*+"
_ITEM = rb"[^\n=;:()\[\],]*+"
_MORE = rb"(?:(?:%b|%b)%b)*+" % (_GROUP, _GOES_ON, _TEXT)
_TARGET = re.compile(
    rb"%b%b(?:%b%b)?(%b++)(?=%b(?:[\r\n;:=,*\\]|epyt|\.fles|\.slc|\Z))"
    % (_SIGN, _BLANK, _GOES_ON, _BLANK, _WORD, _BLANK)
)
"""A name before `=` or `:` that begins a statement, follows a comma, or is an attribute of `self` or `cls`."""
_TARGETS = re.compile(
    rb"%b(%b(?:(?:%b|%b)%b)*+,%b%b)(?=[\n;:=]|\Z)" % (_EQUALS, _ITEM, _GROUP, _GOES_ON, _ITEM, _TEXT, _MORE)
)
"""Targets with commas between them, from the `=` back to the start of the statement."""
_GROUPED = re.compile(rb"%b%b(%b)(?=%b(?:[\n;:=\\]|\Z))" % (_SIGN, _BLANK, _GROUP, _BLANK))
"""Targets in brackets."""
_ODD = re.compile(rb"%b%b%b(?=[)\]])" % (_EQUALS, _TEXT, _MORE))
"""A bracket before `=` that is not opened on its line, or holds brackets in brackets in brackets."""


def may_define(content: str) -> str:
    """The names that a file may define, each once, joined by line ends."""
    data = content.encode("utf-8", "replace")
    turned = data[::-1]
    plain = b"\r" not in data or data.count(b"\r") == data.count(b"\r\n")
    if not plain or _ODD.search(turned) is not None:
        return _joined(dict.fromkeys(_WORDS.findall(data)))
    found = dict.fromkeys(_TARGET.findall(turned))
    for several in (*_TARGETS.findall(turned), *_GROUPED.findall(turned)):
        found.update(dict.fromkeys(_WORDS.findall(several)))
    names = dict.fromkeys([name[::-1] for name in found])
    for named in _NAMED:
        names.update(dict.fromkeys(named.findall(data)))
    return _joined(names)


def _joined(names: dict[bytes, None]) -> str:
    return b"\n".join(names).decode("utf-8", "ignore")
