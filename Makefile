# run · test · check · gen · e2e · bench · fuzz · audit · sbom. `make help` lists them.
LISTEN ?= 127.0.0.1:8080
DATA ?= data/demo
CARGO ?= cargo
HUZHU = $(or $(CARGO_TARGET_DIR),target)/debug/huzhu
export CARGO_TERM_PROGRESS_WHEN = never

.DEFAULT_GOAL := help
.PHONY: help setup build build-tests run test check gen e2e bench fuzz audit sbom web nextest unit integration-sqlite integration-postgres test-web

help: ## What there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 22

setup:
	@scripts/setup.sh build

web: setup
	@cd web && npm run --silent build

build: web ## Build the one binary with the web application inside
	$(CARGO) build -p huzhu

# One selection of packages for all of the tests: another one would choose other features of the dependencies, and compile
# all of them anew. The binary is among it.
build-tests: web nextest
	$(CARGO) nextest run --workspace --no-run

run: build ## Serve a demonstration; LISTEN=127.0.0.1:8080 DATA=data/demo
	@mkdir -p $(DATA)
	$(HUZHU) demo --data-dir $(DATA) --listen $(LISTEN)

setup-test:
	@scripts/setup.sh test

nextest:
	@command -v cargo-nextest >/dev/null || $(CARGO) install --locked --quiet cargo-nextest

# clippy-driver is rustc with lints: the tests are built by it, so that no second pass compiles every dependency anew for the lints alone.
test: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test: export CLIPPY_ARGS = -D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
test: setup-test nextest build-tests check unit integration-sqlite integration-postgres test-web e2e audit ## Everything CI wants; installs what it needs
	@echo "make test: all green"

check: build-tests ## Formatting, lints, types, fresh generated files
	$(CARGO) fmt --all --check
	$(if $(RUSTC_WORKSPACE_WRAPPER),$(CARGO) build --workspace --benches --quiet,$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings)
	@cd web && npm run --silent lint && npm run --silent typecheck
	@scripts/gen.sh check

unit: nextest
	$(CARGO) nextest run --workspace -E 'not package(huzhu)'

integration-sqlite: nextest
	$(CARGO) nextest run --workspace -E 'package(huzhu)'

integration-postgres: nextest
	scripts/with-postgres.sh $(CARGO) nextest run --workspace -E 'package(huzhu) and not test(/^(openapi|tidy|crash|hostile|restart|traces)::/)'

test-web: setup
	@cd web && npm test --silent

e2e: setup-test build-tests ## Stories in Chromium; GREP='words of a title' runs single ones
	@cd e2e && npx playwright test $(if $(GREP),--grep "$(GREP)")

gen: build ## Generate docs/openapi.json, docs/workflow.md and web/src/api/schema.ts
	@scripts/gen.sh write

bench: setup-test ## What it costs, against floors of the same run, on both databases; QUICK=1 for a look, MEMBERS= CASES= for size
	@scripts/bench.sh
	$(if $(QUICK),,$(CARGO) bench -p huzhu-domain && $(CARGO) bench -p huzhu)

fuzz: ## Search for bytes that break what must hold: MINUTES=10 each of pictures, sheets, plans, ID numbers
	@scripts/fuzz.sh

sbom: setup ## What the program is made of, as CycloneDX in sbom/
	@scripts/sbom.sh

audit: ## Licences, sources, bans and (where its database can be reached) advisories
	@scripts/audit.sh
