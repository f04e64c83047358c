# The two commands of the README are `make run` and `make test`; each sets up what it needs in .venv.
# slicer-core is published for these versions; the first that runs is taken (a version manager's stub may not)
SUITS = -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))'
PYTHON ?= $(shell for name in python3.12 python3.11 python3; do $$name $(SUITS) 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := .[test,lint]

.PHONY: run test test-slicer screenshots lint bench format clean

run: $(VENV)/ready
	@$(BIN)/python Testing/demo/run.py

test: $(VENV)/ready
	@$(BIN)/python -m pytest $(ARGS)

test-slicer:
	@$(PYTHON) Testing/in_slicer/run.py $(SLICER)

screenshots: $(VENV)/ready
	@$(BIN)/python Testing/in_slicer/screenshots.py $(SLICER)

lint: $(VENV)/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/ready
	@$(BIN)/python Testing/measure/bench.py

format: $(VENV)/ready
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) run build

$(VENV)/ready: pyproject.toml
	@$(or $(PYTHON),false) $(SUITS) 2>/dev/null || \
		{ echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.12"; exit 2; }
	@echo "Setting up $(VENV) with $(PYTHON): about 1 GB, a few minutes the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(EXTRAS)'
	@touch $@
