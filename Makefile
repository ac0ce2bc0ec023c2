# Two commands do all set-up: `make run` (the shop, watched) and `make test` (everything CI needs).
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGE := src/vedette/ui/static/index.html
DATA ?= ../shared/data
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup run test page-test kernels lint format bench bench-path bench-floors page e2e-setup lock clean
help:           ## show this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/.ready $(PAGE)   ## make the environment, build the page when Node.js is there

$(VENV)/.ready: requirements.lock pyproject.toml
	@bash scripts/make-venv.sh $(PYTHON) $(VENV)
	@touch $@

page:           ## build the page again
	@bash scripts/build-page.sh

$(PAGE): $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
	@bash scripts/build-page.sh

run: setup kernels   ## watch the bundled shop: server, shop, traffic, an attack; page on loopback
	@$(BIN)/vedette demo $(ARGS)

# Files go whole to one of two processes, so that what a module builds is built once; those with the longest tests go
# first. Bytecode is kept, as the tests start some hundred processes.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup e2e-setup   ## lint, types, import contract, unit to end-to-end tests
	@$(MAKE) --no-print-directory --jobs 3 --output-sync=target lint page-test kernels
ifeq ($(ARGS),)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(addprefix tests/,scenario contract property unit)
	VEDETTE_REQUIRE_E2E=1 $(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/interop tests/e2e
else
	VEDETTE_REQUIRE_E2E=1 $(BIN)/python -m pytest $(ARGS)
endif

page-test:      ## check and test the page's own source
	@bash scripts/test-page.sh

kernels: $(VENV)/.ready         ## compile all kernels, once for all processes
	@$(BIN)/python scripts/compile_kernels.py

e2e-setup:      ## Chromium and Alertmanager for the tests with real components
	@bash scripts/install-test-tools.sh

lint: $(VENV)/.ready   ## ruff, mypy strict, import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.ready ## format and sort
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup    ## every benchmark, one JSON line each
	@$(BIN)/python -m bench all --data $(DATA)

bench-path: setup      ## JSON log events a CPU-second through the whole path, beside the per-event chain
	@$(BIN)/python -m bench path

bench-floors: setup    ## the scoreboard's figures against what each has to keep; exit code 1 where one slipped
	@$(BIN)/python -m bench floors --data $(DATA)

lock:           ## pin all dependencies with hashes again
	@bash scripts/lock.sh $(BIN)

clean:          ## remove what was built
	rm -rf $(VENV) .build src/vedette/ui/static web/node_modules
