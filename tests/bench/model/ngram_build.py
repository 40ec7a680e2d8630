"""Count the n-gram model that the shipped model is compared with, over the same training text and tokens.

    python tests/bench/model/ngram_build.py BUILD      # BUILD/train.jsonl and tokenizer.json to BUILD/ngram-*.bin

Runs in the training environment (numpy, tokenizers). Owns the counts and their files; `ngram.py` asks them.

Interpolated modified Kneser-Ney of order 5 (Chen and Goodman 1999, section 3): a file of each order holds, sorted,
64-bit keys (50 bits of the context, 14 of the token), for each the part of the probability that is its own, and the
contexts with the weight of the order below. Own parts and weight of a context sum to 1 whatever is pruned.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

ORDER = 5
TOKEN_BITS = 14
MOST = 45_000_000  # n-grams of an order; where there are more, those seen once are left out
Keys = np.ndarray[Any, np.dtype[np.uint64]]


def stream(build: Path) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """The training text as one row of tokens, an end-of-text before each file."""
    tokenizer = Tokenizer.from_file(str(build / "tokenizer.json"))
    pieces: list[np.ndarray[Any, np.dtype[np.uint16]]] = [np.zeros(ORDER, np.uint16)]
    with (build / "train.jsonl").open(encoding="utf-8") as lines:
        while batch := [json.loads(line)["text"] for line in islice(lines, 200)]:
            told = tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            pieces.extend(np.array([0, *each.ids], dtype=np.uint16) for each in told)
    return np.concatenate(pieces)


def contexts(tokens: np.ndarray[Any, np.dtype[np.uint16]], places: Keys, length: int) -> Keys:
    """For each place the `length` tokens before it as 50 bits: exact up to three, mixed from there on."""
    found = np.zeros(len(places), np.uint64)
    for back in range(length, 0, -1):
        found = mixed(found, tokens[places - np.uint64(back)].astype(np.uint64), length)
    return found


def mixed(before: Keys, token: Keys, length: int) -> Keys:
    """One token more; the same as `ngram.mixed`."""
    if length <= 3:
        return (before << np.uint64(TOKEN_BITS)) | token
    return ((before + token + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(TOKEN_BITS)


def discounts(counts: np.ndarray[Any, Any]) -> list[float]:
    """What is taken off a count of 1, of 2, and of 3 or more (their equation 26)."""
    seen = [int((counts == i).sum()) or 1 for i in range(1, 5)]
    y = seen[0] / (seen[0] + 2 * seen[1])
    return [min(i, max(0.1, i - (i + 1) * y * seen[i] / seen[i - 1])) for i in (1, 2, 3)]


def write(build: Path, order: int, keys: Keys, counts: np.ndarray[Any, Any]) -> int:
    """The files of one order; returns how many n-grams were kept."""
    off = np.array([0, *discounts(counts)])[np.minimum(counts, 3)]
    of = keys >> np.uint64(TOKEN_BITS)
    starts = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
    totals = np.add.reduceat(counts, starts)
    own = (counts - off) / np.repeat(totals, np.diff(np.append(starts, len(keys))))
    kept = counts > 1 if len(keys) > MOST else np.ones(len(keys), bool)
    mass = np.add.reduceat(np.where(kept, own, 0.0), starts)
    known = np.add.reduceat(kept.astype(np.int32), starts) > 0
    keys[kept].tofile(build / f"ngram-{order}-keys.bin")
    own[kept].astype(np.float32).tofile(build / f"ngram-{order}-own.bin")
    of[starts][known].tofile(build / f"ngram-{order}-contexts.bin")
    (1.0 - mass)[known].astype(np.float32).tofile(build / f"ngram-{order}-below.bin")
    return int(kept.sum())


def main(build: Path) -> None:
    began = time.time()
    tokens = stream(build)
    print(f"{len(tokens)} tokens, {time.time() - began:.0f} s", flush=True)
    places: Keys = np.arange(ORDER, len(tokens), dtype=np.uint64)
    for order in range(ORDER, 0, -1):
        keys = (contexts(tokens, places, order - 1) << np.uint64(TOKEN_BITS)) | tokens[places].astype(np.uint64)
        order_of = np.argsort(keys, kind="stable")
        keys, places = keys[order_of], places[order_of]
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        counts = np.diff(np.append(first, len(keys)))
        kept = write(build, order, keys[first], counts)
        # Below the highest order what counts is after how many different tokens an n-gram stands.
        places = places[first]
        print(f"order {order}: {len(first)} n-grams, {kept} kept, {time.time() - began:.0f} s", flush=True)
    alphabet = {c: b for b, c in enumerate(byte_alphabet())}
    vocabulary = Tokenizer.from_file(str(build / "tokenizer.json")).get_vocab()
    names = ["" for _ in range(max(vocabulary.values()) + 1)]
    for name, number in vocabulary.items():
        plain = all(each in alphabet for each in name) and not name.startswith("<|")
        names[number] = bytes(alphabet[c] for c in name).hex() if plain else ""
    (build / "ngram.json").write_text(json.dumps({"order": ORDER, "token_bits": TOKEN_BITS, "tokens": names}), "utf-8")


def byte_alphabet() -> list[str]:
    """The character that stands for each byte in a byte-level vocabulary (Radford et al. 2019, `bytes_to_unicode`)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(b) if b in plain else chr(next(others)) for b in range(256)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
