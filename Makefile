# The two commands of the README are `make run` and `make test`; each sets up what it needs in .venv.
# slicer-core is published for these versions; the first that runs is taken (a version manager's stub may not)
SUITS = -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))'
PYTHON ?= $(shell for name in python3.12 python3.11 python3; do $$name $(SUITS) 2>/dev/null && echo $$name && break; done)
# another version of Slicer's libraries than pyproject.toml names, such as 5.13.31053.0, gets an environment of its own
SLICER_CORE ?=
VENV := .venv$(addprefix -,$(SLICER_CORE))
BIN := $(VENV)/bin
# processes that tests run in; 0 for this one alone
WORKERS ?= 2
# the tests of a file in one of them: what they share is made once
PARALLEL = -n $(WORKERS) --dist loadfile
EXTRAS := .[test,lint]

.PHONY: run test coverage test-slicer screenshots lint bench docs format clean

run: $(VENV)/ready
	@$(BIN)/python Testing/demo/run.py

test: $(VENV)/ready
	@$(if $(ARGS),,$(BIN)/python Testing/in_slicer/run.py --if-there $(SLICER))
	@$(BIN)/python -m pytest $(PARALLEL) $(ARGS)

coverage: $(VENV)/ready
	@$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report= $(ARGS)
	@$(BIN)/python Testing/coverage_floors.py

test-slicer:
	@$(PYTHON) Testing/in_slicer/run.py $(SLICER)

screenshots: $(VENV)/ready
	@$(BIN)/python Testing/in_slicer/screenshots.py $(SLICER)

lint: $(VENV)/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@if command -v actionlint >/dev/null; then actionlint; else echo "No actionlint: GitHub checks the workflows"; fi

bench: $(VENV)/ready
	@$(BIN)/python Testing/measure/bench.py

docs: $(VENV)/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	@$(BIN)/python Testing/command_reference.py
	@$(BIN)/python Testing/boutiques.py
	@$(BIN)/mkdocs build --strict --quiet
	@$(BIN)/codespell README.md CHANGELOG.md CONTRIBUTING.md Documentation
	@echo "Written to build/site: open build/site/index.html"

format: $(VENV)/ready
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) run build

$(VENV)/ready: pyproject.toml
	@$(or $(PYTHON),false) $(SUITS) 2>/dev/null || \
		{ echo "Python 3.11 or 3.12 is needed: make PYTHON=/path/to/python3.12"; exit 2; }
	@echo "Setting up $(VENV) with $(PYTHON): about 1.7 GB, a few minutes the first time"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '$(EXTRAS)'
	@$(if $(SLICER_CORE),$(BIN)/python -m pip install --quiet --disable-pip-version-check slicer-core==$(SLICER_CORE))
	@touch $@
