#!/usr/bin/env bash
# Measures `weft bench train` beside PyTorch + PEFT on this machine and writes the tables into docs/benchmarks.md. The two
# take turns, twice for each configuration, so that a machine that gets slower or faster does so for both. About half an
# hour on two cores, which should have nothing else to do.
# Environment, with what it is otherwise: THREADS (all processors), STEPS of a turn (5), SHAPES as "tokens sequences, …"
# ("256 1,256 4,1024 1"), WEFT (bin/weft), PYTHON (.venv/bin/python, made if missing), DOC (docs/benchmarks.md).
set -euo pipefail
cd "$(dirname "$0")/.."
threads=${THREADS:-$(nproc)} steps=${STEPS:-5} doc=${DOC:-docs/benchmarks.md} python=${PYTHON:-.venv/bin/python}
weft=${WEFT:-bin/weft}
if [ ! -x "$python" ]; then
  [ "$python" = .venv/bin/python ] || { echo "$python is missing"; exit 1; }
  python3 -m venv .venv
  .venv/bin/pip install --quiet torch==2.15.0 transformers==5.23.0 peft==0.21.2 safetensors
fi
base=()
[ -e models/smollm2/config.json ] && base=(--base models/smollm2)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

weft() { # group, numerics, seq, batch, threads, more flags
  local group=$1 numerics=$2 seq=$3 batch=$4 n=$5
  shift 5
  echo "weft $numerics ${seq}x$batch, $n threads ${WEFT_ENGINE:-} $*" >&2
  "$weft" bench train --json --numerics "$numerics" --seq "$seq" --batch "$batch" --threads "$n" --steps "$steps" "$@" |
    sed "s/^{/{\"group\":\"$group\",/" >>"$out/runs.jsonl"
}
peft() { # dtype, seq, batch
  echo "PEFT $1 $2x$3, $threads threads" >&2
  HF_HUB_DISABLE_PROGRESS_BARS=1 TRANSFORMERS_VERBOSITY=error PYTHONWARNINGS=ignore "$python" scripts/bench-peft.py ${base[@]+"${base[@]}"} --dtype "$1" --seq "$2" --batch "$3" --threads "$threads" --steps "$steps" |
    sed 's/^{/{"group":"side",/' >>"$out/runs.jsonl"
}

tr , '\n' <<<"${SHAPES:-256 1,256 4,1024 1}" >"$out/shapes"
while read -r -u 3 seq batch; do
  for _ in 1 2; do
    weft side exact-bf16/1 "$seq" "$batch" "$threads" ${base[@]+"${base[@]}"}
    peft bfloat16 "$seq" "$batch"
  done
  for _ in 1 2; do
    weft side exact-f32/1 "$seq" "$batch" "$threads" ${base[@]+"${base[@]}"}
    peft float32 "$seq" "$batch"
  done
done 3<"$out/shapes"
for _ in 1 2; do
  for kernel in avx2 avx512; do
    for numerics in exact-bf16/1 exact-f32/1; do
      WEFT_ENGINE=$kernel weft kernels "$numerics" 256 4 "$threads" ${base[@]+"${base[@]}"} ||
        echo "this processor has no $kernel: the rows are left out" >&2
    done
  done
  for n in 1 2; do weft threads exact-bf16/1 256 4 "$n" ${base[@]+"${base[@]}"}; done
done
weft large exact-bf16/1 256 1 "$threads" --shape smollm2-1.7b --max-memory 8GB
python3 scripts/bench-table.py peft "$out/runs.jsonl" "$doc"
