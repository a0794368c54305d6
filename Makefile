# make demo   the whole workflow against a demo service on this machine
# make test   every test, with real servers on loopback
# make check  style, types
# Neither of them asks a question. What is missing is named with the command that mends it.

VENV := .venv
PY := $(VENV)/bin/python
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
ROOMS := cli graph nodes tools reporting planning analysis prompts domain demo
PIP := $(PY) -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-long check types schemas lock clean

demo: $(VENV)/.runtime
	$(VENV)/bin/perfpilot demo

test: $(VENV)/.dev
	$(PY) tests/bring_up.py
	$(PY) -m pytest -m "not long"

test-long: $(VENV)/.dev
	$(PY) tests/bring_up.py
	$(PY) -m pytest -m long

check: $(VENV)/.dev types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

# Type checkers do not follow the import hook of an editable install: give them the package as links.
types: $(VENV)/.dev
	@rm -rf build/types && mkdir -p build/types/perfpilot
	@ln -s $(CURDIR)/src/perfpilot/* $(foreach room,$(ROOMS),$(CURDIR)/$(room)) build/types/perfpilot/
	MYPYPATH=build/types $(VENV)/bin/mypy

# docs/schemas/*.json, from the models; a test holds that they are current.
schemas: $(VENV)/.runtime
	$(PY) docs/schemas/write.py

# The locks hold hashes and no index address.
lock:
	uv pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements.lock
	uv pip compile pyproject.toml -q --universal --python-version 3.11 --extra studio --group dev \
		-c requirements.lock --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-dev.lock

clean:
	rm -rf $(VENV) build runs

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "perfpilot needs Python 3.11 to 3.13: sudo apt-get install -y python3 python3-venv"; exit 4; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python can't make an environment: sudo apt-get install -y python3-venv"; exit 4; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "installing what perfpilot needs into $(VENV) (once)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --require-hashes -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "installing what the tests need into $(VENV) (once)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
