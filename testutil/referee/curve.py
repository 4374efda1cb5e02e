"""Trains with PyTorch and PEFT on the batches of `weft tune`, from the same first adapter, and compares the evaluation
losses at the same steps.

    curve.py --base DIR --adapter DIR --batches batches.jsonl --tokens eval.safetensors --log tune.jsonl --tolerance 0.02

--log is the output of `weft tune --json` with its default settings (AdamW, lr 1e-3 constant after 5 warm-up steps, clip 1,
no decay). The base is bfloat16, the adapter float32, as in exact-bf16/1.
"""

import argparse
import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from referee import loss


def step(model, params, opt, batch, lr):
    """One optimizer step on the mean over the batch's answer tokens, four sequences at a time."""
    answers = sum(sum(s["Loss"][1:]) for s in batch)
    for lo in range(0, len(batch), 4):
        part = batch[lo : lo + 4]
        width = max(len(s["IDs"]) for s in part)
        ids = torch.zeros(len(part), width, dtype=torch.long)
        mask = torch.zeros(len(part), width, dtype=torch.long)
        want = torch.full((len(part), width), -100)
        for i, s in enumerate(part):
            n = len(s["IDs"])
            row = torch.tensor(s["IDs"])
            ids[i, :n], mask[i, :n] = row, 1
            want[i, :n] = torch.where(torch.tensor(s["Loss"]), row, -100)
        logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
        nll = torch.nn.functional.cross_entropy(logits.flatten(0, 1), want[:, 1:].flatten(), ignore_index=-100, reduction="sum")
        (nll / answers).backward()
    torch.nn.utils.clip_grad_norm_(params, 1.0)
    for g in opt.param_groups:
        g["lr"] = lr
    opt.step()
    opt.zero_grad()


def main():
    p = argparse.ArgumentParser()
    for name in ("base", "adapter", "batches", "tokens", "log"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--tolerance", type=float, default=0.02)
    p.add_argument("--seq", type=int, default=256)
    a = p.parse_args()
    ours = {e["step"]: e["loss"] for e in map(json.loads, open(a.log)) if e["event"] == "evaluation"}
    base = AutoModelForCausalLM.from_pretrained(a.base, dtype=torch.bfloat16)
    model = PeftModel.from_pretrained(base, a.adapter, is_trainable=True)
    params = [q for q in model.parameters() if q.requires_grad]
    opt = torch.optim.AdamW(params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    worst = 0.0
    lines = open(a.batches)
    for done in range(max(ours) + 1):
        if done in ours:
            model.eval()
            theirs, _ = loss(model, a.tokens, a.seq)
            model.train()
            off = ours[done] - theirs
            worst = max(worst, abs(off))
            print(f"step {done:3d}  weft {ours[done]:.4f}  PEFT {theirs:.4f}  difference {off:+.4f}", flush=True)
        if done < max(ours):
            step(model, params, opt, json.loads(next(lines)), 1e-3 * min(1.0, (done + 1) / 5))
    print(f"largest difference {worst:.4f}, allowed {a.tolerance}")
    sys.exit(worst > a.tolerance)


if __name__ == "__main__":
    main()
