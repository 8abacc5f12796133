# Two commands on a fresh machine: `make demo` and `make test`.
# Needs Python 3.10 or newer (PYTHON=/path/to/python if `python3` is older).
# CHANNEL=conda-forge and GO=1.26 choose what the demo installs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lab hub labextension bench lint clean system-packages
.DELETE_ON_ERROR:

help:
	@echo 'make demo   a conda environment with Go, its kernel, and a notebook run on it'
	@echo 'make lab    JupyterLab with that notebook'
	@echo 'make hub    a JupyterHub on this machine, with two Go versions to choose from'
	@echo 'make labextension   the panel for JupyterLab and Notebook (needs Node.js, or installs it)'
	@echo 'make test   everything: packages, lint, types, tests'
	@echo 'make lint   ruff and mypy only'
	@echo 'make bench  how fast it is, against the budgets'
	@echo 'make clean  removes .venv, .demo and what tools left in this folder'

demo: $(VENV)/.installed-demo
	@$(BIN)/python -m tools.demo

lab: $(VENV)/.installed-demo
	@test -d $(VENV)/share/jupyter/kernels/go-demo \
	  || { echo 'make lab: the kernel is not installed yet; run: make demo' >&2; exit 1; }
	@test -d build/labextensions || echo 'The panel is not built yet: make labextension'
	JUPYTER_PATH="$(CURDIR)/build$${JUPYTER_PATH:+:$$JUPYTER_PATH}" $(BIN)/jupyter lab $(LAB_ARGS) examples/quickstart.ipynb

hub: $(VENV)/.installed-hub
	@$(BIN)/python -m tools.hub_demo

# First what is missing of the system: that is quickly said, installing takes its time.
test: system-packages $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m tools.labextension --test
	$(BIN)/pytest $(PYTEST_ARGS)

# Nothing is built where the sources are as they were.
labextension: $(VENV)/.installed-dev
	@$(BIN)/python -m tools.labextension

system-packages: $(VENV)/.made
	@$(BIN)/python -m tools.system_packages

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench $(BENCH_ARGS)

clean:
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
	rm -rf labextension/node_modules labextension/lib labextension/lib-test
	@echo 'Downloads stay in the dev cache ($$GOKERNEL_DEV_CACHE or ~/.cache/jupyter-gokernel-dev).'

# Stamps: what is installed is installed once for each pyproject.toml.
$(VENV)/.made:
	@command -v '$(PYTHON)' >/dev/null \
	  || { echo 'make: there is no $(PYTHON); install Python 3.10 or newer, or name it: PYTHON=/path/to/python' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo 'make: $(PYTHON) is older than Python 3.10; name a newer one: PYTHON=/path/to/python' >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo 'make: $(PYTHON) cannot make virtual environments (Debian: apt-get install python3-venv)' >&2; exit 1; }
	'$(PYTHON)' -m venv $(VENV)
	@# Older ones cannot install pyproject.toml projects in place.
	$(PIP_INSTALL) --upgrade 'pip>=23.1'
	@touch $@

$(VENV)/.installed-demo: pyproject.toml | $(VENV)/.made
	@echo 'Installing into $(VENV) (a minute or so, once)'
	$(PIP_INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.installed-hub: pyproject.toml | $(VENV)/.made
	@echo 'Installing into $(VENV) with JupyterHub (a minute or so, once)'
	$(PIP_INSTALL) --editable '.[demo,local-hub]'
	@touch $(VENV)/.installed-demo $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.made
	@echo 'Installing into $(VENV) with everything for development (a minute or two, once)'
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed-demo $(VENV)/.installed-hub $@
