#!/usr/bin/env bash
# Fine-tunes SmolLM2-135M on GSM8K with `weft tune` and with PEFT, on the same batches from the same first adapter, and
# compares the evaluations at every tenth step (about half an hour on two cores). Needs `make smollm2`.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-.venv/bin/python}
base=models/smollm2 data=${SHARED:-../shared}/data/gsm8k steps=${STEPS:-50}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
bin/weft data build --base $base --data "$data/train.jsonl" --seq 256 --out "$out/train.safetensors" >/dev/null
head -n 64 "$data/test.jsonl" >"$out/eval.jsonl"
bin/weft data build --base $base --data "$out/eval.jsonl" --seq 256 --out "$out/eval.safetensors" >/dev/null
go run ./testutil/referee/batches --base $base --tokens "$out/train.safetensors" --steps "$steps" --adapter "$out/first" >"$out/batches.jsonl"
bin/weft tune --base $base --data "$out/train.safetensors" --eval "$out/eval.safetensors" --steps "$steps" --eval-every 10 \
  --out "$out/adapter" --json | tee "$out/tune.jsonl" | grep evaluation
"$python" testutil/referee/curve.py --base $base --adapter "$out/first" --batches "$out/batches.jsonl" --tokens "$out/eval.safetensors" --log "$out/tune.jsonl"
