"""The tokeniser: byte-level BPE with the pre-tokeniser that llama.cpp calls ``qwen2``, and the FIM control tokens.

    python tokens.py BUILD [SIZE]     # trains on BUILD/train.jsonl, writes BUILD/tokenizer.json

Owns token names and numbers. The regex must stay equal to llama.cpp's (src/llama-vocab.cpp,
LLAMA_VOCAB_PRE_TYPE_QWEN2).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END, PREFIX, SUFFIX, MIDDLE, PAD, REPOSITORY, FILE, CUT = range(8)
HEAVY = 1 << 15  # set on an id in the training rows whose loss counts for more
CONTROL = (
    "<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>",
    "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>", "<|cut|>",
)  # fmt: skip
SAMPLE_CHARS = 24_000_000  # what the merges are learnt from; more changes little


def texts(path: Path) -> Iterator[str]:
    """Every third file until SAMPLE_CHARS, so that all projects have a say."""
    left = SAMPLE_CHARS
    for number, line in enumerate(path.open()):
        if number % 3 == 0 and left > 0:
            text = json.loads(line)["text"]
            left -= len(text)
            yield text


def train(build: Path, size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        max_token_length=24,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(build / "train.jsonl"), trainer)
    tokenizer.save(str(build / "tokenizer.json"))
    return tokenizer


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    trained = train(folder, int(sys.argv[2]) if len(sys.argv) > 2 else 4096)
    held_out = [json.loads(line)["text"] for line in (folder / "evaluate.jsonl").open()][:100]
    total = sum(len(e.ids) for e in trained.encode_batch(held_out, add_special_tokens=False))
    print(f"{trained.get_vocab_size()} tokens, {sum(map(len, held_out)) / total:.2f} characters per token, held out")
