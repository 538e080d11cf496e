# Every target makes what it needs (.venv, the Pulumi CLI) and runs through tools/with-clean-env, so that
# no WECHAT_* or PULUMI_* variable of the caller's shell reaches it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
export PYTHON

run := ./tools/with-clean-env
pulumi := ./tools/with-clean-env --pulumi pulumi
package := provider/pulumi_wechat_miniprogram
site := dist/site
doctrees := .quickstart/doctrees
fully_covered := lifecycle wechat settings safety resources dynamic plugin policy fleet exports alerting

comma := ,
empty :=
covered_files := $(subst $(empty) ,$(comma),$(addprefix $(package)/,$(addsuffix /*,$(fully_covered))))

# Rooms of tests that need more than Python (a Pulumi CLI, Chromium, Node.js, an index, GNU tools), or a minute.
slow := benchmarks browser clients emulator engine tools wheel

.PHONY: help up refresh down test-fast test acceptance lint format docs docs-site sdks plugin-archive bench bench-quick clean venv

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

up: venv ## Run the quickstart: Pulumi.yaml against an emulator in .quickstart, no WeChat account needed
	@$(pulumi) stack select --create quickstart
	$(pulumi) up --yes --stack quickstart
	$(run) wechat-miniprogram emulator show --data .quickstart/wechat.db

refresh: venv ## Read what is live in the quickstart's emulator into the state
	$(pulumi) refresh --yes --stack quickstart

down: ## Destroy what `make up` made
	@if [ -d .quickstart/state/.pulumi ]; then $(MAKE) destroy; else echo "Nothing is up."; fi

.PHONY: destroy
destroy: venv
	@if $(pulumi) stack ls --json | grep -q '"name": "quickstart"'; then \
	  $(pulumi) destroy --yes --stack quickstart && $(pulumi) stack rm --yes quickstart; \
	else echo "Nothing is up."; fi

test-fast: venv ## Run unit, property and contract tests, which need nothing but Python (about 3 minutes)
	$(run) python -m pytest --numprocesses=auto --dist=loadfile --hypothesis-profile=fast \
	  $(slow:%=--ignore=tests/%)

test: venv ## Run all tests with coverage; the first run gets a Pulumi CLI (some minutes)
	$(run) --pulumi python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --cov --cov-report=
	@echo "Branch coverage of $(fully_covered), which must be complete:"
	@$(run) coverage report --include='$(covered_files)' --fail-under=100

acceptance: venv ## Run the engine against a live test app: needs MINIPROGRAM_ACC=1, see CONTRIBUTING.md; off otherwise
	$(run) --live --pulumi python -m pytest acceptance

lint: venv ## Check style, formatting, types and the import rules
	$(run) ruff check
	$(run) ruff format --check
	$(run) mypy
	@$(run) pyright --version >/dev/null || { echo "pyright needs Node.js 14 or newer on PATH." >&2; exit 1; }
	$(run) pyright
# The cache keeps a file's imports as they were before a module that they name was made.
	$(run) lint-imports --no-cache
	@$(MAKE) docs-site

format: venv ## Format the code and apply ruff's safe fixes
	$(run) ruff check --fix-only
	$(run) ruff format

docs: venv ## Write the docstrings of the public classes, and the tables of docs/ that come from the code
	$(run) python -m tools.docstrings
	$(run) python -m tools.write_docs

docs-site: venv ## Build the documentation site in dist/site; a broken link or an unknown reference fails
	@rm -rf $(site)
	$(run) python -m sphinx -EqW --keep-going -j auto -d $(doctrees)/en docs $(site)
	$(run) env DOCS_LANGUAGE=zh python -m sphinx -EqW --keep-going -j auto -d $(doctrees)/zh -c docs docs/zh $(site)/zh
	@echo "The site: $(site)/index.html"

sdks: venv ## Generate SDKs for Python, TypeScript and Go from the plugin's schema, in sdks/ (needs Go)
	@folder=$$($(run) ./tools/go-tool generate-sdks); \
	$(pulumi) package get-schema .venv/bin/pulumi-resource-wechat-miniprogram | "$$folder/generate-sdks" sdks

plugin-archive: venv ## Pack the plugin for `pulumi plugin install --file`, for this platform and Python, in dist/
	@$(run) python tools/plugin_archive.py

bench: venv ## Measure against the engine's own cost, into benchmarks/RESULTS.md (about 18 minutes)
	$(run) --pulumi python -m benchmarks

bench-quick: venv ## See that the benchmarks run: small sizes, no figure counts, nothing is written there
	$(run) --pulumi python -m benchmarks --quick --out .quickstart

clean: ## Remove everything that the other targets made: .venv, .pulumi-cli, .quickstart with its stack, caches
	rm -rf .venv .pulumi-cli .quickstart Pulumi.quickstart.yaml dist sdks
	rm -rf tests/clients/node_modules tests/engine/languages/typescript/node_modules
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@$(run) ./tools/python-env
