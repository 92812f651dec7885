# Everything a newcomer needs: `make demo` and `make test`. Both install what is missing first.

PYTHON ?= $(firstword $(foreach name,python3.12 python3.11 python3.13 python3.14 python3,\
	$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCK := $(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' --quiet $(if $(UPGRADE),--upgrade)
NPM := $(shell command -v npm 2>/dev/null)
MINUTES ?= 2

.DEFAULT_GOAL := help
.PHONY: help install install-dev assets demo demo-reset demo-wizard test check bench prove soak lock clean
.DELETE_ON_ERROR:

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Installing: each step leaves a stamp inside the folder it fills, so removing the folder repeats the step.

install: $(VENV)/.project assets  ## Install Concord and what it needs to run, into .venv

install-dev: $(VENV)/.dev install  ## Install what the tests and checks need besides

assets: static/vendor/.stamp  ## Fetch the front-end files into static/vendor

$(VENV)/.python:
	@test -n '$(PYTHON)' && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Concord needs Python 3.11 or newer; found: '"$$(python3 --version 2>&1 || true)"'.'; \
	  echo 'Install one, or name it: make install PYTHON=/path/to/python3.12'; exit 1; }
	@echo '  Making $(VENV) with '"$$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo 'This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.lock | $(VENV)/.python
	@echo '  Installing the libraries (once; a minute or two on a slow line)'
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/.python
	@echo '  Installing the tools for tests and checks (once)'
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

static/vendor/.stamp: package.json package-lock.json $(if $(NPM),,$(VENV)/.npm)
	@echo '  Fetching the front-end files'
	@$(or $(NPM),$(BIN)/npm) ci --silent
	@mkdir -p static/vendor
	@cp node_modules/htmx.org/dist/htmx.min.js static/vendor/htmx.min.js
	@touch $@

$(VENV)/.npm: requirements-assets.lock | $(VENV)/.python
	@echo '  This machine has no npm: installing one into $(VENV)'
	@$(PIP) install --require-hashes -r requirements-assets.lock
	@touch $@

## Running

demo: install  ## Start both sandboxes and Concord between them, connected; Ctrl-C stops all
	@$(BIN)/concord demo

demo-reset: install  ## Forget the demo's data and start it from the beginning
	@$(BIN)/concord demo --reset

demo-wizard: install  ## Start the demo with nothing connected, to walk through the setup
	@$(BIN)/concord demo --wizard

## Checking

test: check  ## Run every check and every test
	@$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder $(ARGS)

check: install-dev  ## Lint, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install-dev  ## Measure the engine and count the requests to both systems
	@missed=0; for what in engine api; do $(BIN)/concord bench $$what || missed=1; done; exit $$missed

prove: install-dev  ## Check the guarantees: laws, search, histories, crash points, planted bugs, hostile input (PROVE_BUDGET=nightly goes far)
	@$(BIN)/python -m tests.proofs

soak: install-dev  ## Real processes under load, killed at random (MINUTES=2)
	@$(BIN)/python -m tests.proofs.soak --minutes $(MINUTES)

lock: install-dev  ## Write the lock files anew after a change of pyproject.toml (UPGRADE=1 for the newest versions)
	@$(LOCK) pyproject.toml --group build -o requirements.lock
	@$(LOCK) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --group pyproject.toml:assets -o requirements-assets.lock
	@npm install --package-lock-only --silent

clean:  ## Remove what make has installed; local data in .concord stays
	@rm -rf $(VENV) node_modules static/vendor
