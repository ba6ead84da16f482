# One file of commands. `make install` builds the environment in .venv, `make demo` and `make test` too.
# Variables: PYTHON (interpreter, 3.11 or later), CORES (for snakemake), WORKERS (for pytest),
# KERNELS (of OpenBLAS; its own choice is always tried too), STUDIES (files or folders).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# where it is set, each of the many processes of a run would compile the whole package anew
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(firstword $(foreach p,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
CORES ?= all
WORKERS ?= 2
PYTEST_ARGS ?=
STUDIES ?= tests
KERNELS ?= Haswell SkylakeX Prescott
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 # a worker of pytest each
NUMBERS := $(addprefix tests/,unit recovery property equivalence reference numeric)
SOURCES := mlm tests workflow benchmarks
SNAKEFILES := Snakefile workflow

# what runs, which may not be what was asked for
ARCHITECTURES := import numpy, scipy.linalg, threadpoolctl as t; \
	print(*{i.get('architecture', i['prefix']) for i in t.threadpool_info()})

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
RUNTIME := $(VENV)/.installed
DEVELOPER := $(VENV)/.installed-dev

# immutables has no wheel for Python 3.14; where nothing is compiled it takes its form in Python
PLAIN := $(shell $(PYTHON) -c 'import sys; sys.version_info < (3, 14) or print("CC=true LDSHARED=true")')
ifdef UV
install = $(PLAIN) "$(UV)" pip install --quiet --python $(BIN)/python --compile-bytecode $(1)
else
install = $(PLAIN) $(BIN)/python -m pip install --quiet $(1)
endif

.PHONY: help install demo test fast cost studies kernels lint format schemas bench lock clean distclean environment

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

install: $(RUNTIME) ## .venv with all that runs need, for surveys of one's own

demo: $(RUNTIME) ## run every survey in config/ and write results/index.html
	$(BIN)/python -m snakemake --cores $(CORES)
	@echo "The reports are listed in results/index.html; results/publish/ may be uploaded as it is"

test: lint ## all checks but the simulation studies (under ten minutes on two cores)
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not study" $(PYTEST_ARGS)

fast: $(DEVELOPER) ## the tests without slow ones, workflow and browser, in one process
	$(ONE_THREAD) $(BIN)/python -m pytest -p no:xdist -m "not slow" \
		--ignore=tests/workflow --ignore=tests/browser $(PYTEST_ARGS)

cost: $(DEVELOPER) ## CPU seconds of `make fast` by test file
	$(ONE_THREAD) $(BIN)/python benchmarks/fast_suite.py $(PYTEST_ARGS)

studies: $(DEVELOPER) ## the simulation studies, whole batteries, all drawn cases of laws; goes on
	@status=0; export $(ONE_THREAD); \
	$(BIN)/python -m pytest -q -n $(WORKERS) -m "hypothesis and not study" --hypothesis-profile=all $(PYTEST_ARGS) || status=1; \
	$(BIN)/python -m tests.studies --workers $(WORKERS) $(STUDIES) || status=1; \
	exit $$status

kernels: $(DEVELOPER) ## the tests of numbers with each of KERNELS: they say the same on every processor
	@for kernel in default $(KERNELS); do \
		unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE; \
		[ "$$kernel" = default ] || export OPENBLAS_CORETYPE="$$kernel"; \
		echo "kernel $$kernel: $$($(BIN)/python -c "$(ARCHITECTURES)")"; \
		$(ONE_THREAD) $(BIN)/python -m pytest -q -n $(WORKERS) -m "not study" $(NUMBERS) $(PYTEST_ARGS); \
	done

lint: $(DEVELOPER) ## style of Python and Snakemake code
	$(BIN)/ruff format --check $(wildcard $(SOURCES))
	$(BIN)/ruff check $(wildcard $(SOURCES))
	$(BIN)/snakefmt --check $(SNAKEFILES)
	$(BIN)/python workflow/lint.py

format: $(DEVELOPER) ## put the code into house style
	$(BIN)/ruff format $(wildcard $(SOURCES))
	$(BIN)/ruff check --fix $(wildcard $(SOURCES))
	$(BIN)/snakefmt $(SNAKEFILES)

schemas: $(RUNTIME) ## write the JSON Schemas of configurations, results and reports
	$(BIN)/python -m mlm schema > config/schema.json
	for name in results sampled residuals survey fit report; do \
		$(BIN)/python -m mlm schema $$name > docs/$$name.schema.json; \
	done

bench: $(DEVELOPER) ## measure the engine and the chain
	$(BIN)/python benchmarks/run.py

environment: $(DEVELOPER) ## build .venv with everything for development

lock: ## make the two lock files anew from pyproject.toml (needs uv)
	workflow/lock.sh

clean: ## remove results, logs and caches; keep .venv
	rm -rf results logs .snakemake .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf $(VENV)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later was not found: set PYTHON=/path/to/python3"; exit 2; }
	"$(PYTHON)" -m venv $(VENV)

$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	$(call install,--require-hashes -r requirements.lock)
	$(call install,--no-deps --no-build-isolation -e .)
	$(BIN)/python -m compileall -q mlm
	@touch $@

$(DEVELOPER): requirements-dev.lock $(RUNTIME)
	$(call install,--require-hashes -r requirements-dev.lock)
	@touch $@
