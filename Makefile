# Everything a newcomer or a nightly build types. Needs Python 3.11+, make and pip; nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
CLV    := $(VENV)/bin/clv
SIZES  ?= 1000000 3000000 10000000
PYTEST := $(BIN)/python -m pytest

.PHONY: help picture forecasts bench bench-spark demo test test-fast test-spark check format readme sample-data clean torture fuzz coverage mutants audit

help:           ## list the targets
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 18

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev,databases]"
	@touch $(READY)

$(CLV):
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .

demo: $(CLV)   ## score the sample log: a table, a summary, an HTML report in demo/
	@mkdir -p demo
	$(BIN)/clv score sample_data/transactions.csv --customers sample_data/customers.csv \
	  -o demo/scored.csv --report demo/report.html
	@echo
	@echo "The page:   open demo/report.html in a browser: file://$(CURDIR)/demo/report.html"
	@echo "The table:  demo/scored.csv; whom to turn to first: $(BIN)/clv top demo/scored.csv"
	@echo "clv itself: $(BIN)/clv; after . $(BIN)/activate just clv. Next: clv help start"

picture: $(READY)  ## draw .github/terminal.svg, the picture of the README, from the demo again
	$(BIN)/python tests/picture.py .github/terminal.svg

test: $(READY)  ## the whole test suite, in bounded size
	$(PYTEST) -n auto --dist worksteal
	CLV_TEST_SPARK=1 $(PYTEST) tests/engines -p no:xdist -rs -m "not long_on_cluster"

test-fast: $(READY)  ## the tests that take seconds
	$(PYTEST) -n auto --dist worksteal -m "not slow"

test-spark: $(READY)  ## all that a Spark cluster on loopback shows, lost servers too: half an hour; skips without Java
	CLV_TEST_SPARK=1 $(PYTEST) tests/engines -p no:xdist -rs

check: $(READY)  ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check clvcli tests
	$(BIN)/ruff check clvcli tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MAKE) test

format: $(READY)  ## format the code
	$(BIN)/ruff format clvcli tests
	$(BIN)/ruff check --fix clvcli tests

bench-spark: $(READY)  ## a Spark cluster on loopback with 1 and with 10 million records: time and memory
	$(BIN)/python tests/bench/spark.py

bench: $(READY)  ## real logs beside clean ones, against reading the file; SIZES="1000000" for minutes, not hours
	$(BIN)/python tests/bench/score.py --rows $(SIZES) --write .github/BENCHMARKS.md

forecasts: $(READY)  ## how good the forecasts are on every log at hand: .github/FORECASTS.md; a quarter of an hour
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[bench]"
	$(BIN)/python tests/bench/forecasts.py --write .github/FORECASTS.md

readme: $(READY)  ## generate the tables and outputs of the README, the topics and the reference again
	$(BIN)/python tests/readme.py --write

torture: $(READY)  ## kill it, starve it, feed it rubbish: counts, and status 1 when anything breaks; minutes
	PYTHONPATH=tests $(BIN)/python -m torture.run

fuzz: $(READY)   ## the reader of records against its slow twin on random text, for MINUTES (60); status 1 at a difference
	PYTHONPATH=tests $(BIN)/python -m torture.fuzz --minutes $(or $(MINUTES),60)

coverage: $(READY)  ## branches that the tests take in log, lifecycle, models, scoring, output; below 95 % it fails
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest -n auto --dist worksteal -m "not slow" tests/log tests/lifecycle tests/models tests/output \
	  tests/cli tests/crosssell tests/economics/test_sbg.py tests/backtest/test_backtest_scores.py tests/test_*.py
	$(BIN)/python -m coverage combine -q
	@for part in log lifecycle models output scoring; do echo "== $$part"; \
	  $(BIN)/python -m coverage report --include "*/clvcli/$$part/*" --omit "*/cluster/*" --fail-under 95 || failed=1; done; test -z "$$failed"

mutants: $(READY)  ## small changes in models, scoring and the reader that no test notices: all of them, an hour or two
	PYTHONPATH=tests $(BIN)/python -m mutation.run

audit: $(READY)  ## known weaknesses of the packages held; ADVISORIES=a copy of pypa/advisory-database where no network is
	$(BIN)/python -m pip check
ifdef ADVISORIES
	$(BIN)/python tests/audit.py $(ADVISORIES)
else
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/python -m pip freeze --exclude-editable > $(VENV)-audit/requirements.txt
	$(VENV)-audit/bin/pip-audit --no-deps --disable-pip -r $(VENV)-audit/requirements.txt
endif

sample-data: $(READY)  ## draw sample_data/ again: the same bytes
	rm -f sample_data/*.csv
	cd sample_data && for t in log customers spend subscriptions; do ../$(BIN)/python -m clvcli simulate -q --table $$t; done
	cd sample_data && ../$(BIN)/python -m clvcli simulate -q --table lines --customers 800

clean:          ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-audit .venv-spark-cluster .venv-spark-client .coverage* demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
