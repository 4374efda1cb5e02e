#!/usr/bin/env bash
# Generates the Go code of proto/weft. With arguments, only those modules: scripts/protogen.sh share model
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/prototools.sh

paths=()
for m in "$@"; do paths+=(--path "proto/weft/$m"); done
rm -rf .tools/gen && mkdir -p .tools/gen
.tools/bin/buf generate ${paths[@]+"${paths[@]}"}

# A message that moved to another file must not leave its old code behind.
src=.tools/gen/github.com/weftnet/weft
for d in $(cd "$src" && find . -name '*.pb*.go' -exec dirname {} + | sort -u); do
  rm -f "$d"/*.pb.go "$d"/*.pb.gw.go
  mkdir -p "$d"
  cp "$src/$d"/*.go "$d/"
done
rm -rf .tools/gen
