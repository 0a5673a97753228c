# Every command of this project. `make` alone lists them.

# The newest Python from 3.11 on that can make virtual environments.
PYTHON = $(shell for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$name && break; done)
INSTALL = $(or $(PYTHON),$(error Python 3.11 or newer with venv is needed; \
	on Debian and Ubuntu: apt install python3 python3-venv)) backend/embedded/install.py
RUN = .venv/bin/python
COMPILE = $(RUN) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-emit-find-links --no-emit-package dlib \
	--no-emit-package face-recognition-models --no-emit-package setuptools \
	--custom-compile-command 'make lock'

# Else onnxruntime reports to its maker, over the network, that it was opened.
export ORT_DISABLE_TELEMETRY = 1

.DEFAULT_GOAL := help
.PHONY: help up demo test fuzz check client bench accuracy package lock clean

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16
	@echo "  Settings, such as make up PORT=8001, are in .env.example."

# One process from here on: signals that make passes on reach the album itself.
up: ## Start the album; Ctrl-C stops it
	@STOP_WITH_PARENT=1 exec $(INSTALL) requirements.txt $(RUN) manage.py up

demo: ## Import a dozen photos into the running album and tell what was found in them
	@test -x $(RUN) || { echo "Start the album first: make up" >&2; exit 1; }
	@exec $(INSTALL) requirements.txt $(RUN) manage.py demo

test: ## Run every test; make test ARGS="-k search" runs some
	@$(INSTALL) requirements-dev.txt
	@$(RUN) -m functions.networks.fetch
	@exec $(RUN) -m pytest $(ARGS)

fuzz: ## Call every operation of the API in 300 odd ways instead of 10; FUZZ_CALLS=1000 for more
	@$(INSTALL) requirements-dev.txt
	@FUZZ_CALLS=$(or $(FUZZ_CALLS),300) exec $(RUN) -m pytest backend/api/tests/test_every_call.py \
		backend/api/tests/test_call_after_call.py --timeout=0 $(ARGS)

client: ## Write the Python client anew from the API's own document
	@$(INSTALL) requirements-dev.txt
	@$(RUN) -m backend.embedded.with_servers $(RUN) manage.py generate_client

check: ## Lint, types, import rules, migrations, API schema
	@$(INSTALL) requirements-dev.txt
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	.venv/bin/lint-imports
	$(RUN) -m backend.embedded.with_servers sh -exc '\
		$(RUN) -m mypy --strict functions backend admin deploy tests benchmarks clients/python manage.py; \
		$(RUN) -W error manage.py check --fail-level WARNING; \
		$(RUN) -W error manage.py makemigrations --check --dry-run; \
		$(RUN) manage.py spectacular --validate --fail-on-warn --file /dev/null'

bench: ## Measure what it costs and print tables
	@$(INSTALL) requirements-dev.txt
	@exec $(RUN) -m benchmarks.pipeline

package: ## Build what is deployed to AWS into build/lambda and print the sizes
	@$(INSTALL) requirements-dev.txt
	@$(RUN) -m functions.networks.fetch
	@exec $(RUN) -m deploy.package

accuracy: ## Measure how well it sees, beside the baselines; make accuracy ARGS="--task text"
	@$(INSTALL) requirements-dev.txt
	@$(RUN) -m functions.networks.fetch
	@exec $(RUN) -m benchmarks.accuracy $(ARGS)

lock: ## Write requirements.txt and requirements-dev.txt anew
	@$(INSTALL) requirements-dev.txt
	$(COMPILE) requirements.in -o requirements.txt
	$(COMPILE) requirements-dev.in -o requirements-dev.txt

clean: ## Remove what is installed and cached here; photos and settings stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build staticfiles
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +
