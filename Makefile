# The commands of every day; docs/operations.md tells more.
.PHONY: run test lint check prove reset lock environment test-environment
.DEFAULT_GOAL := run
PYTHON3 := $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell command -v $(name) >/dev/null 2>&1 && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
PYTHON := .venv/bin/python

run: environment
	@exec $(PYTHON) -m assistant.project.launch

environment:
	@$(PYTHON3) assistant/project/environment.py

test-environment:
	@$(PYTHON3) assistant/project/environment.py --tests

test: test-environment
	@$(PYTHON) -m tests.browser_setup
	@exec $(PYTHON) -m pytest --numprocesses 3 --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

lint: test-environment
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy assistant knowledge benchmarks
	@.venv/bin/lint-imports
	@.venv/bin/djlint --lint --quiet templates
	@DATABASE_URL=postgres://nobody@127.0.0.1:1/nowhere REDIS_URL=redis://127.0.0.1:1 $(PYTHON) manage.py makemigrations --check --dry-run

check: lint
	@$(PYTHON) -m pytest -q -m "not browser and not fault and not services and not evaluation"

prove: test-environment
	@$(PYTHON) -m tests.browser_setup
	@exec $(PYTHON) -m tests.faults.prove $(PROVE_ARGS)

# Forgets conversations, articles, users and uploads: everything of ours in DATA_DIR.
reset: environment
	@exec $(PYTHON) -m assistant.project.reset

lock: test-environment
	@for name in requirements requirements-dev; do \
		.venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
			--no-header --python-version 3.11 $$name.in -o $$name.txt || exit 1; \
	done
