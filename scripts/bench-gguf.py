"""Writes a base's weights as a bfloat16 GGUF for llama.cpp: the metadata and the tensors' names come from a GGUF of the
same base in another quantization, the numbers from its safetensors (float32), rounded to nearest even.

    bench-gguf.py OTHER.gguf model.safetensors OUT.gguf
"""

import json
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter

NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
PARTS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


def tensors(path):
    """A function from a tensor's name to its float32 array."""
    raw = np.memmap(path, mode="r", dtype=np.uint8)
    size = int.from_bytes(raw[:8].tobytes(), "little")
    header = json.loads(raw[8 : 8 + size].tobytes())

    def get(name):
        t = header[name]
        if t["dtype"] != "F32":
            raise SystemExit(f"{name} is {t['dtype']}: only float32 is read here")
        lo, hi = (8 + size + x for x in t["data_offsets"])
        return raw[lo:hi].view(np.float32).reshape(t["shape"])

    return get


def bfloat16(x):
    """Bits of the nearest bfloat16, as bytes in the last dimension, which is how GGUFWriter takes raw types."""
    b = np.ascontiguousarray(x).view(np.uint32)
    b = ((b + 0x7FFF + ((b >> 16) & 1)) >> 16).astype(np.uint16)
    return b.view(np.uint8)


def main():
    other, weights, out = sys.argv[1:]
    r, get = GGUFReader(other), tensors(weights)
    field = {k: v.contents() for k, v in r.fields.items()}
    arch = field["general.architecture"]
    w = GGUFWriter(out, arch)
    for k, v in r.fields.items():
        if k.startswith("GGUF.") or k in ("general.architecture", "general.file_type", "general.quantization_version"):
            continue
        kind = v.types[0]
        w.add_key_value(k, v.contents(), kind, v.types[-1] if kind == GGUFValueType.ARRAY else None)
    w.add_file_type(32)  # mostly bfloat16
    heads = {"attn_q": field[f"{arch}.attention.head_count"], "attn_k": field[f"{arch}.attention.head_count_kv"]}
    for t in r.tensors:
        parts = t.name.split(".")
        module = f"model.layers.{parts[1]}.{PARTS[parts[2]]}" if parts[0] == "blk" else NAMES[parts[0]]
        x = get(module + ".weight")
        if arch == "llama" and parts[-2] in heads:  # llama.cpp rotates neighbours, Hugging Face halves
            n = heads[parts[-2]]
            x = x.reshape(n, 2, x.shape[0] // n // 2, x.shape[1]).swapaxes(1, 2).reshape(x.shape)
        if x.ndim == 1:
            w.add_tensor(t.name, np.array(x))
        else:
            w.add_tensor(t.name, bfloat16(x), raw_dtype=GGMLQuantizationType.BF16)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if __name__ == "__main__":
    main()
