# Everything a newcomer types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CARGO ?= cargo
export PATH := $(PATH):/usr/sbin:/sbin
SEEDS ?= 2000
FROM ?= 1

.PHONY: help demo test test-rust packages bench bench-evidence sim lint docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

demo: ## build Ripcord and watch it ship a good release and pull a bad one, on this machine (2 minutes after building)
	$(CARGO) build --release --locked -p ripcord
	./target/release/ripcord demo

test: packages test-rust ## install what the tests need, then run all of them
	$(CARGO) run --locked -q -p ripcord-testkit --bin ripcord-sim -- --seeds 500

test-rust:
	$(CARGO) build --locked --workspace --bins
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --locked --workspace --all-features $(if $(CI),--profile ci,); \
	else \
		$(CARGO) test --locked --workspace --all-features; \
	fi

packages: ## Debian packages the tests use as real servers: nginx, postgresql, prometheus, alertmanager, chromium; npm packages of the browser's and the flags' tests
	@./tools/packages nginx:nginx postgresql:pg_createcluster prometheus:prometheus prometheus-alertmanager:prometheus-alertmanager python3-minimal:python3 chromium:chromium nodejs:node
	@command -v npm >/dev/null || ./tools/packages npm:npm
	@cd crates/cli/tests/browser && npm ci --silent
	@cd crates/cli/tests/openfeature && npm ci --silent

bench: ## measure every bound; a table, and JSON under target/bench/
	@./tools/packages nginx:nginx
	$(CARGO) build --release --locked -p ripcord -p ripcord-bench
	./target/release/ripcord-bench

bench-evidence: ## every bound on evidence, against other tools' rules too; QUICK=1 for a minute, else half an hour
	$(CARGO) build --release --locked -p ripcord-bench --bin ripcord-bench-evidence
	./target/release/ripcord-bench-evidence $(if $(QUICK),--quick,) $(if $(FRESH),--fresh,)

sim: ## SEEDS=2000 FROM=1: simulated releases through crashes and faults
	$(CARGO) run --release --locked -q -p ripcord-testkit --bin ripcord-sim -- --seeds $(SEEDS) --from $(FROM)

lint: ## formatting, clippy, and cargo-deny when it is installed
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets --all-features -- -D warnings
	@if command -v cargo-deny >/dev/null; then $(CARGO) deny check; else echo "cargo-deny is not installed: skipped"; fi

docs: ## rewrite what is generated: schemas, goldens, command reference
	UPDATE=1 $(CARGO) nextest run --locked -p ripcord-model -p ripcord-testkit -E 'test(schema) | test(golden) | test(scenarios)'
	UPDATE=1 $(CARGO) nextest run --locked -p ripcord -E 'binary(reference)'

clean: ## remove what was built
	$(CARGO) clean
