# The only scripts a user must know. `make install GPU=1` is the workstation with an NVIDIA card.
PYTHON ?= python3
EXTRAS := $(if $(GPU),gpu,cpu),pretrained,dev
BIN := .venv/bin
BOARD := runtime jetson catseye/*.py catseye/commands

.PHONY: help install demo test test-aarch64 check bench figures
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

install: .venv/installed  ## everything into .venv/ (GPU=1: for an NVIDIA card)

.venv/installed: pyproject.toml setup.py
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

demo: install  ## train, export, verify and run on embedded data; writes demo/
	$(BIN)/catseye demo

test: install  ## the test suite
	$(BIN)/pytest -n 3 --dist loadfile

test-aarch64: install  ## the board's share under an emulated board's processor (Debian; slow)
	tests/aarch64.sh

check: install  ## style, types, and Python 3.6 for what runs on the board
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p catseye
	$(BIN)/vermin --quiet -t=3.6- --eval-annotations --feature union-types --no-tips $(BOARD)

bench: install  ## the figures of docs/benchmarks.md on this machine; best with nothing else running
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/soak.py

figures: install  ## every figure of docs/lecture.md again; CATSEYE_DATA names the data sets; takes hours
	$(BIN)/python docs/figures.py
