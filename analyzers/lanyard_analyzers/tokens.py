"""How many tokens a text has, estimated without any tokenizer.

Owns the estimate and nothing else; who knows the model's own tokenizer passes that one as `count` instead.
"""

from __future__ import annotations

import math
import re

# The pieces into which byte-pair tokenizers of code models split a text: a camel-case word with the character before
# it, upper-case and digit runs, punctuation with the line ends after it, indentation. Longer words are cut because
# they are rarely one token. Every alternative eats what it looks at, so that the search is linear. The sets are of
# ASCII: those of all of Unicode take milliseconds to compile.
_PIECE = re.compile(
    r"[^A-Za-z0-9\s]?[A-Z]?[a-z]{1,12}"
    r"|[A-Z]{1,4}"
    r"|[0-9]{1,3}"
    r"| ?[\x00-\x08\x0e-\x1b!-/:-@\[-`{-\x7f]{1,3}[\r\n]*"
    r"|[ \t]*[\r\n]+"
    r"|[ \t]{2,}"
    r"|[^\x00-\x7f]"
)
_TOKENS_A_PIECE = 1.08
"""Fitted: 1.03 is the median ratio on the corpus below, the rest is the margin that makes the estimate conservative."""


def estimate(text: str) -> int:
    """Tokens of `text`, slightly too many on average; 0 for an empty text. Linear, about 20 MB/s.

    Measured against tiktoken's o200k_base on 4,029 whole files and chunks of 5 to 120 lines in eight languages (CPython
    and npm libraries, ripgrep, gson, cobra, hiredis, fmt): mean error 6.6 %, 95 % of errors below 15.2 %; 11 % of texts
    are estimated too low, 3 % by more than 5 %, the worst by 27 % (a table of numbers in JavaScript). C headers are the
    least exact (mean 13.6 %, nearly always too many). Of Markdown, 12 % of texts are too low by more than 5 %.
    """
    return math.ceil(len(_PIECE.findall(text)) * _TOKENS_A_PIECE)
