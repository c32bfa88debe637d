# Two commands for a newcomer: `make demo` reads sample radiographs, `make test` runs all checks and tests.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
OSTEON_TEST_DATA ?= ../shared/data
OSTEON_WEIGHTS ?= ../shared/weights
export OSTEON_TEST_DATA OSTEON_WEIGHTS

.PHONY: help demo test slow check snapshots docs format clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: $(VENV)/.base  ## Set up, read the sample radiographs and write their overlays to demo-readings/
	@scripts/demo $(BIN)/osteon

test: check $(VENV)/.dcmtk  ## Set up with everything, then run all checks and the tests that are not slow
	$(BIN)/pytest -m "not slow"

slow: check $(VENV)/.dcmtk  ## The slow tests: large networks, whole datasets, long runs
	$(BIN)/pytest -m slow

check: $(VENV)/.full  ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

snapshots: $(VENV)/.full  ## Write the numbers of all recipes down anew, after a change that is meant
	OSTEON_RENEW_SNAPSHOTS=1 $(BIN)/pytest -q tests/learning/test_snapshots.py

docs: $(VENV)/.full  ## Build the documentation into site/
	$(BIN)/sphinx-build -W -q docs site

format: $(VENV)/.full  ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was built, not the environment
	rm -rf site build dist demo-readings .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/uv:
	@scripts/venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/uv
	$(UV) --editable .
	@touch $@

$(VENV)/.full: pyproject.toml $(VENV)/.base
	$(UV) --editable '.[all,cluster]' --group test --group check --group docs
	@touch $@

$(VENV)/.dcmtk: | $(BIN)/uv
	@scripts/debian dcmtk dcm2pnm
	@touch $@
