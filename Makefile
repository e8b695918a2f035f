# `make report` runs the pipeline on the bundled example; `make test` runs the tests.
# Both set up .venv the first time and skip that afterwards.

PYTHON ?= python3
RAW ?= data/raw/example
OUT ?= data/processed
BIN := .venv/bin

.PHONY: report test clean

report: .venv/.installed
	@$(BIN)/reckons run $(RAW) --out $(OUT)
	@echo "$(OUT)/html/index.html"

test: .venv/.installed-test
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/.installed-test: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch .venv/.installed $@

clean:
	rm -rf .venv
