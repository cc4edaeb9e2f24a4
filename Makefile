# Everything here needs Python 3.11 or later and make. uv is used when it is there, else plain pip.

BIN := .venv/bin
READY := .venv/.ready
LOCKS := requirements/dev.txt requirements/build.txt
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --custom-compile-command "make lock" $(LOCK_FLAGS)
FIND_PYTHON = for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { echo "Broadsheet needs Python 3.11 or later. Install it, or say where it is:" \
	"make PYTHON=/path/to/python3" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help demo test check bench kill-matrix simulate run lock

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name does; do \
		printf '  make %-11s %s\n' "$$name" "$$does"; done

demo: $(READY) ## print a digest of the bundled day: no network, no tokens, nothing kept
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT INT TERM && $(BIN)/broadsheet --data "$$data" demo

test: $(READY) ## run the whole test suite
	$(BIN)/pytest -n auto $(ARGS)

check: $(READY) ## format, lint, strict types, architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

bench: .venv/.bench ## run the benchmarks, each against a peer measured in the same run
	$(BIN)/python -m bench $(ARGS)

kill-matrix: $(READY) ## kill deliveries at every await and disk operation, and count (ten minutes)
	$(BIN)/python -m tests.kill_matrix --full $(ARGS)
	$(BIN)/python -m tests.kill_matrix.crews --full

simulate: $(READY) ## plan a day of a million channels over all time zones (ARGS=20000 for fewer)
	$(BIN)/python -m bench.day $(ARGS)

run: $(READY) ## serve until stopped, with ./broadsheet.toml if there is one
	$(BIN)/broadsheet run $(ARGS)

lock: ## write requirements/*.txt from pyproject.toml (LOCK_FLAGS=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --all-extras -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --all-extras --group dev -c requirements/runtime.txt -o requirements/dev.txt
	$(COMPILE) --group build -c requirements/dev.txt -o requirements/build.txt
	$(COMPILE) --group bench -c requirements/dev.txt -o requirements/bench.txt

$(READY): $(LOCKS) pyproject.toml
	@$(FIND_PYTHON); echo "Setting up .venv with $$("$$python" --version), once."; set -e; \
	if command -v uv >/dev/null; then \
		test -x $(BIN)/python || uv venv --quiet --clear --python "$$python" .venv; \
		uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes $(LOCKS); \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		test -x $(BIN)/pip || "$$python" -m venv --clear .venv; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes $(LOCKS:%=-r %); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

.venv/.bench: $(READY) requirements/bench.txt
	@set -e; if command -v uv >/dev/null; \
	then uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt; fi
	@touch $@
