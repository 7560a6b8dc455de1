# Every habit of this house has a verb. CI runs the same ones (.ci/run).
#
# The first verb that needs it makes .venv from the hash-pinned requirement files: with uv when that is on the
# PATH, otherwise with Python's own venv and pip. Nothing is fetched again until those files change.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin

# How many tests run at the same time. Every pytest process starts its own Temporal server, so more than
# the machine has cores only makes tests slow enough to meet their time limit.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
# Arguments for pytest, such as ARGS="-k lead -x".
ARGS ?=
# pytest's exit code 5 says that a selection is empty, which is no failure of a verb that selects.
OR_NONE := || test $$? -eq 5

# The key is made of contents, not of times: a checkout or a touch installs nothing again.
STAMP := $(VENV)/.installed-$(shell cat pyproject.toml requirements/dev.txt 2>/dev/null | cksum | tr ' ' '-')

.PHONY: help
help: ## List the verbs
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: install
install: $(STAMP) ## Make .venv with the partnerflow command and every tool

# PYTHON=… chooses the interpreter. Trying each one matters: a version manager's shim exists for
# versions that are not there.
$(STAMP):
	@set -e; \
	rm -f $(VENV)/.installed-*; \
	python=""; \
	if [ ! -x $(BIN)/python ]; then \
	  for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      python="$$candidate"; break; \
	    fi; \
	  done; \
	  if [ -z "$$python" ]; then \
	    echo "partnerflow needs Python 3.11 or newer, and none of $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python) is one. Install Python, or name one: make install PYTHON=/path/to/python" >&2; \
	    exit 1; \
	  fi; \
	fi; \
	if command -v uv >/dev/null 2>&1; then \
	  if [ -n "$$python" ]; then \
	    uv venv --quiet --clear --python "$$(command -v "$$python")" --no-python-downloads $(VENV); \
	  fi; \
	  echo "Installing the requirements with uv …"; \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt; \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  if [ -n "$$python" ]; then \
	    if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	      version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	      echo "$$python cannot make virtual environments: its module venv or ensurepip is missing. On Debian and Ubuntu install the package python$$version-venv; or put uv on the PATH, which needs neither." >&2; \
	      exit 1; \
	    fi; \
	    "$$python" -m venv --clear $(VENV); \
	  fi; \
	  if ! $(BIN)/python -c 'import pip' >/dev/null 2>&1; then \
	    $(BIN)/python -m ensurepip >/dev/null || { \
	      echo "$(VENV) has no pip (uv made it, and uv is no longer on the PATH). Remove $(VENV) and run make install again." >&2; \
	      exit 1; }; \
	  fi; \
	  echo "Installing the requirements with pip …"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi; \
	touch $@; \
	echo "$(BIN)/partnerflow is ready."

.PHONY: up
up: install ## Start everything embedded: Temporal, its UI, worker, portal
	@$(BIN)/partnerflow up

.PHONY: demo
demo: install ## Play a whole season in two minutes; ARGS=elite plays an elite season
	@$(BIN)/partnerflow demo $(ARGS)

.PHONY: test
test: install ## Run the tests; what the machine cannot run is skipped and says why
	$(PYTEST) -m "not slow and not faults" $(ARGS)

.PHONY: test-postgres
test-postgres: install ## Run every test that uses the database again, on PostgreSQL
	PARTNERFLOW_TEST_DATABASE=postgres $(PYTEST) -m "not slow and not browser and not faults" $(ARGS) $(OR_NONE)

.PHONY: test-browser
test-browser: install ## Run the tests in a real browser alone
	$(PYTEST) -m browser $(ARGS) $(OR_NONE)

.PHONY: test-faults
test-faults: install ## Run the tests that kill workers and stop servers
	$(PYTEST) -m faults $(ARGS) $(OR_NONE)

.PHONY: test-slow
test-slow: install ## Run the other tests that take longer than half a minute
	$(PYTEST) -m "slow and not faults" $(ARGS) $(OR_NONE)

.PHONY: lint
lint: install ## Check style, types and the directions of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

.PHONY: format
format: install ## Put code into the house's format
	$(BIN)/ruff check --fix --exit-zero --quiet .
	$(BIN)/ruff format .

.PHONY: bench
bench: bench-imports bench-rehearsal bench-adjustment bench-size bench-budget ## Measure everything in docs/bench: two hours

.PHONY: bench-budget
bench-budget: install ## Measure a process against the bars of the performance budget; ARGS=2 for two rounds
	$(BIN)/python -m bench $(ARGS)

.PHONY: bench-size
bench-size: install ## Ten thousand open leads on one stack: half an hour
	$(BIN)/python -m bench.size

.PHONY: bench-adjustment
bench-adjustment: install ## An adjustment of twenty thousand partners
	$(BIN)/python -m bench.adjustment

.PHONY: bench-rehearsal
bench-rehearsal: install ## A rehearsed half-year of 100 and of 300 partners
	$(BIN)/python -m bench.rehearsal

.PHONY: bench-imports
bench-imports: install ## Importing MRR against plain inserts
	$(BIN)/python -m bench.imports

.PHONY: docs
docs: install ## Write every generated page and document again
	$(BIN)/python -m docs.generate

.PHONY: diagrams
diagrams: install ## Write the lifecycles' pages with their diagrams again
	$(BIN)/python -m docs.generate docs/lifecycles

# The custom command keeps the header the same on every machine, and no index is named anywhere in the files.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml

.PHONY: screenshots
screenshots: install ## Take the handbook's pictures again, from the real Web UI
	$(BIN)/python -m docs.screenshots
	$(BIN)/python -m docs.partner_screenshots
	$(BIN)/python -m docs.adjustment_screenshots
	$(BIN)/python -m docs.elite_screenshots
	$(BIN)/python -m docs.report_screenshots

.PHONY: lock
lock: install ## Pin the requirements again; UPGRADE=1 takes newer versions
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra embedded --output-file requirements/run.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt

.PHONY: clean
clean: ## Remove what tools left behind; .venv stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +
