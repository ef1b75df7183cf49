# Every target sets up what it needs. `make` alone lists them.

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
SCENARIO ?= partition
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup sim test proofs explore mutants bench check format traceability vectors pins \
	clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: .venv/.ready ## prepare .venv from the pinned dependencies

sim: .venv/.ready ## run a scenario: SCENARIO=partition, ARGS='--seed 7'
	.venv/bin/loomweave-sim run $(SCENARIO) $(ARGS)

test: .venv/.ready ## run the whole suite: ARGS='-m "not slow"'
	$(PY) -m pytest $(ARGS)

proofs: .venv/.ready ## prove the theorems on the shipped source, write reports/proofs.md
	.venv/bin/loomweave-proofs run $(ARGS)

explore: .venv/.ready ## search the models: ARGS='ham --seconds 600'; without ARGS write reports/models.md
	.venv/bin/loomweave-proofs explore $(or $(ARGS),--report)

mutants: .venv/.ready ## change the kernels and see what is noticed, write reports/mutants.md
	.venv/bin/loomweave-proofs mutants $(ARGS)

bench: .venv/.bench-ready ## measure, write reports/performance.md
	$(PY) -m tests.bench $(ARGS)

check: .venv/.ready ## lint, formatting, types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: .venv/.ready ## let ruff mend and format the tree
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

traceability: .venv/.ready ## rule -> code -> law -> theorem -> test: reports/traceability.md
	$(PY) -m tests.repo.traceability

vectors: .venv/.ready ## check the shipped core against the GUN vectors
	.venv/bin/loomweave vectors check spec/vectors/gun/*.jsonl

clean: ## remove .venv and caches
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. The stamp is written last, so an interrupted set-up is done again.
.venv/.ready: pyproject.toml requirements/develop.txt .ci/find-python
	@python="$$(PYTHON='$(PYTHON)' ./.ci/find-python)" && \
		echo "Preparing .venv with $$python" && "$$python" -m venv --clear .venv
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/develop.txt
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.bench-ready: .venv/.ready requirements/bench.txt
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/bench.txt
	@touch $@

# The pins. One resolution serves every supported Python; bench adds to develop and never moves it.
PINS_HEADER := \# Made by `make pins` from pyproject.toml. Do not edit.
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

pins: .venv/.ready ## resolve the pinned dependencies anew (requirements/*.txt)
	$(PIP) install --quiet --require-hashes -r requirements/pins.txt
	$(COMPILE) --upgrade pyproject.toml --extra test -o requirements/develop.txt
	$(COMPILE) --upgrade pyproject.toml --extra bench -c requirements/develop.txt \
		-o requirements/bench.txt
	$(COMPILE) --upgrade requirements/pins.in -o requirements/pins.txt
	for file in develop bench pins; do \
		{ echo '$(PINS_HEADER)'; cat requirements/$$file.txt; } > requirements/$$file.new && \
		mv requirements/$$file.new requirements/$$file.txt; done
