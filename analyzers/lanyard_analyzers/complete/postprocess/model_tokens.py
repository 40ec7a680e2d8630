"""Filter: control tokens of fill-in-the-middle models and Markdown fences are not code."""

from __future__ import annotations

import re

from lanyard_analyzers.complete.situation import Situation

_CONTROL = re.compile(
    r"<\|(?:fim_(?:prefix|suffix|middle|pad|begin|end|hole)|file_separator|file_sep|repo_name|endoftext|end_of_text|"
    r"eot_id|im_(?:start|end)|cursor)\|>"
    r"|<(?:fim_(?:prefix|suffix|middle|pad)|file_sep|filename|reponame|gh_stars|EOT|PRE|SUF|MID|EOS|endoftext)>"
    r"|<｜(?:fim▁(?:begin|hole|end)|end▁of▁sentence)｜>|\[(?:PREFIX|SUFFIX|MIDDLE)\]|▁<(?:PRE|SUF|MID|EOT)>"
    r"|</s>|<s>(?=\s*<)"
)
"""Tokens of Qwen, StarCoder, Code Llama, DeepSeek, Granite, Codestral and CodeGemma, as their tokenizers spell them."""
_FENCE = re.compile(r"\s*(?:```|~~~)[\w+#.-]*[ \t]*\n")
_FENCE_END = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*$", re.MULTILINE)


def first_control_token(text: str) -> int | None:
    """The offset of the first control token behind some text; None where there is none."""
    body = _without_leading(text)
    found = _CONTROL.search(body)
    return None if found is None else len(text) - len(body) + found.start()


def strip_model_tokens(text: str, situation: Situation) -> str:
    """Cut at the first control token, leading ones apart, and take the code out of a Markdown fence."""
    text = _without_leading(text)
    found = _CONTROL.search(text)
    if found:
        text = text[: found.start()]
    if situation.language is None:  # perhaps Markdown, where fences are content
        return text
    fence = _FENCE.match(text)
    if fence:
        text = text[fence.end() :]
    end = _FENCE_END.search(text)
    if end and (fence or text[: end.start()].strip()):
        text = text[: end.start()].removesuffix("\n")
    return text


def _without_leading(text: str) -> str:
    while (found := _CONTROL.match(text)) is not None:
        text = text[found.end() :]
    return text
