#!/usr/bin/env bash
# Runs the conformance vectors and one short run as arm64 under qemu-user, and compares the run's digests with those of
# this machine's own kernels. Needs qemu-aarch64 (Debian: apt-get install qemu-user).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v qemu-aarch64 >/dev/null || { echo "qemu-aarch64 is missing: apt-get install qemu-user"; exit 1; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

CGO_ENABLED=0 GOARCH=arm64 go test -c -o "$out/exact.test" ./trainer/exact
(cd trainer/exact && qemu-aarch64 "$out/exact.test" -test.v -test.run 'Vectors|Conform|Check|OneChain')

CGO_ENABLED=0 GOARCH=arm64 go build -o "$out/weft-arm64" ./cmd/weft
go build -o "$out/weft" ./cmd/weft
short="--trainers 2 --inner-steps 2 --batch 2 --rounds 2 --eval-records 4 --json"
for numerics in exact-bf16/1 exact-f32/1; do
  n=${numerics%/1}
  "$out/weft" demo $short --numerics "$numerics" --out "$out/native-$n" >"$out/native-$n.log"
  qemu-aarch64 "$out/weft-arm64" demo $short --numerics "$numerics" --out "$out/arm64-$n" >"$out/arm64-$n.log"
  cmp "$out/native-$n/lineage/HEAD" "$out/arm64-$n/lineage/HEAD"
  echo "$numerics: arm64 and this machine made the same checkpoint $(cat "$out/native-$n/lineage/HEAD")"
done
