"""A complete llama-architecture GGUF of a few hundred kilobytes with random weights: nonsense, but a real engine's.

Written without numpy or the gguf package, so that tests need neither. Layout: ggml/docs/gguf.md, version 3.
"""

from __future__ import annotations

import array
import math
import random
import struct
from pathlib import Path

_U32, _I32, _F32, _STRING, _ARRAY = 4, 5, 6, 8, 9
_FIM = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def u32(key: str, value: int) -> bytes:
    return _text(key) + struct.pack("<II", _U32, value)


def f32(key: str, value: float) -> bytes:
    return _text(key) + struct.pack("<If", _F32, value)


def string(key: str, value: str) -> bytes:
    return _text(key) + struct.pack("<I", _STRING) + _text(value)


def strings(key: str, values: list[str]) -> bytes:
    return _text(key) + struct.pack("<IIQ", _ARRAY, _STRING, len(values)) + b"".join(map(_text, values))


def integers(key: str, values: list[int]) -> bytes:
    return _text(key) + struct.pack(f"<IIQ{len(values)}i", _ARRAY, _I32, len(values), *values)


def header(pairs: list[bytes], tensors: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, len(pairs)) + b"".join(pairs)


def _byte_tokens() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in shown]
    return [chr(byte if byte in shown else 256 + others.index(byte)) for byte in range(256)]


def pairs_of(*, name: str = "Tiny", fim: bool = True, template: bool = False, context: int = 1024) -> list[bytes]:
    tokens = [*_byte_tokens(), "<|endoftext|>", *(_FIM if fim else ())]
    kinds = [1] * 256 + [3] * (len(tokens) - 256)
    pairs = [
        string("general.architecture", "llama"),
        string("general.name", name),
        u32("llama.context_length", context),
        u32("llama.embedding_length", 64),
        u32("llama.block_count", 2),
        u32("llama.feed_forward_length", 128),
        u32("llama.attention.head_count", 4),
        f32("llama.attention.layer_norm_rms_epsilon", 1e-5),
        u32("llama.rope.dimension_count", 16),
        u32("llama.vocab_size", len(tokens)),
        string("tokenizer.ggml.model", "gpt2"),
        string("tokenizer.ggml.pre", "default"),
        strings("tokenizer.ggml.tokens", tokens),
        integers("tokenizer.ggml.token_type", kinds),
        strings("tokenizer.ggml.merges", []),
        u32("tokenizer.ggml.bos_token_id", 256),
        u32("tokenizer.ggml.eos_token_id", 256),
    ]
    if template:
        pairs.append(string("tokenizer.chat_template", "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"))
    return pairs


def write(
    path: Path, *, name: str = "Tiny", fim: bool = True, template: bool = False, context: int = 1024, ends: bool = True
) -> Path:
    """Write a model; one that does not end has at temperature 0 always another word to say."""
    chance = random.Random(1)
    vocabulary = 257 + (len(_FIM) if fim else 0)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (64, vocabulary),
        "output_norm.weight": (64,),
        "output.weight": (64, vocabulary),
    }
    for layer in range(2):
        block = f"blk.{layer}."
        shapes |= {f"{block}{each}.weight": (64,) for each in ("attn_norm", "ffn_norm")}
        shapes |= {f"{block}attn_{each}.weight": (64, 64) for each in ("q", "k", "v", "output")}
        shapes |= {f"{block}ffn_{each}.weight": (64, 128) for each in ("gate", "up")}
        shapes[f"{block}ffn_down.weight"] = (128, 64)
    infos, data = b"", b""
    for tensor, shape in shapes.items():
        infos += _text(tensor) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        count = math.prod(shape)
        weights = [1.0] * count if len(shape) == 1 else [chance.gauss(0, 0.05) for _ in range(count)]
        if tensor == "output.weight" and not ends:
            weights[64 * 256 :] = [0.0] * (count - 64 * 256)
        raw = array.array("f", weights).tobytes()
        data += raw + b"\0" * (-len(raw) % 32)
    head = header(pairs_of(name=name, fim=fim, template=template, context=context), len(shapes)) + infos
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)
    return path
