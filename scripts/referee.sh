#!/usr/bin/env bash
# Lets PyTorch, transformers and PEFT judge a run: the exported adapter must load, and transformers' loss must agree with
# the evaluation on chain, to 1e-4 in exact-f32/1 and 0.5 % in exact-bf16/1.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x .venv/bin/python ]; then
  python3 -m venv .venv
  .venv/bin/pip install --quiet torch==2.15.0 transformers==5.23.0 peft==0.21.2 safetensors
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
judge() { # numerics, dtype, tolerance
  local n=${1%/1}
  bin/weft demo --numerics "$1" --out "$out/$n" --json >"$out/$n.log"
  bin/weft data build --base "$out/$n/base" --data devnet/tiny/data/eval.jsonl --seq 96 --out "$out/$n.tokens.safetensors" >/dev/null
  .venv/bin/python testutil/referee/referee.py --base "$out/$n/base" --adapter "$out/$n/adapter" --tokens "$out/$n.tokens.safetensors" \
    --log "$out/$n.log" --dtype "$2" --tolerance "$3"
}
judge exact-f32/1 float32 1e-4
judge exact-bf16/1 bfloat16 5e-3
