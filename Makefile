# `make` alone explains the targets.
SHELL := bash
GO    ?= go
PORT  ?= 8080

# As applications are built; what both need is compiled once, and Go's own linker is
# the fastest. The race detector needs cgo.
export CGO_ENABLED := 0
test-race: export CGO_ENABLED := 1

SOURCES := $(shell git ls-files -co --exclude-standard '*.go' 'internal/scaffold/templates' go.mod 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run build test test-race test-image test-network test-rollout test-deploy test-targets check lint bench tidy clean tools

help: ## Show this list
	@echo "Kit for Go. Start with \`make run\`."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: tmp/demo/demo ## Build the kit command, make an application with it, and serve that at http://localhost:8080
	@echo "Serving tmp/demo at http://localhost:$(PORT) (Ctrl-C stops it)"
	@cd tmp/demo && exec ./demo serve --port $(PORT)

# The demo is made anew when the kit command or its templates have changed.
tmp/demo/demo: bin/kit
	@rm -rf tmp/demo && mkdir -p tmp
	@cd tmp && ../bin/kit new demo --no-interaction --no-git
	@cd tmp/demo && ../../bin/kit build

build: bin/kit ## Build the kit command into bin/

bin/kit: $(SOURCES)
	@mkdir -p bin
	$(GO) build -o bin/kit ./cmd/kit

tools: ## Install what the tests need (on Debian, as root); elsewhere, say how
	@scripts/test-tools

test: tools ## Run all tests but those of the image
	$(GO) vet ./...
	$(GO) test -timeout 25m $$($(GO) list ./... | grep -v '/integration$$')
	$(GO) test -timeout 40m ./integration
	cd platforms && $(GO) test -count=1 -timeout 20m ./...

test-race: tools ## Run the tests of the framework with the race detector
	$(GO) test -race -shuffle=on $$($(GO) list ./... | grep -v -e /integration -e /internal/cli)

test-image: tools ## Build the image of a new application and run it in its roles
	@scripts/test-tools image
	$(GO) test -tags image -count=1 -timeout 25m -run TestImage -v ./integration

test-network: ## Cut networks between machines (Linux, as root)
	@scripts/test-tools network
	$(GO) test -tags network -count=1 -run TestTheNetwork -v ./integration

test-rollout: ## Follow the generated files of Compose and Kubernetes through an update (Linux, as root)
	@scripts/test-tools network
	cd platforms && $(GO) test -tags rollout -count=1 -timeout 15m -run TestRollout -v .

test-deploy: ## Deploy to a server with systemd and sshd in namespaces (Linux, as root)
	@scripts/test-tools deploy
	$(GO) test -tags deploy -count=1 -timeout 20m -run TestDeploy -v ./integration

test-targets: ## Build an application for each system and processor (minutes)
	$(GO) test -tags targets -count=1 -timeout 30m -run TestTargets -v ./internal/cli

check: ## What a commit must pass before the tests: format, vet, tidy modules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet -tags image,measure,network,deploy,targets ./...
	$(GO) mod tidy -diff
	cd benchmarks && $(GO) vet -tags measure ./... && $(GO) mod tidy -diff
	cd platforms && $(GO) vet -tags rollout ./... && $(GO) mod tidy -diff

lint: ## Run golangci-lint (downloads and compiles it the first time)
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run

bench: tools ## Run the benchmarks; docs/benchmarks.md says what they mean
	@scripts/test-tools bench
	$(GO) test -run '^$$' -bench . -benchmem ./web ./inertia ./schedule
	$(GO) test -tags measure -run TestMeasure -v -count=1 ./integration
	cd benchmarks && GOMAXPROCS=1 $(GO) test -run '^$$' -bench . -benchmem -count 6 ./web
	cd benchmarks && GOMAXPROCS=1 $(GO) test -run '^$$' -bench . -benchmem -count 6 ./pages
	cd benchmarks && $(GO) test -tags measure -run TestMeasure -v -count=1 ./pages
	cd benchmarks && $(GO) test -v -count=1 .
	cd benchmarks && $(GO) test -tags measure -run 'TestMeasure|TestContention' -v -count=1 -timeout 30m -benchtime 200ms ./data
	cd benchmarks && $(GO) test -tags measure -run TestMeasure -v -count=1 -timeout 30m ./schedule

tidy: ## Tidy the modules
	$(GO) mod tidy
	cd benchmarks && $(GO) mod tidy
	cd platforms && $(GO) mod tidy

clean: ## Remove what the targets above made
	rm -rf bin tmp
