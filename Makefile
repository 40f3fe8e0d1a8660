# make demo          sets everything up, then shows the bot at work on mail servers of its own
# make demo SERVE=1  the same, and keeps the servers up for a mail client
# make test          sets everything up, then runs all checks and tests
# make bench         measures how fast mails are classified and handled
# make lock          renews the lists of pinned packages
# make clean         removes what these made

PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: demo test bench lock clean

demo: .venv/demo
	@$(BIN)/python -m bot demo $(if $(SERVE),--serve)

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest

bench: .venv/test
	@$(BIN)/python -m tests.bench

.venv/demo: requirements.lock
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or newer with venv is needed, and $(PYTHON) is not: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; \
		exit 1; }
	@echo 'Setting up .venv: this takes a minute or two, once.'
	@$(PYTHON) -m venv .venv
	@$(INSTALL) -r requirements.lock
	@touch $@

.venv/test: .venv/demo requirements-dev.lock
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

lock: .venv/test
	$(BIN)/python -m pip install --quiet pip-tools
	$(COMPILE) --extra demo --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra demo --extra train --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache data/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
