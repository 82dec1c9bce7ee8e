# Glassworld's few commands. Every one can be run again at any time; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
BIN := $(VENV)/bin

# Two threads that share a core made torch seven times slower; batches are where the speed comes from.
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint types imports doctests units stress bench lab docs clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make the virtual environment (no root needed)

$(VENV)/.ready: pyproject.toml constraints.txt .ci/setup
	@bash .ci/setup $(PYTHON) $(VENV)
	@touch $@

demo: setup ## the whole way on real data, in minutes; results and report in demo/
	@$(BIN)/glassworld demo --out $(DEMO)

test: lint types imports doctests units ## everything that must hold: lint, types, import rules, gates, doc tests, tests

lint: setup ## style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup ## the strict type checker
	$(BIN)/mypy

imports: setup ## who may import whom
	$(BIN)/lint-imports --no-cache

doctests: setup ## the examples in docstrings and pages
	$(BIN)/pytest --doctest-modules --doctest-glob='*.md' worldmodel assistants reviewer policy docs

units: setup ## the tests and the gates of tests/project, on two processes
	$(BIN)/pytest -n 2 --dist worksteal

stress: setup ## the heavy batteries (long)
	HYPOTHESIS_PROFILE=stress $(BIN)/pytest -n 2 --dist worksteal -m stress --timeout 3600

bench: setup ## the benchmarks, side by side
	for name in us_macro posterior simulator training; do $(BIN)/python -m benchmarks.$$name || exit; done

lab: setup ## the notebooks, in JupyterLab
	$(BIN)/jupyter lab notebooks

docs: setup ## write the generated parts of the documentation
	$(BIN)/python .ci/generate_docs.py

clean: ## remove what these commands made, the virtual environment too
	rm -rf $(VENV) $(DEMO) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	find worldmodel assistants reviewer policy tests benchmarks .ci -name __pycache__ -prune -exec rm -rf {} +
