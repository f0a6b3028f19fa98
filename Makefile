# Every target is what CI runs; `make help` lists them.
SHELL   := /bin/bash
GO      ?= go
BIN     := $(CURDIR)/bin
MODULES := libs policies services/exporter services/masker services/validator services/loader cmd/maskrail cmd/genesyssim
SERVICES := exporter masker validator loader
DEMO_DIR ?= demo
BENCH_DIR ?= bench-data
ALL     := $(MODULES:%=./%/...)

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-zA-Z_-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build maskrail, the four workers and the simulator into bin/
	@mkdir -p $(BIN)
	$(GO) build -trimpath -o $(BIN)/maskrail ./cmd/maskrail
	$(GO) build -trimpath -o $(BIN)/genesyssim ./cmd/genesyssim
	@for s in $(SERVICES); do echo "$(GO) build -o bin/$$s ./services/$$s/cmd/$$s"; $(GO) build -trimpath -o $(BIN)/$$s ./services/$$s/cmd/$$s || exit 1; done

.PHONY: demo
demo: ## the main job on embedded parts: 50,000 synthetic interactions from bucket to sandbox
	@mkdir -p $(BIN)
	$(GO) build -trimpath -o $(BIN)/maskrail ./cmd/maskrail
	$(BIN)/maskrail demo --dir $(DEMO_DIR)

# The end-to-end tests come first: they mostly wait, and the others are done meanwhile.
.PHONY: test
test: jaeger ## all tests, on real parts, with a real Jaeger
	MASKRAIL_JAEGER=$(BIN)/jaeger $(GO) test ./cmd/maskrail/e2e $(ALL)

# The end-to-end tests run the binaries as processes of their own, where the detector of the test sees nothing.
.PHONY: race
race: ## the workers' and libraries' tests under the race detector
	$(GO) test -race $(filter-out ./policies/... ./cmd/%,$(ALL)) ./cmd/maskrail/internal/stack/...

# BENCH holds flags, as in BENCH="--only jsonl,load --rounds 9".
.PHONY: bench
bench: $(BIN)/bench ## measure against DuckDB, Python and the floors: about 15 minutes, and 8 GB under BENCH_DIR
	$(BIN)/bench --maskrail $(BIN)/maskrail --dir $(BENCH_DIR) $(BENCH)

.PHONY: bench-check
bench-check: $(BIN)/bench ## the same once on small data, for wrong outputs alone
	$(BIN)/bench --maskrail $(BIN)/maskrail --dir $(BENCH_DIR)/check --check

.PHONY: $(BIN)/bench
$(BIN)/bench:
	@mkdir -p $(BIN)
	$(GO) build -trimpath -o $(BIN)/maskrail ./cmd/maskrail
	$(GO) build -trimpath -o $(BIN)/bench ./cmd/maskrail/bench

.PHONY: check
check: tidy vet lint race test isolated bench-check ## everything that must hold before a change lands

.PHONY: vet
vet: ## go vet
	$(GO) vet $(ALL)

.PHONY: lint
lint: $(BIN)/golangci-lint ## golangci-lint over every module
	@for m in $(MODULES); do echo "lint $$m"; (cd $$m && $(BIN)/golangci-lint run --allow-parallel-runners ./...) || exit 1; done

$(BIN)/golangci-lint: tools/go.mod
	@mkdir -p $(BIN)
	cd tools && GOWORK=off $(GO) build -o $(BIN)/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: tidy
tidy: ## fail when a go.mod, a go.sum or the workspace is not tidy
	@for m in $(MODULES) tools; do echo "tidy $$m"; (cd $$m && GOWORK=off $(GO) mod tidy -diff) || exit 1; done
	@$(GO) work sync && git diff --exit-code -- '*go.mod' '*go.sum' || { echo "go work sync changes these files: commit them"; exit 1; }
	@gofmt -l $(MODULES) | (! grep .) || { echo "gofmt would change these files"; exit 1; }

# The versions are those of the workspace, which tidy holds the modules to: what the tests say there they would say here.
.PHONY: isolated
isolated: ## build each module and compile its tests without the workspace
	@for m in $(MODULES); do echo "GOWORK=off $$m"; (cd $$m && GOWORK=off $(GO) build ./... && GOWORK=off $(GO) vet ./...) || exit 1; done

.PHONY: jaeger
jaeger: $(BIN)/jaeger ## build a real Jaeger from source (about four minutes the first time)

$(BIN)/jaeger: tools/jaeger/go.mod tools/jaeger/go.sum
	@mkdir -p $(BIN)
	cd tools/jaeger && GOWORK=off $(GO) build -o $(BIN)/jaeger github.com/jaegertracing/jaeger/cmd/jaeger

.PHONY: vuln
vuln: ## known vulnerabilities, from vuln.go.dev
	@mkdir -p $(BIN)
	cd tools && GOWORK=off $(GO) build -o $(BIN)/govulncheck golang.org/x/vuln/cmd/govulncheck
	@for m in $(MODULES); do (cd $$m && $(BIN)/govulncheck ./...) || exit 1; done

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 20s)
	@for m in $(MODULES); do (cd $$m && for p in $$(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u); do \
	  for f in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$p/*_test.go | awk '{print $$2}'); do \
	    echo "fuzz $$m/$$p $$f"; $(GO) test $$p -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-20s} || exit 1; done; done) || exit 1; done

.PHONY: clean
clean: ## remove bin/, the demo's folder and the bench's
	rm -rf $(BIN) $(DEMO_DIR) $(BENCH_DIR)
