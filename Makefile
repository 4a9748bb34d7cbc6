# TestArena: `make help` lists what one can make. Each target sets up what it needs by itself, and only once.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PYTHON := $(BIN)/python

SCENARIOS ?= examples/scenarios
TARGET ?= scenario
ARGS ?=

CHECKS := check-ruff check-format check-types check-layers check-rooms check-shell check-workflows check-image
SHELL_SCRIPTS = $(shell find tools entrypoint .ci examples runner-image tests/fakes/forge_runners -type f \( -name '*.sh' -o -path .ci/run -o -name entrypoint -o -name health -o -name '*-runner' \) 2>/dev/null)
WORKFLOWS = $(wildcard .github/workflows/*.yml examples/workflows/*.yml examples/*/.github/workflows/*.yml)
ACTIONS = $(wildcard action.yml)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- for users -----------------------------------------------------------------------------------------------------

.PHONY: demo
demo: set-up-demo ## build the demo firmware, run the example scenarios in QEMU, write testarena-report/
	@$(BIN)/testarena run $(SCENARIOS) $(ARGS)

# ---- for developers ------------------------------------------------------------------------------------------------

.PHONY: test
test: set-up-test ## run the whole test suite; ARGS="-k pattern" runs a part
	@$(PYTHON) -m pytest $(ARGS)

.PHONY: lint
lint: set-up-lint ## all linters, type checks and rules of the house
	@$(MAKE) --keep-going $(CHECKS)

.PHONY: format
format: set-up-lint ## format the Python code and mend what ruff can mend
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

.PHONY: golden
golden: set-up-test ## write the golden files of the tests anew; look at the difference before you commit it
	@$(PYTHON) -m pytest --renew-golden -m golden $(ARGS)

.PHONY: fuzz
fuzz: set-up-lint ## fuzz what reads files and consoles; TARGET=journal takes another reader, ARGS="--runs 1000" fewer inputs
	@$(PYTHON) -c 'import atheris' 2>/dev/null || $(BIN)/pip install --quiet --constraint tools/constraints.txt --editable '.[fuzz]'
	@$(PYTHON) -m tests.fuzz $(TARGET) $(ARGS)

.PHONY: bench
bench: set-up-test ## measure against floors and peers, in one run; ARGS="--only startup" measures one thing
	@$(PYTHON) -m bench $(ARGS)

.PHONY: docs
docs: set-up-lint ## write the generated reference pages and the XSD anew from the code
	@$(PYTHON) -m tools.docs

.PHONY: hooks
hooks: set-up-lint ## let git run the linters before each commit
	@$(BIN)/pre-commit install

.PHONY: lock
lock: set-up-lint ## pin the newest versions of all Python packages in tools/constraints.txt
	@$(PYTHON) -m tools.lock

.PHONY: clean
clean: ## remove all that was made, the virtual environment too
	@rm -rf .venv .testarena build dist testarena-report *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- parts ---------------------------------------------------------------------------------------------------------

SET_UPS := set-up-lint set-up-demo set-up-test
.PHONY: $(SET_UPS)
$(SET_UPS): set-up-%:
	@tools/setup.sh $*

.PHONY: $(CHECKS)
check-ruff:
	@$(BIN)/ruff check
check-format:
	@$(BIN)/ruff format --check --output-format concise
check-types:
	@$(BIN)/mypy
check-layers:
	@$(BIN)/lint-imports --no-logo
check-rooms:
	@$(PYTHON) -m tools.check_rooms
check-shell:
	@$(BIN)/shellcheck --external-sources $(SHELL_SCRIPTS)
check-workflows:
	@$(BIN)/zizmor --offline --quiet .github $(filter-out .github/%,$(WORKFLOWS)) $(ACTIONS)
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	@$(if $(ACTIONS),$(BIN)/check-jsonschema --builtin-schema vendor.github-actions $(ACTIONS),:)
check-image:
	@$(BIN)/hadolint runner-image/Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec runner-image/compose.*.yml
