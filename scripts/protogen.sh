#!/usr/bin/env bash
# Generates the Go code of proto/weft and the document of its REST queries. With arguments, the code of those modules alone:
# scripts/protogen.sh share model
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

# The document names no module of itself: operations of several modules would have one name.
if [ $# = 0 ]; then
  .tools/bin/buf generate --template buf.openapi.yaml
  awk '/^    "\/weft\// { split($0, path, "/"); module = path[3] }
    NR < 6 { sub(/"title": .*/, "\"title\": \"Weft: queries of its modules\","); sub(/"version": .*/, "\"version\": \"v1\"") }
    { sub(/"operationId": "Query_/, "\"operationId\": \"" module "_"); sub(/^          "Query"$/, "          \"" module "\""); print }' \
    .tools/gen/openapi.swagger.json >app/openapi.json
fi
rm -rf .tools/gen
