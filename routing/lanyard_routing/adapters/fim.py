"""Fill-in-the-middle prompts for engines that have no call of their own for it.

Owns the table of model families and their tokens; pure. Sources: each family's model card or tokenizer configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lanyard_routing.adapters.base import FillRequest


@dataclass(frozen=True, slots=True)
class Family:
    """One family. `template` and `chunk` are `str.format` templates; `stops` end a completion that ran on."""

    name: str
    pattern: re.Pattern[str]
    template: str
    chunk: str = ""
    current: str = ""
    stops: tuple[str, ...] = ()


def _family(
    name: str, pattern: str, template: str, *, chunk: str = "", current: str = "", stops: tuple[str, ...] = ()
) -> Family:
    return Family(name, re.compile(pattern, re.IGNORECASE), template, chunk, current, stops)


_BARS = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
_PLAIN = "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>"
_BAR_STOPS = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>", "<|endoftext|>")
_PLAIN_STOPS = ("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<|endoftext|>", "<file_sep>")

FAMILIES: tuple[Family, ...] = (
    _family(
        "qwen-coder",
        r"qwen[\w.\-]*coder|codeqwen",
        _BARS,
        chunk="<|file_sep|>{path}\n{text}\n",
        current="<|file_sep|>{path}\n",
        stops=(*_BAR_STOPS, "<|file_sep|>", "<|repo_name|>"),
    ),
    _family(
        "starcoder",
        r"star-?coder|stable-?code",
        _PLAIN,
        chunk="<file_sep>{path}\n{text}\n",
        current="<file_sep>{path}\n",
        stops=_PLAIN_STOPS,
    ),
    _family("granite-code", r"granite[\w.\-]*code|granite-?3", _PLAIN, stops=_PLAIN_STOPS),
    _family("granite", r"granite", _BARS, stops=_BAR_STOPS),
    _family(
        "codellama", r"code-?llama", "<PRE> {prefix} <SUF>{suffix} <MID>", stops=("<EOT>", "<PRE>", "<SUF>", "<MID>")
    ),
    _family(
        "deepseek-coder",
        r"deepseek[\w.\-]*coder",
        "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",
        stops=("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>", "<|EOT|>"),
    ),
    _family(
        "codestral",
        r"codestral|devstral",
        "[SUFFIX]{suffix}[PREFIX]{prefix}",
        chunk="+++++ {path}\n{text}\n",
        current="+++++ {path}\n",
        stops=("[PREFIX]", "[SUFFIX]", "</s>", "+++++ "),
    ),
    _family(
        "codegemma",
        r"codegemma",
        _BARS,
        chunk="<|file_separator|>{path}\n{text}\n",
        current="<|file_separator|>{path}\n",
        stops=(*_BAR_STOPS, "<|file_separator|>"),
    ),
    _family(
        "seed-coder",
        r"seed-?coder",
        "<[fim-suffix]>{suffix}<[fim-prefix]>{prefix}<[fim-middle]>",
        stops=("<[fim-suffix]>", "<[fim-prefix]>", "<[fim-middle]>", "<[end▁of▁sentence]>"),
    ),
    _family(
        "mellum",
        r"mellum",
        "<fim_suffix>{suffix}<fim_prefix>{prefix}<fim_middle>",
        chunk="<filename>{path}\n{text}\n",
        current="<filename>{path}\n",
        stops=("<fim_suffix>", "<fim_prefix>", "<fim_middle>", "<filename>", "<|endoftext|>"),
    ),
)

OWN = _family(
    "lanyard",
    r"\Alanyard-fim\b",
    "<|fim_suffix|>{suffix}<|fim_prefix|>{prefix}<|fim_middle|>",
    chunk="<|file_sep|>{path}\n{text}",
    current="<|file_sep|>filename\n",
    stops=(*_BAR_STOPS, "<|file_sep|>", "<|repo_name|>", "<|cut|>"),
)
"""The shipped model, asked with the suffix first: what it was trained on, with the header that llama.cpp writes."""
_OWN_HEAD = "<|repo_name|>myproject\n"


def own_prompt(request: FillRequest) -> str:
    """The raw prompt for the shipped model."""
    head = "".join(
        [
            _OWN_HEAD,
            *(OWN.chunk.format(path=_defuse(each.path, OWN), text=_defuse(each.text, OWN)) for each in request.chunks),
            OWN.current,
        ]
    )
    return head + OWN.template.format(prefix=_defuse(request.prefix, OWN), suffix=_defuse(request.suffix, OWN))


def family_of(model: str) -> Family | None:
    """The family that a model's name (or a family's own) tells; None where it tells none with known tokens."""
    return next((each for each in FAMILIES if each.name == model or each.pattern.search(model)), None)


def build_prompt(request: FillRequest, family: Family) -> str:
    """The raw prompt. Chunks come first, where the family has a form for them; control tokens in code are defused."""
    parts: list[str] = []
    if family.chunk and request.chunks:
        parts += [
            family.chunk.format(path=_defuse(each.path, family), text=_defuse(each.text, family))
            for each in request.chunks
        ]
        parts.append(family.current.format(path=_defuse(request.path, family)))
    prefix, suffix = _defuse(request.prefix, family), _defuse(request.suffix, family)
    # Where the suffix comes first, the head of the current file belongs right before the prefix.
    head = "".join(parts)
    if family.template.startswith(("[SUFFIX]", "<fim_suffix>", "<[fim-suffix]>")):
        return (
            family.template.format(prefix=head + prefix, suffix=suffix)
            if family.name == "codestral"
            else head + family.template.format(prefix=prefix, suffix=suffix)
        )
    return head + family.template.format(prefix=prefix, suffix=suffix)


def _defuse(code: str, family: Family) -> str:
    for token in family.stops:
        if token in code:
            code = code.replace(token, f"{token[:1]} {token[1:]}")
    return code
