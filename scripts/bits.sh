#!/usr/bin/env bash
# Checks that the bits are the same elsewhere: conformance vectors, losses, trace roots and decoding, natively as
# GOAMD64=v1 and v3 (which fuses like other processors), and as arm64 and s390x (big-endian) under qemu-user; a short run's
# digests as arm64; and that no compiler fuses a multiplication into an addition. Needs qemu-user (Debian: apt-get install qemu-user).
# Usage: scripts/bits.sh [fused|v1|v3|arm64|s390x|demo]... (all of them without arguments)
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export CGO_ENABLED=0

# The tests of every processor: package, pattern, flags.
tests=(
  "trainer/exact Vectors|Conform|OneChain"
  "testutil/vectors/host HostVectors"
  "trainer/loss Golden"
  "trainer/llm Bits|Cached"
  "trainer/slot Roots -test.short"
)

# run NAME COMMAND...: compiles the tests with the environment's target and runs them from their folders.
run() {
  local name=$1 package pattern flags file
  shift
  for test in "${tests[@]}"; do
    read -r package pattern flags <<<"$test"
    file=$out/$name-${package//\//-}.test
    go test -c -o "$file" "./$package"
    # shellcheck disable=SC2086
    (cd "$package" && "$@" "$file" -test.run "$pattern" $flags >"$out/log" 2>&1) || { cat "$out/log"; echo "$name: $package fails"; exit 1; }
    grep -q '^PASS' "$out/log"
    echo "$name: $package: $pattern"
    rm "$file"
  done
}

emulator() {
  command -v "$1" >/dev/null || { echo "$1 is missing: apt-get install qemu-user"; exit 1; }
}

# fused: package by package, the instructions that fuse in what Go's compiler makes for several processors; that it finds
# any in a program that has them shows that the search works.
fused() {
  local found=0 arch package pattern='[[:space:]]V?FN?M(ADD|SUB)'
  mkdir "$out/control"
  printf 'module control\ngo 1.26\n' >"$out/control/go.mod"
  printf 'package control\nfunc F(x, y, z float32) float32 { return x*y + z }\n' >"$out/control/control.go"
  for arch in amd64 arm64 loong64 ppc64le riscv64 s390x; do
    (cd "$out/control" && GOAMD64=v3 GOARCH=$arch go build -gcflags=-S . 2>&1) | grep -qE "$pattern" || { echo "$arch: fused instructions are not recognised"; exit 1; }
    for package in trainer/exact trainer/llm trainer/loss trainer/optim trainer/lora trainer/checkpoint ckpt/delta; do
      if GOAMD64=v3 GOARCH=$arch go build -gcflags=-S "./$package" 2>&1 | grep -E "$pattern"; then
        echo "$arch: $package: the compiler fuses a product and a sum: convert the product, float32(x*y) + z"
        found=1
      fi
    done
  done
  [ "$found" = 0 ] || exit 1
  echo "fused: none"
}

# demo: a short run's checkpoints as arm64 and by this machine's own kernels.
demo() {
  local numerics n short="--trainers 2 --inner-steps 2 --batch 2 --rounds 2 --eval-records 4 --json"
  emulator qemu-aarch64
  GOARCH=arm64 go build -o "$out/weft-arm64" ./cmd/weft
  go build -o "$out/weft" ./cmd/weft
  for numerics in exact-bf16/1 exact-f32/1; do
    n=${numerics%/1}
    # shellcheck disable=SC2086
    "$out/weft" demo $short --numerics "$numerics" --out "$out/native-$n" >"$out/native-$n.log"
    # shellcheck disable=SC2086
    qemu-aarch64 "$out/weft-arm64" demo $short --numerics "$numerics" --out "$out/arm64-$n" >"$out/arm64-$n.log"
    cmp "$out/native-$n/lineage/HEAD" "$out/arm64-$n/lineage/HEAD"
    echo "demo: $numerics: the same checkpoint $(cat "$out/native-$n/lineage/HEAD")"
  done
}

for what in "${@:-fused v1 v3 arm64 s390x demo}"; do
  for part in $what; do
    case $part in
      fused | demo) "$part" ;;
      v1 | v3) GOAMD64=$part run "$part" env ;;
      arm64) emulator qemu-aarch64 && GOARCH=arm64 run arm64 qemu-aarch64 ;;
      s390x) emulator qemu-s390x && GOARCH=s390x run s390x qemu-s390x ;;
      *) echo "unknown part $part: fused, v1, v3, arm64, s390x, demo" && exit 1 ;;
    esac
  done
done
