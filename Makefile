# Glassworld's few commands. Every one can be run again at any time; `make` alone lists them.
PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo
NETWORKS ?= build/networks
FUZZ ?= 150000
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
	@bash .ci/browser
	$(BIN)/pytest -n 2 --dist worksteal

stress: setup $(NETWORKS)/.ready ## the heavy batteries (long), the fuzzer among them
	PYTHONPATH=$(NETWORKS) HYPOTHESIS_PROFILE=stress $(BIN)/pytest -n 2 --dist worksteal -m stress --timeout 3600
	$(BIN)/python -m pip install --quiet --no-deps atheris==3.0.0
	for target in law expression formula unit intervention toml world; do \
		$(BIN)/python -m benchmarks.fuzz $$target --runs $(FUZZ) || exit; done

bench: setup $(NETWORKS)/.ready ## the benchmarks, side by side
	for name in us_macro posterior simulator training kernel startup signatures shallow_lake influenza rossi machine; do \
		$(BIN)/python -m benchmarks.$$name || exit; done
	PYTHONPATH=$(NETWORKS) $(BIN)/python -m benchmarks.exact

$(NETWORKS)/.ready: $(VENV)/.ready # pgmpy and its networks, beside the environment: peers, and no dependency
	$(BIN)/python -m pip install --quiet --no-deps --target $(NETWORKS) pgmpy==1.0.0 scikit-learn==1.9.1 joblib==1.6.0 \
		threadpoolctl==3.8.0 tqdm==4.70.1 opt_einsum==3.4.0
	@touch $@

lab: setup ## the notebooks, in JupyterLab
	$(BIN)/jupyter lab notebooks

docs: setup ## write the generated parts of the documentation
	$(BIN)/python .ci/generate_docs.py

clean: ## remove what these commands made, the virtual environment too
	rm -rf $(VENV) $(DEMO) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	find worldmodel assistants reviewer policy tests benchmarks .ci -name __pycache__ -prune -exec rm -rf {} +
