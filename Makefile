# The few commands that people and CI run, the same ones.
VENV := .venv
BIN := $(VENV)/bin
CLUSTER := .venv-spark-cluster
VALIDATOR := .venv-focus-validator
PYTHON ?= python3
UV = $(shell PYTHON=$(PYTHON) tools/find_uv)
export BURSAR_HOME ?= $(CURDIR)/data
SERVE ?= 1
DEMO ?=
PARITY ?=
PROOF ?=
SOAK ?=
N ?= 1000000
SCALE ?= 10000000
SOURCE_RECORDS ?= 200000
MUTATIONS ?= 100000
MEGABYTES ?= 200
TEAMS ?= 200
COMPANIES ?= 20
# Request rates of real clients (ServeGen), of which no copy is kept here.
CLIENTS ?= ../shared/data/servegen/servegen_client_windows_derived.parquet

.PHONY: install demo test test-slow test-system lint format parity proof fuzz soak bench bench-scale bench-sources bench-chargeback bench-ccusage bench-shadow bench-names sbom audit lock clean help

help:            ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.installed: requirements.lock prices.lock pyproject.toml
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes --compile-bytecode requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	tools/install_price_books $(UV) $(VENV)
	touch $@

install: $(VENV)/.installed  ## everything a run needs, hashes checked

demo: install    ## the demo company, loaded, built, published and served (SERVE=0: not served)
	$(BIN)/bursar demo --home $(BURSAR_HOME) $(DEMO)
ifeq ($(SERVE),1)
	$(BIN)/bursar serve --home $(BURSAR_HOME)
endif

test: install test-system  ## every test but the slow ones
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not slow"

test-slow: install test-system $(VALIDATOR)/.installed  ## the slow tests: whole roads through faults, restores, prices, two more companies
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m slow tests/system tests/faults

test-system:     ## what tests need from the system: a browser and PostgreSQL
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || tools/install_system chromium
	@tools/find_postgres >/dev/null || tools/install_system postgresql

lint: install    ## ruff, sqlfluff, notebooks, the container file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --processes 2 models
	$(BIN)/marimo check --strict --ignore-scripts notebooks/apps
	$(BIN)/hadolint deploy/Containerfile

# A Spark cluster's own environment: `pyspark` and the client of it do not go together.
$(CLUSTER)/.installed: tests/spark/cluster.lock
	test -x $(CLUSTER)/bin/python || $(UV) venv --quiet --python $(PYTHON) $(CLUSTER)
	VIRTUAL_ENV=$(CLUSTER) $(UV) pip sync --quiet --require-hashes tests/spark/cluster.lock
	touch $@

# FOCUS' own validator: an environment of its own, for it needs a newer Python and an older DuckDB.
$(VALIDATOR)/.installed: tests/exports/focus_validator.lock
	test -x $(VALIDATOR)/bin/python || $(UV) venv --quiet --python $$(tools/find_python312) $(VALIDATOR)
	VIRTUAL_ENV=$(VALIDATOR) $(UV) pip sync --quiet --require-hashes tests/exports/focus_validator.lock
	touch $@

parity: install $(CLUSTER)/.installed  ## every mart on Spark and on DuckDB, row by row, on a real cluster
	@command -v java >/dev/null || tools/install_system openjdk-17-jre-headless
	$(BIN)/python -m tests.spark.parity --cluster $(CLUSTER) $(PARITY)

proof: install   ## a hundred faults, each followed by one run that has to bring everything right
	@command -v faketime >/dev/null || tools/install_system faketime
	$(BIN)/python -m tests.faults.proof $(PROOF)

fuzz: install    ## 100,000 changed records through each parser (MUTATIONS=records); found: tests/pipelines/FUZZ.md
	BURSAR_MUTATIONS=$(MUTATIONS) $(BIN)/pytest -n 2 tests/pipelines/test_mutations.py tests/pipelines/test_mutated_answers.py tests/pipelines/test_egress_sources.py

soak: install test-system  ## half an hour of loads and builds with ten people reading, into tests/faults/SOAK.md
	$(BIN)/python -m tests.faults.soak $(SOAK)

format: install  ## put Python and SQL into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --processes 2 models

bench: install   ## speed and memory against bare DuckDB, into benchmarks/RESULTS.md (N=records)
	$(BIN)/python -m benchmarks.run --records $(N)

bench-scale: install test-system  ## ten million requests and more, into benchmarks/SCALE.md (SCALE=records)
	$(BIN)/python -m benchmarks.scale --records $(SCALE) --clients $(CLIENTS)

bench-sources: install  ## each file source's load against bare DuckDB, into benchmarks/SOURCES.md (SOURCE_RECORDS=records)
	$(BIN)/python -m benchmarks.sources --records $(SOURCE_RECORDS)

bench-chargeback: install  ## packs of 200 teams, a month closed and verified, into benchmarks/CHARGEBACK.md (TEAMS=number)
	$(BIN)/python -m benchmarks.chargeback --teams $(TEAMS)

bench-ccusage: install  ## Claude Code's transcripts against ccusage, into benchmarks/CCUSAGE.md (MEGABYTES=size)
	@command -v npm >/dev/null || { echo "bench-ccusage needs npm and node: install them, it cannot run without."; exit 1; }
	npm ci --prefix benchmarks/ccusage --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m benchmarks.ccusage.compare --megabytes $(MEGABYTES)

bench-shadow: install  ## shadow AI found again in 20 companies made up at random, into benchmarks/SHADOW.md (COMPANIES=number)
	$(BIN)/python -m benchmarks.shadow --seeds $(COMPANIES)

bench-names: install   ## names of the market's AI services and look-alikes, matched by the models, printed; SHADOW.md has them
	$(BIN)/python -m benchmarks.matching

sbom: install    ## the bill of materials with licences, CycloneDX JSON, into sbom.json
	$(UV) tool run --from cyclonedx-bom==7.1.0 cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-file sbom.json

audit: install   ## known weaknesses of the locked packages (asks a public database)
	$(UV) tool run pip-audit==2.9.0 --require-hashes --disable-pip --requirement requirements.lock

lock:            ## resolve the dependencies again
	$(UV) pip compile pyproject.toml --extra s3 --extra spark --extra otel --extra dev --universal --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements.lock
	$(UV) pip compile tests/spark/cluster.in --universal --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file tests/spark/cluster.lock
	$(UV) pip compile tests/exports/focus_validator.in --python-version 3.12 --universal --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file tests/exports/focus_validator.lock
	$(UV) pip compile prices.in --no-deps --universal --generate-hashes \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file prices.lock

clean:           ## the environment and the demo's home
	rm -rf $(VENV) $(CLUSTER) $(VALIDATOR) data
