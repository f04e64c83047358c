# The two commands of the README are `make run` and `make test`; each sets up what it needs in .venv.
PYTHON ?= $(firstword $(foreach name,python3.12 python3.11 python3,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := .[test,lint]

.PHONY: run test lint bench format clean

run: $(VENV)/ready
	@$(BIN)/python Testing/demo/run.py

test: $(VENV)/ready
	@$(BIN)/python -m pytest $(ARGS)

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
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed and was not found (make PYTHON=/path/to/python3.12)"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' || \
		{ echo "$(PYTHON) is not Python 3.11 or 3.12, for which slicer-core is published (make PYTHON=/path/to/python3.12)"; exit 2; }
	@echo "Setting up $(VENV) with $(PYTHON): about 1 GB, a few minutes the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(EXTRAS)'
	@touch $@
