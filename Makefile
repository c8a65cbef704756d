# `make run` shows a living hall, `make test` runs all tests. Both first set up what they need, on any machine
# with Python 3.11 or newer, and do not set up again what is there. `make help` lists the rest.

PYTHON ?= python3
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/pip -qq --disable-pip-version-check
ASSETS := vikno/display/static/vendor/VERSIONS.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test setup bench lint soak lock wheel clean programs

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

run: .venv/run.stamp $(ASSETS) .venv/compiled.stamp ## a live hall with a simulated public; options: make run ARGS="--speed 60"
	@tools/debian.sh run || echo "Going on without a voice: calls are shown, not spoken."
	@$(BIN)/vikno demo examples/wola.toml $(ARGS)

test: programs setup ## all tests but the long ones; options: make test ARGS="-k journal"
	$(BIN)/pytest --numprocesses 2 --dist worksteal $(ARGS)

setup: .venv/dev.stamp $(ASSETS) .venv/compiled.stamp ## only set up: .venv and the pages' parts

bench: setup ## the benchmarks
	$(BIN)/python -m benchmarks $(ARGS)

lint: setup ## linters, formatter, types, and what old browsers can read
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m tools.check_old_browsers

soak: programs setup ## the long tests, for hours
	$(BIN)/pytest -m soak --timeout 0 $(ARGS)

wheel: setup ## build the wheel into dist/, with the pages' parts in it
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## remove what tests and builds leave; the set-up (.venv, node_modules) stays
	rm -rf build dist test-results .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis
	rm -f .venv/compiled.stamp
	find benchmarks examples tests tools vikno -type d -name __pycache__ -prune -exec rm -rf {} +

# --- set-up: each step leaves a stamp and runs again when what it was made from changes ---

programs:
	@tools/debian.sh test

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Vikno needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python" >&2; exit 1; }
	@PYTHON=$(PYTHON) tools/debian.sh venv
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/pip
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/run.stamp
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Compiled once, both at a time in half a minute, so that nobody waits for it at the first simulated day, or the
# first roster.
.venv/compiled.stamp: $(wildcard vikno/simulation/fastforward/*.py vikno/scheduler/roster/search/*.py) .venv/run.stamp
	$(BIN)/python -m vikno.scheduler.roster.search & roster=$$!; \
		$(BIN)/python -m vikno.simulation.fastforward && wait $$roster
	@touch $@

$(ASSETS): package-lock.json tools/fetch_assets.py tools/node.py | .venv/run.stamp
	$(BIN)/python -m tools.fetch_assets

# --- pins: exact versions with hashes, for every Python from 3.11 on, and no address of any registry ---

UV_COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

lock: setup ## pin the newest versions that pyproject.toml and package.json allow
	$(UV_COMPILE) --group build pyproject.toml --output-file requirements/run.txt
	$(UV_COMPILE) --group dev --all-extras pyproject.toml --constraints requirements/run.txt --output-file requirements/dev.txt
	$(UV_COMPILE) --group node --output-file requirements/node.txt
	$(BIN)/python -m tools.node npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
