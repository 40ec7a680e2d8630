# The same short commands on a laptop and in CI.
PYTHON ?= python3
VENV := .venv
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
# File by file: the editors' tests, minutes of them, are shared among all workers.
PYTEST_ARGS ?= -n auto --dist loadfile --no-loadscope-reorder

.PHONY: setup extension demo test check bench generated lock format clean

setup: $(VENV)/.ready

# Pinned and hash-checked; the project itself is installed in place.
$(VENV)/.ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lanyard needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up in $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The VS Code extension as one file: extension/vscode/dist/lanyard.vsix
extension: extension/vscode/node_modules/.ready
	cd extension/vscode && npm run --silent check && npm run --silent package

extension/vscode/node_modules/.ready: extension/vscode/package-lock.json
	cd extension/vscode && npm ci --silent --no-fund --no-audit
	@touch $@

demo: setup
	@$(BIN)/lanyard demo $(DEMO_ARGS)

test: setup check
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tests/support/generated.py --check

# All benchmarks, or those named: make bench BENCH_ARGS="completion slices"
bench: setup
	$(BIN)/python tests/bench $(BENCH_ARGS)

generated: setup
	$(BIN)/python tests/support/generated.py

# New pins, for every supported Python and platform; needs uv.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev pyproject.toml -o constraints.txt

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist
