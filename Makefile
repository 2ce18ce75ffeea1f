# One line of help each: `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
CORPUS := tests/samples/reports.zip

.DEFAULT_GOAL := help
.PHONY: help run serve test check fix bench train clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

$(VENV)/run.stamp: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing gongkai into $(VENV) …"
	@$(PIP) --editable . && touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "installing the tools for tests and training into $(VENV) …"
	@$(PIP) --editable '.[dev,train]' && touch $@

run: $(VENV)/run.stamp ## extract the sample archive and show the results (no torch, no server)
	@mkdir -p out
	@$(BIN)/gongkai extract $(CORPUS) -o out/records.jsonl --store out/gongkai.duckdb --summary || test $$? -eq 1
	@$(BIN)/gongkai show out/records.jsonl -o out/pages/
	@echo "records: out/records.jsonl · store: out/gongkai.duckdb · pages: open out/pages/index.html"

$(VENV)/serve.stamp: $(VENV)/run.stamp
	@echo "installing what the service needs into $(VENV) …"
	@$(PIP) --editable '.[serve]' && touch $@

serve: $(VENV)/serve.stamp ## the service and its pages on http://127.0.0.1:8741 (data in out/service)
	@$(BIN)/gongkai serve --data out/service

test: $(VENV)/dev.stamp ## set up everything and run the tests
	@$(BIN)/python -m pytest

check: $(VENV)/dev.stamp ## style, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config pyproject.toml

fix: $(VENV)/dev.stamp ## mend style where a tool can
	@$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp ## speed: reports without the labeller, the labeller against plain ONNX Runtime, a batch run, a summary, the service
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench_batch --reports 300
	@$(BIN)/python -m tests.bench_summary 20000
	@$(BIN)/python -m tests.bench_service single

train: $(VENV)/dev.stamp ## train the labeller from the start into out/train (three hours on two cores; training/README.md)
	@$(BIN)/python -m training.pretrain --text $(wildcard ../shared/corpus/*.xz) --out out/train/pretrained
	@$(BIN)/python -m training.train --pretrained out/train/pretrained --out out/train/first
	@for seed in 1 2 3 4 5; do $(BIN)/python -m training.train --pretrained out/train/first --settings training/last.toml \
		--seed $$seed --out out/train/seed-$$seed || exit; done
	@$(BIN)/python -m training.average --runs out/train/seed-* --out out/train/model
	@$(BIN)/python -m training.export --model out/train/model --out out/train/gongkai-base

clean: ## remove the environment and what was made
	@rm -rf $(VENV) out
