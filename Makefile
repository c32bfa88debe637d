# Two commands for a newcomer: `make demo` opens the reading room, `make test` runs all checks and tests.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
# Three workers for each of few processors, since tests with browsers and servers wait. Files stay together, for what their tests
# share, and in the order that tests/conftest.py gives them, lest a long one begin last.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$((n < 4 ? 3 * n : n)))
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PAGE := $(shell find web -type f -not -path '*/node_modules/*' 2>/dev/null)
OSTEON_TEST_DATA ?= ../shared/data
OSTEON_WEIGHTS ?= ../shared/weights
export OSTEON_TEST_DATA OSTEON_WEIGHTS
# Images for containers set it; each process would then compile what it imports anew, PyTorch for 20 seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo pacs-demo overlays test long coverage slow check lint page types fuzz containers cloud snapshots docs format clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.base  ## Set up and open the reading room with sample studies at http://127.0.0.1:8042
	@$(BIN)/osteon demo

pacs-demo: $(VENV)/.full $(VENV)/.debian  ## A PACS (Orthanc), the DICOM node and a sender on this machine: five studies go round
	@$(BIN)/python scripts/pacs_demo.py

overlays: $(VENV)/.base  ## Read the sample radiographs and write their overlays to demo-readings/
	@scripts/overlays $(BIN)/osteon

# Types are checked beside the tests, in time that tests with browsers and servers spend waiting.
test: lint $(VENV)/.debian  ## Set up with everything, then run all checks and the tests that are neither long nor slow
	@found=$$(mktemp); trap 'rm -f "$$found"' EXIT; $(BIN)/pyright >"$$found" 2>&1 & types=$$!; \
	  $(PYTEST) -m "not long and not slow" || { kill $$types 2>/dev/null; exit 1; }; wait $$types || { cat "$$found"; exit 1; }

long: $(VENV)/.full $(VENV)/.debian  ## The long tests: trainings from beginning to end, every architecture as a graph, thousands of hostile requests
	$(PYTEST) -m "long and not slow"

coverage: check $(VENV)/.debian  ## The same with coverage of lines and branches, checked against the floor in pyproject.toml
	$(PYTEST) -m "not slow" --cov --cov-report= --cov-fail-under=0
	$(BIN)/python scripts/check_coverage.py

slow: check $(VENV)/.debian  ## The slow tests: large networks, whole datasets, long runs
	$(BIN)/pytest -m slow

check: lint  ## Lint, types, import contracts, of Python and of the page
	$(BIN)/pyright

lint: $(VENV)/.full  ## The checks without Python's types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@scripts/page $(BIN)/python

page: $(VENV)/.full  ## Build the reading room's page into the package, after a change of web/
	$(UV) --no-deps --reinstall-package osteon --editable .

types: $(VENV)/.full  ## Write the page's types of the API anew, after a change of the API
	@scripts/page $(BIN)/python types

fuzz: $(VENV)/.full  ## Ten thousand changed images for the decoders, and as many sent to a real server over HTTP, DICOM and DICOMweb
	$(BIN)/python fuzz/load.py dicom --runs 10000
	$(BIN)/python fuzz/load.py raster --runs 10000
	$(BIN)/python fuzz/upload.py --runs 10000
	$(BIN)/python fuzz/dimse.py --runs 10000
	$(BIN)/python fuzz/stow.py --runs 10000

containers:  ## Build the image, start it with PostgreSQL and a proxy, check what it promises
	scripts/containers

cloud: | $(BIN)/uv  ## Boot a bare Debian with cloud/cloud-init.yaml, check what it promises (root; mmdebstrap, systemd-container)
	PATH="$(CURDIR)/$(BIN):$$PATH" scripts/cloud

snapshots: $(VENV)/.full  ## Write the numbers of all recipes down anew, after a change that is meant
	OSTEON_RENEW_SNAPSHOTS=1 $(BIN)/pytest -q tests/learning/test_snapshots.py

docs: $(VENV)/.full  ## Build the documentation into site/
	$(BIN)/sphinx-build -W -q docs site

format: $(VENV)/.full  ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was built, not the environment
	rm -rf .coverage .coverage.* site build dist demo-readings .pytest_cache .ruff_cache .import_linter_cache

$(BIN)/uv:
	@scripts/venv $(VENV)

$(VENV)/.base: pyproject.toml hatch_build.py $(PAGE) | $(BIN)/uv
	$(UV) --editable '.[serve]'
	@touch $@

$(VENV)/.full: pyproject.toml $(VENV)/.base
	$(UV) --editable '.[all,cluster,postgres]' --group test --group check --group docs
	@touch $@

$(VENV)/.debian: | $(BIN)/uv
	@scripts/debian dcmtk dcm2pnm
	@scripts/debian postgresql /usr/lib/postgresql/*/bin/initdb
	@scripts/debian chromium chromium
	@scripts/debian chromium-headless-shell chromium-headless-shell || true  # lighter; not every release has it
	@scripts/debian orthanc-dicomweb Orthanc
	@touch $@
