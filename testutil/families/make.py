"""Makes testdata: a tiny random base of every family that trainer/llm reads, and what transformers and PEFT compute with it.

    make.py --out testutil/families/testdata

README.md describes the files. Everything is computed in float64: transformers itself computes norms, rotary tables and
softmax in float32 whatever the model's type, so the names torch.float and torch.float32 are float64 to its modules here.
"""

import argparse
import importlib
import json
import math
import os

import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK, ALPHA, VOCAB = 3, 6, 101
LENGTHS = (17, 26)
FAMILIES = ("llama", "mistral", "qwen2", "qwen3")

COMMON = dict(
    hidden_act="silu",
    vocab_size=VOCAB,
    num_hidden_layers=2,
    rms_norm_eps=1e-5,
    bos_token_id=1,
    eos_token_id=2,
    torch_dtype="float32",
)


def llama(**kw):
    return dict(COMMON, architectures=["LlamaForCausalLM"], model_type="llama", attention_bias=False, mlp_bias=False, **kw)


# Widths are no multiples of a vector. The scalings are such that every regime of frequencies occurs, and acts, at the
# positions of the sequences. Both forms of the rotary fields occur.
CONFIGS = {
    "llama2": llama(
        hidden_size=32, intermediate_size=47, num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=64,
        rope_scaling=None, tie_word_embeddings=False,
    ),
    "llama3": llama(
        hidden_size=36, intermediate_size=54, num_attention_heads=3, num_key_value_heads=1, head_dim=12, max_position_embeddings=256,
        rope_theta=5000.0, tie_word_embeddings=True,
        rope_scaling=dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32, rope_type="llama3"),
    ),
    "linear": llama(
        hidden_size=32, intermediate_size=50, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
        rope_parameters=dict(rope_type="linear", factor=2.5, rope_theta=1000.0), tie_word_embeddings=False,
    ),
    "smollm2": llama(
        hidden_size=36, intermediate_size=50, num_attention_heads=6, num_key_value_heads=2, max_position_embeddings=64,
        rope_theta=100000, rope_scaling=None, rope_interleaved=False, is_llama_config=True, tie_word_embeddings=True,
    ),
    "mistral": dict(
        COMMON, architectures=["MistralForCausalLM"], model_type="mistral", hidden_size=32, intermediate_size=56,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rope_theta=1000000.0, sliding_window=None,
        tie_word_embeddings=False,
    ),
    "qwen2": dict(
        COMMON, architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_size=40, intermediate_size=45,
        num_attention_heads=5, num_key_value_heads=1, max_position_embeddings=64, rope_theta=1000000.0, sliding_window=8,
        use_sliding_window=False, max_window_layers=1, tie_word_embeddings=True,
    ),
    "qwen3": dict(
        COMMON, architectures=["Qwen3ForCausalLM"], model_type="qwen3", hidden_size=30, intermediate_size=50, num_attention_heads=4,
        num_key_value_heads=2, head_dim=12, max_position_embeddings=64, rope_theta=1000000, rope_scaling=None, attention_bias=False,
        sliding_window=None, use_sliding_window=False, max_window_layers=2, tie_word_embeddings=True,
    ),
}


class Float64Torch:
    """The torch module, but what asks for float32 gets float64."""

    float = float32 = torch.float64

    def __getattr__(self, name):
        return getattr(torch, name)


def compute_in_float64():
    torch.set_default_dtype(torch.float64)
    for name in ["transformers.modeling_rope_utils"] + [f"transformers.models.{f}.modeling_{f}" for f in FAMILIES]:
        importlib.import_module(name).torch = Float64Torch()


def normal(g, shape, std, mean=0.0):
    """Random numbers that float32 holds exactly."""
    return (mean + std * torch.randn(shape, generator=g, dtype=torch.float64)).float()


def random_weights(model, g):
    """A float32 tensor for each parameter, by name: norms near 1, the embedding such that tied logits are of order 1."""
    weights = {}
    for name, p in sorted(model.named_parameters()):
        if "norm" in name:
            weights[name] = normal(g, p.shape, 0.25, 1.0)
        elif name.endswith(".bias"):
            weights[name] = normal(g, p.shape, 0.4)
        else:
            weights[name] = normal(g, p.shape, 1 / math.sqrt(p.shape[1]))
    return weights


def set_parameters(model, values):
    own = dict(model.named_parameters())
    with torch.no_grad():
        for name, v in values.items():
            own[name].copy_(v)


def sequences(g):
    """Token ids and answer marks: the first sequence is an answer from token 6, the second one here and there, not at its end."""
    for n in LENGTHS:
        ids = torch.randint(0, VOCAB, (n,), generator=g, dtype=torch.int32)
        marks = torch.arange(n) >= 6
        if n == LENGTHS[1]:
            marks = torch.rand(n, generator=g) < 0.4
            marks[0], marks[5], marks[-3:] = False, True, False
        yield ids, marks.to(torch.int32)


def logits_of(model, ids):
    return model(input_ids=ids.long()[None]).logits[0]


def nll_of(model, ids, marks):
    logp = torch.log_softmax(logits_of(model, ids)[:-1], dim=-1)
    return -logp.gather(1, ids[1:].long()[:, None])[:, 0][marks[1:].bool()]


def golden(model, g):
    assert all(p.dtype == torch.float64 for p in model.parameters())
    assert all(b.dtype == torch.float64 for n, b in model.named_buffers() if "inv_freq" in n)
    out, seqs = {}, list(sequences(g))
    for i, (ids, marks) in enumerate(seqs):
        out[f"ids.{i}"], out[f"marks.{i}"] = ids, marks
        with torch.no_grad():
            out[f"logits.{i}"] = logits_of(model, ids)
    lora = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=PROJECTIONS, lora_dropout=0.0, task_type="CAUSAL_LM"))
    factors = {}
    for name, p in sorted(lora.named_parameters()):
        if p.requires_grad:
            factors[name] = normal(g, p.shape, 1 / math.sqrt(p.shape[1]) if "lora_A" in name else 0.15)
    assert len(factors) == 2 * len(PROJECTIONS) * COMMON["num_hidden_layers"]
    set_parameters(lora, factors)
    assert all(p.dtype == torch.float64 for p in lora.parameters())
    for i, (ids, marks) in enumerate(seqs):
        nll = nll_of(lora, ids, marks)
        nll.sum().backward()
        out[f"nll.{i}"] = nll.detach()
    for name, p in lora.named_parameters():
        if p.requires_grad:
            short = name.replace(".default", "")
            out["value." + short], out["grad." + short] = p.detach(), p.grad
    return {k: v.float().contiguous() if v.is_floating_point() else v for k, v in out.items()}


def tokenizer():
    """A byte-level tokenizer with a token for each of a few characters and no merges."""
    special = ["<|endoftext|>", "<|begin|>", "<|end|>"]
    tokens = special + [chr(c) for c in range(33, 127)] + ["\u0120", "\u010a", "\u0109", "\u010d"]
    assert len(tokens) == VOCAB
    byte_level = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    return dict(
        version="1.0",
        added_tokens=[dict(id=i, content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) for i, t in enumerate(special)],
        normalizer=None,
        pre_tokenizer=byte_level,
        decoder=byte_level,
        model=dict(type="BPE", vocab={t: i for i, t in enumerate(tokens)}, merges=[]),
    )


def write_json(path, value):
    with open(path, "w") as f:
        json.dump(value, f, indent=1, sort_keys=True)
        f.write("\n")


def make(out, family, seed):
    os.makedirs(out, exist_ok=True)
    write_json(os.path.join(out, "config.json"), CONFIGS[family])
    write_json(os.path.join(out, "tokenizer.json"), tokenizer())
    g = torch.Generator().manual_seed(seed)
    config = AutoConfig.from_pretrained(out)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float64, attn_implementation="eager").eval()
    weights = random_weights(model, g)
    save_file(weights, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
    set_parameters(model, weights)
    save_file(golden(model, g), os.path.join(out, "golden.safetensors"))
    for f in os.listdir(out):
        os.chmod(os.path.join(out, f), 0o644)
    size = sum(os.path.getsize(os.path.join(out, f)) for f in os.listdir(out))
    print(f"{family}: {size} bytes, transformers {transformers.__version__}, torch {torch.__version__}")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    compute_in_float64()
    for seed, family in enumerate(sorted(CONFIGS), start=4242):
        make(os.path.join(a.out, family), family, seed)


if __name__ == "__main__":
    main()
