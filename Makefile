# An index of what can be done here: each line is a command or a script.
# Arguments: make serve ARGS='--addr localhost:9000', make test SEED=7,
# make fuzz FUZZTIME=10m, make bench ARGS='-rounds 9'.

.DEFAULT_GOAL := help
.PHONY: help serve build edge edge-serve unit test soak bench lint fuzz go tools

SEED ?= 0
FUZZTIME ?= 1m
WRANGLER := server/edge/worker/node_modules/.package-lock.json

help: ## list what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

serve: tools ## build, serve with demo pages, and again after every change
	@exec .cache/bin/dev $(ARGS)

build: go ## build bin/partline, with everything in it
	go run -trimpath ./web/cmd/wasm -brotli 11
	go build -trimpath -ldflags='-s -w' -o bin/partline ./server/cmd/partline

edge: go ## build the Workers of the edge into bin/edge; fails if one is too large
	go run -trimpath ./web/cmd/wasm -brotli 11
	go run -trimpath ./server/edge/cmd/edge build $(ARGS)

edge-serve: go $(WRANGLER) ## build the Workers, and run them here with demo pages
	go run -trimpath ./web/cmd/wasm -brotli 5
	@mkdir -p .cache/bin && go build -trimpath -o .cache/bin/edge ./server/edge/cmd/edge
	.cache/bin/edge build
	@exec .cache/bin/edge serve $(ARGS)

unit: tools ## run the tests that need no browser
	@exec .cache/bin/check unit -seed $(SEED)

test: tools ## install what is missing, build, and run every test once
	@exec .cache/bin/check test -seed $(SEED)

soak: tools ## run every test in full; takes hours
	@exec .cache/bin/check soak -seed $(SEED)

bench: go ## measure deliveries, CPU and memory beside a bare write loop and peers
	cd bench && GOWORK=off go run . $(ARGS)
	go test -run='^$$' -bench=. -benchmem ./server/... ./shared/...

lint: tools ## run gofmt, go vet, golangci-lint and govulncheck
	@exec .cache/bin/check lint

fuzz: tools ## run every fuzz target for FUZZTIME, a minute each
	@exec .cache/bin/check fuzz -fuzztime $(FUZZTIME)

go:
	@.ci/need-go

# npm writes the file at the end.
$(WRANGLER): server/edge/worker/package-lock.json
	npm ci --prefix server/edge/worker --ignore-scripts --no-audit --no-fund
	@touch $@

tools: go
	@test -x .cache/bin/check || echo 'building what make runs'
	@mkdir -p .cache/bin && go build -trimpath -o .cache/bin ./internal/cmd/check ./internal/cmd/dev
