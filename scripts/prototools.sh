#!/usr/bin/env bash
# Puts what protobuf generation needs into git-ignored folders, at pinned versions and once only:
#   .tools/bin           buf (from npm) and the three plugins that go.mod names as tools
#   third_party/proto    the .proto files we import, out of the Go module cache
# Nothing is fetched but through npm and the Go module proxy.
set -euo pipefail
cd "$(dirname "$0")/.."

BUF_VERSION=1.75.0
bin="$PWD/.tools/bin"
mkdir -p "$bin"

if [ "$("$bin/buf" --version 2>/dev/null || true)" != "$BUF_VERSION" ]; then
  npm install --silent --no-fund --no-audit --prefix .tools/npm "@bufbuild/buf@$BUF_VERSION"
  ln -sf ../npm/node_modules/.bin/buf "$bin/buf"
fi

stamp=$({ cat scripts/prototools.sh; go list -m github.com/cosmos/cosmos-sdk github.com/cosmos/cosmos-proto \
  github.com/cosmos/gogoproto github.com/grpc-ecosystem/grpc-gateway; } | sha256sum | cut -c1-64)
[ "$(cat third_party/proto/.stamp 2>/dev/null || true)" = "$stamp" ] && [ -x "$bin/protoc-gen-gocosmos" ] &&
  [ -x "$bin/protoc-gen-grpc-gateway" ] && [ -x "$bin/protoc-gen-swagger" ] && exit 0

GOBIN="$bin" go install github.com/cosmos/gogoproto/protoc-gen-gocosmos \
  github.com/grpc-ecosystem/grpc-gateway/protoc-gen-grpc-gateway github.com/grpc-ecosystem/grpc-gateway/protoc-gen-swagger

rm -rf third_party/proto
lay() { # module, folder of the import root inside it, what to take
  local root name
  go mod download "$1"
  root="$(go list -m -f '{{.Dir}}' "$1")/$2"
  name="third_party/proto/$(basename "$1")"
  shift 2
  mkdir -p "$name"
  (cd "$root" && find "$@" -name '*.proto' -print0 | tar --null -T - -cf -) | tar -C "$name" -xf -
  chmod -R u+w "$name"
}
lay github.com/cosmos/cosmos-sdk proto amino cosmos/app cosmos/base/query cosmos/base/v1beta1 cosmos/msg cosmos/query tendermint
lay github.com/cosmos/cosmos-proto proto cosmos_proto
lay github.com/cosmos/gogoproto . gogoproto
lay github.com/grpc-ecosystem/grpc-gateway third_party/googleapis google/api
echo "$stamp" > third_party/proto/.stamp
