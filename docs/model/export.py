"""Turn a checkpoint into a GGUF that llama.cpp loads, with FIM tokens, licence and data notes in its metadata.

    python export.py BUILD CHECKPOINT OUT.gguf

Owns the names and types of the GGUF; weights are Q8_0, norms float32. Refuses (ValueError) a file over 25 MB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from network import Shape
from tokens import CONTROL, END, FILE, MIDDLE, PAD, PREFIX, REPOSITORY, SUFFIX

MOST_BYTES = 25_000_000


def add_tokenizer(writer: gguf.GGUFWriter, path: Path) -> None:
    """Tokens, merges and control token numbers, in the form llama.cpp's BPE reader expects."""
    model = json.loads(path.read_text("utf-8"))["model"]
    names = sorted(model["vocab"], key=model["vocab"].__getitem__)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(names)
    writer.add_token_types([control if name in CONTROL else normal for name in names])
    writer.add_token_merges([" ".join(pair) for pair in model["merges"]])
    writer.add_bos_token_id(END)
    writer.add_eos_token_id(END)
    writer.add_eot_token_id(END)
    writer.add_pad_token_id(PAD)
    writer.add_bool("tokenizer.ggml.add_bos_token", val=False)
    writer.add_bool("tokenizer.ggml.add_eos_token", val=False)
    writer.add_uint32("tokenizer.ggml.fim_pre_token_id", PREFIX)
    writer.add_uint32("tokenizer.ggml.fim_suf_token_id", SUFFIX)
    writer.add_uint32("tokenizer.ggml.fim_mid_token_id", MIDDLE)
    writer.add_uint32("tokenizer.ggml.fim_pad_token_id", PAD)
    writer.add_uint32("tokenizer.ggml.fim_rep_token_id", REPOSITORY)
    writer.add_uint32("tokenizer.ggml.fim_sep_token_id", FILE)


def add_shape(writer: gguf.GGUFWriter, shape: Shape, context: int) -> None:
    writer.add_context_length(context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_vocab_size(shape.vocab)


def add_notes(writer: gguf.GGUFWriter) -> None:
    writer.add_name("Lanyard FIM")
    writer.add_description(
        "Small fill-in-the-middle completion model for code, Python first; comes with Lanyard. No chat."
    )
    writer.add_license("mit")
    writer.add_license_name("MIT")
    writer.add_tags(["text-generation", "fill-in-the-middle", "code", "python"])
    writer.add_string("lanyard.data_licences", "MIT, BSD-2-Clause, BSD-3-Clause, Apache-2.0, ISC, PSF-2.0")


def weights(state: dict[str, Any]) -> dict[str, np.ndarray]:
    """llama.cpp's tensor names; the fused matrices are cut up again."""
    out: dict[str, np.ndarray] = {}
    for name, value in state.items():
        array = value.float().numpy()
        if name.endswith("attn_qkv.weight"):
            for part, piece in zip("qkv", np.split(array, 3), strict=True):
                out[name.replace("qkv", part)] = piece
        elif name.endswith("ffn_gate_up.weight"):
            for part, piece in zip(("gate", "up"), np.split(array, 2), strict=True):
                out[name.replace("gate_up", part)] = piece
        else:
            out[name] = array
    return out


def export(build: Path, checkpoint: Path, target: Path, kind: str = "q8_0") -> None:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape = Shape(**saved["shape"])
    writer = gguf.GGUFWriter(str(target), "llama")
    add_notes(writer)
    add_shape(writer, shape, min(shape.context, 2048))
    q8 = kind == "q8_0"
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if q8 else gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    add_tokenizer(writer, build / "tokenizer.json")
    for name, array in weights(saved["model"]).items():
        if array.ndim == 1:
            writer.add_tensor(name, np.ascontiguousarray(array, dtype=np.float32))
        elif q8 and array.shape[1] % 32 == 0:
            packed = gguf.quants.quantize(np.ascontiguousarray(array), gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, np.ascontiguousarray(array, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    if target.stat().st_size > MOST_BYTES:
        raise ValueError(f"{target.name}: {target.stat().st_size} bytes, more than {MOST_BYTES}")


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:5])
