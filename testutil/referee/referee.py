"""Judges a run from outside: PEFT loads the exported adapter, and transformers' loss on the evaluation token set is
compared with the evaluation that the chain recorded.

    referee.py --base DIR --adapter DIR --tokens eval.safetensors --log demo.jsonl --dtype float32 --tolerance 1e-4

--log is the output of `weft demo --json`; its first evaluation is of the bare base (the first adapter changes nothing),
its last one of the exported adapter.
"""

import argparse
import json
import sys

import torch
from peft import PeftModel
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM


def sequences(path):
    t = load_file(path)
    offsets = t["offsets"]
    for lo, hi in zip(offsets[:-1], offsets[1:]):
        yield t["ids"][lo:hi], t["loss"][lo:hi]


def loss(model, path, seq):
    total, tokens = 0.0, 0
    with torch.no_grad():
        for ids, mask in sequences(path):
            ids = torch.tensor(ids[:seq], dtype=torch.long)[None]
            mask = torch.tensor(mask[:seq].astype(bool))[1:]
            logits = model(input_ids=ids).logits[0, :-1].float()
            nll = torch.nn.functional.cross_entropy(logits, ids[0, 1:], reduction="none")
            total += nll[mask].double().sum().item()
            tokens += int(mask.sum())
    return total / tokens, tokens


def main():
    p = argparse.ArgumentParser()
    for name in ("base", "adapter", "tokens", "log"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--dtype", default="float32")
    p.add_argument("--tolerance", type=float, default=1e-4)
    p.add_argument("--seq", type=int, default=1 << 20)
    a = p.parse_args()
    evals = [json.loads(line) for line in open(a.log) if '"event":"evaluation"' in line]
    evals.sort(key=lambda e: e["round"])
    base = AutoModelForCausalLM.from_pretrained(a.base, dtype=getattr(torch, a.dtype), attn_implementation="eager")
    bad = False
    for what, model, recorded in (
        ("base", base, evals[0]),
        ("adapter", None, evals[-1]),
    ):
        if model is None:
            model = PeftModel.from_pretrained(base, a.adapter)
        got, tokens = loss(model.eval(), a.tokens, a.seq)
        off = abs(got - recorded["loss"]) / got
        ok = off <= a.tolerance and tokens == recorded["tokens"]
        bad = bad or not ok
        print(f"{what:8} transformers {got:.6f} over {tokens} tokens, chain {recorded['loss']:.6f} over {recorded['tokens']}: "
              f"{off:.2e} relative, {'ok' if ok else 'NOT WITHIN %g' % a.tolerance}")
    sys.exit(bad)


if __name__ == "__main__":
    main()
