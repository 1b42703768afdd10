# What people and CI type. `make` alone lists the targets; each one sets up what it needs in .venv/.
# The package index is whatever this machine's pip is configured to use; nothing here names one.

.DEFAULT_GOAL := help

# The first of these that is new enough. Say which one you want with `make PYTHON=/path/to/python3`.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$each"; break; }; done)

BIN := .venv/bin
READY := .venv/.ready
LOG := build/pytest.log

# Two workers: what a laptop and CI have to spare beside the database. A file stays with one worker, so that what its
# tests share (a sandbox, a browser) is started once.
WORKERS ?= 2

FORMAT_CHECK := $(BIN)/ruff format --check .
LINT := $(BIN)/ruff check .
TYPES := $(BIN)/mypy
IMPORTS := $(BIN)/lint-imports --no-logo
DOCS := $(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --jobs auto docs docs/_build/html
PYTEST := $(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --durations 10 --cov --cov-report=
COVERED := $(BIN)/coverage report --skip-covered --fail-under 95
COVERED_WHOLLY := $(BIN)/coverage report --skip-covered --fail-under 100 \
	--include "core/**,playbooks/*/policy.py,playbooks/*/policy/**,playbooks/*/lifecycle.py"

# $(call step,name,command): run it, say how many seconds it took, end the whole run if it failed.
define step
	@echo "== $(1)"; began=$$(date +%s); $(2); code=$$?; \
	echo "-- $(1): $$(( $$(date +%s) - began )) s"; exit $$code
endef

# Goes through `tee`, so the exit code takes the way of a file; the shell may have no pipefail.
define keeping_log
	mkdir -p build; rm -f build/pytest.code; \
	{ $(1); echo $$? > build/pytest.code; } 2>&1 | tee $(LOG); (exit $$(cat build/pytest.code))
endef

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(READY) ## The whole house on this machine, with a narrated tour; nothing leaves loopback
	@$(BIN)/chaperone sandbox --tour

.PHONY: test
test: $(READY) browser ## Everything, from nothing: format, lint, types, imports, docs, all suites, coverage
	$(call step,format,$(FORMAT_CHECK))
	$(call step,lint,$(LINT))
	$(call step,types,$(TYPES))
	$(call step,imports,$(IMPORTS))
	$(call step,docs,$(DOCS))
	$(call step,tests,$(call keeping_log,$(PYTEST)))
	$(call step,branch coverage of at least 95 %,$(COVERED))
	$(call step,core policy and lifecycle covered wholly,$(COVERED_WHOLLY))
	@tail -n 1 $(LOG)

.PHONY: unit
unit: $(READY) ## The quick suites only: pure decisions, properties, architecture
	@$(BIN)/pytest tests/unit tests/properties tests/architecture

.PHONY: bench
bench: $(READY) ## Ours beside the raw statements and the bare endpoint, with the limits, in one run
	@$(BIN)/python -m benchmarks

.PHONY: lint
lint: $(READY) ## ruff's rules and the import contracts
	@$(LINT)
	@$(IMPORTS)

.PHONY: format
format: $(READY) ## Format everything, and mend what ruff can mend safely
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

.PHONY: typecheck
typecheck: $(READY) ## mypy --strict
	@$(TYPES)

.PHONY: docs
docs: $(READY) ## Build the documentation into docs/_build/html; a warning is an error
	@$(DOCS)
	@echo "docs/_build/html/index.html"

.PHONY: audit
audit: $(READY) ## Ask pip's vulnerability service about every pin (needs the network)
	@$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements.lock

# Only `make lock UPGRADE=--upgrade` moves pins that still satisfy pyproject.toml. What pip-compile writes behind the
# last pin is about ourselves: Chaperone is installed from this folder, not from the lock.
.PHONY: lock
lock: ## Write requirements.lock anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	@test -x $(BIN)/pip-compile || $(MAKE) $(READY)
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet $(UPGRADE) --generate-hashes --extra dev \
		--build-deps-for editable --no-allow-unsafe --unsafe-package chaperone --strip-extras \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements.lock pyproject.toml
	@sed -e '/^# WARNING: The following packages were not pinned/,$$d' requirements.lock | \
		sed -e '$${/^$$/d;}' > requirements.lock.new && mv requirements.lock.new requirements.lock

.PHONY: clean
clean: ## Remove what the other targets made; the environment and the sandbox's data stay
	@rm -rf build dist docs/_build docs/reference/generated .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	@find . -path ./.venv -prune -o -name __pycache__ -type d -print | xargs rm -rf

# An environment that is there is kept and brought up to date: where nothing changed, nothing is fetched.
$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Chaperone needs Python 3.11 or newer, and none of that age is on the PATH." \
		"Install one, or say where it is: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "== environment in .venv"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: --no-compile \
		-r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m pip check
	@touch $@

# The browser suite wants Chromium. Where it is missing and cannot be installed, that suite fails and says so.
.PHONY: browser
browser:
	@for each in "$$CHAPERONE_CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable; do \
		test -n "$$each" && command -v "$$each" >/dev/null 2>&1 && exit 0; done; \
	test -z "$$CHAPERONE_WITHOUT_BROWSER" || exit 0; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1; then \
		echo "== Chromium, for the browser suite"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-noto-color-emoji && exit 0; \
	fi; \
	echo "No Chromium here: the browser suite will fail. Install it (Debian: apt-get install chromium)," \
		"name it in CHAPERONE_CHROMIUM, or go without that suite with CHAPERONE_WITHOUT_BROWSER=1." >&2
