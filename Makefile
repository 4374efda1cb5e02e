.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9_-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: proto
proto: ## generate the Go code of proto/ (MODULES="share model" for some only)
	scripts/protogen.sh $(MODULES)

.PHONY: proto-lint
proto-lint: ## lint proto/
	scripts/prototools.sh
	.tools/bin/buf lint proto
