"""Measures training steps of PyTorch + PEFT: forward, backward and AdamW, LoRA r = 8 on all seven projections, every
token a label. Prints one JSON line. One configuration a process, so that the peak of its memory is its own.

    bench-peft.py --dtype bfloat16 --seq 256 --batch 4 --threads 2 --steps 5 [--base DIR]

Without --base: SmolLM2-135M's shape with random weights, as `weft bench train`. The base has the given dtype and the
adapter float32, which is what PEFT makes of it.
"""

import argparse
import json
import platform
import resource
import time

import torch
import transformers
from peft import LoraConfig, __version__ as peft_version, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load(base, dtype):
    if base:
        return AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
    shape = LlamaConfig(hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9, num_key_value_heads=3, vocab_size=49152,
                        max_position_embeddings=8192, rms_norm_eps=1e-5, rope_theta=100000.0, tie_word_embeddings=True)
    return AutoModelForCausalLM.from_config(shape, dtype=dtype)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--base")
    p.add_argument("--dtype", choices=["float32", "bfloat16"], required=True)
    for name, default in (("seq", 256), ("batch", 4), ("threads", 2), ("steps", 5), ("warmup", 2)):
        p.add_argument("--" + name, type=int, default=default)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    model = get_peft_model(load(a.base, getattr(torch, a.dtype)), LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules=PROJECTIONS, task_type="CAUSAL_LM"))
    model.train()
    opt = torch.optim.AdamW([q for q in model.parameters() if q.requires_grad], lr=1e-4, weight_decay=0.0)
    times = []
    for step in range(a.warmup + a.steps):
        ids = torch.randint(0, model.config.vocab_size, (a.batch, a.seq))
        start = time.perf_counter()
        model(input_ids=ids, labels=ids).loss.backward()
        opt.step()
        opt.zero_grad()
        if step >= a.warmup:
            times.append(time.perf_counter() - start)
    print(json.dumps({
        "bench": "peft", "numerics": a.dtype, "threads": torch.get_num_threads(), "seq": a.seq, "batch": a.batch, "steps": a.steps, "step_seconds": times,
        "peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "versions": f"Python {platform.python_version()}, PyTorch {torch.__version__}, transformers {transformers.__version__}, PEFT {peft_version}",
    }))


if __name__ == "__main__":
    main()
