"""The prose of a reply, made safe to show.

Owns dropping a model's thoughts and neutralising what an editor would fetch, follow or obey: images, links, HTML,
control and direction characters. Knows no code.
"""

from __future__ import annotations

import re

MAX_REPLY = 200_000
_MAX_MARKDOWN = 20_000

_THOUGHT = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
# Everything of the categories Cc and Cf that is no line end or tab: among them the marks that turn the direction of
# writing, with which text can be made to look like other text (CVE-2021-42574).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_IMAGE_OR_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,300})\](?:\([^()\n]{0,2000}(?:\([^()\n]{0,200}\)[^()\n]{0,2000})?\)|\[[^\[\]\n]{0,200}\])"
)
_REFERENCE = re.compile(r"^[ ]{0,3}\[[^\]\n]{1,200}\]:[^\n]*$", re.MULTILINE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CODE = re.compile(r"(^(?P<f>`{3,}|~{3,})[^\n]*\n.*?(?:^(?P=f)[ \t]*$|\Z)|`[^`\n]{1,500}`)", re.MULTILINE | re.DOTALL)
_WRAPPED = re.compile(r"\A\s*(`{3,})(?:markdown|md)?[ \t]*\n(.*)\n\1[ \t]*\s*\Z", re.DOTALL)


def without_thoughts(reply: str) -> str:
    """A reply without the thinking that some models put before their answer; empty where the reply ends inside it."""
    reply = reply[:MAX_REPLY]
    opened = _THOUGHT.match(reply)
    if opened is None:
        # Templates may open the thought in the prompt, so that the reply holds its end alone.
        end = _THOUGHT_END.search(reply)
        fence = reply.find("```")
        return reply[end.end() :] if end is not None and not 0 <= fence < end.start() else reply
    end = _THOUGHT_END.search(reply, opened.end())
    return reply[end.end() :] if end is not None else ""


def plain(words: str, limit: int) -> str:
    """One paragraph of plain text of at most `limit` characters."""
    words = _defused(_INVISIBLE.sub("", words[: limit * 4].replace("\r", "\n")))
    words = " ".join(words.split())
    return words if len(words) <= limit else words[: limit - 1].rstrip() + "…"


def tidy_markdown(reply: str) -> str:
    """A reply's Markdown without thoughts, links, images and HTML; code keeps its characters."""
    text = without_thoughts(reply).replace("\r\n", "\n").replace("\r", "\n")[:_MAX_MARKDOWN]
    wrapped = _WRAPPED.match(text)
    if wrapped is not None and wrapped[1] not in wrapped[2]:
        text = wrapped[2]
    text = _INVISIBLE.sub("", text)
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(text):
        parts += [_safe_markdown(text[at : code.start()]), code[0]]
        at = code.end()
    parts.append(_safe_markdown(text[at:]))
    return "".join(parts).strip()


def _safe_markdown(text: str) -> str:
    return _TAG.sub("&lt;", _defused(_REFERENCE.sub("", text)))


def _defused(text: str) -> str:
    """Links and images become their words; twice, since an image may stand inside a link."""
    return _IMAGE_OR_LINK.sub(r"\1", _IMAGE_OR_LINK.sub(r"\1", text))
