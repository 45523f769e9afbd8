# Nothing but Python 3.11+ and make is assumed: each target installs what it needs into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PATHS := app.py bench docs infra lambdas local tests
FAST := tests/unit tests/docs tests/infra

# The virtual environment brings its own node, which the CDK needs in a supported version.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help install demo check test fast lint fuzz up down bench cost storm deploy release destroy adopt clean

help:  ## show the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

$(READY): requirements.txt requirements-dev.txt lambdas/requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	@$(BIN)/python -m local.install
	@touch $@

install: $(READY)  ## install everything into .venv

demo: $(READY)  ## break keys on a local AWS and read the alerts (VERBOSE=1: each of them)
	@$(BIN)/python -m local.demo

check: $(READY)  ## format, lint, types, import contracts and the fast tests: within a minute
	@$(MAKE) --no-print-directory --jobs=2 lint fast

fast: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow" $(FAST)

test: $(READY) lint  ## all checks and all tests
	@$(BIN)/python -m pytest -q -n 3 --dist worksteal

fuzz: $(READY)  ## the property tests with new examples (SEED=... for those of an earlier run)
	@seed=$${SEED:-$$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}; echo "SEED=$$seed"; \
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m hypothesis --hypothesis-profile=fuzz --hypothesis-seed=$$seed

lint: $(READY)
	@$(BIN)/ruff format --check --quiet $(PATHS)
	@$(BIN)/ruff check --quiet $(PATHS)
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

up: $(READY)  ## start a local AWS and deploy to it
	@$(BIN)/python -m local.up

down: $(READY)  ## stop what `make up` started
	@$(BIN)/python -m local.down

bench: $(READY)  ## what an event, a sync and a storm cost
	@$(BIN)/python -m bench

cost: $(READY)  ## what an idle deployment costs a month, and what comes on top
	@$(BIN)/python -m bench.cost

storm: $(READY)  ## the storms of bench alone
	@$(BIN)/python -m bench.storm

deploy: $(READY)  ## deploy to the AWS account of your credentials
	@$(BIN)/python -m local.deploy

release: $(READY)  ## end the rotation of all managed secrets before a removal (DRY_RUN=1: only list them)
	@$(BIN)/python -m local.release

destroy: $(READY)  ## remove the deployment; tables, their key and managed secrets stay
	@$(BIN)/python -m local.destroy

adopt: $(READY)  ## put the tables and the key of a removed deployment into a new stack, before `make deploy`
	@$(BIN)/python -m local.adopt

clean: down  ## remove what was installed and built
	rm -rf $(VENV) .build .local cdk.out
