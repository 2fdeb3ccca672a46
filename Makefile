# The only scripts a user must know. `make install GPU=1` is the workstation with an NVIDIA card.
PYTHON ?= python3
EXTRAS := $(if $(GPU),gpu,cpu),pretrained,dev
BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
BOARD := runtime jetson catseye/*.py catseye/commands

.PHONY: help install wheel constraints demo test test-opencv4 test-aarch64 check docs bench figures
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

install: .venv/installed  ## everything into .venv/ (GPU=1: for an NVIDIA card)

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/installed: pyproject.toml setup.py constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python $(PIP) --editable '.[$(EXTRAS)]'
	@touch $@

wheel: | $(BIN)/python  ## dist/catseye-VERSION-py3-none-any.whl, for pip and pipx; needs no install
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

constraints: install  ## constraints.txt anew: the newest versions that pyproject.toml allows, by uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --upgrade --no-annotate \
		$(addprefix --extra ,cpu gpu pretrained dev docs) --custom-compile-command 'make constraints' \
		--output-file constraints.txt pyproject.toml

demo: install  ## train, export, verify and run on embedded data; writes demo/
	$(BIN)/catseye demo

test: install  ## the test suite
	$(BIN)/pytest -n 3 --dist loadfile

test-opencv4: install .opencv4/installed  ## the suite with the oldest OpenCV that NumPy 2 goes with; boards have 4.x
	.opencv4/bin/python -m pytest -n 3 --dist loadfile $(TESTS)

# all of .venv but its OpenCV
.opencv4/installed: .venv/installed
	$(PYTHON) -m venv .opencv4
	.opencv4/bin/python $(subst --constraint constraints.txt,,$(PIP)) --no-deps opencv-python-headless==4.10.0.84
	.opencv4/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))" > $@
	echo "import site; site.addsitedir('$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")')" \
		> "$$(cat $@)/of-venv.pth"

test-aarch64: install  ## the board's share under an emulated board's processor (Debian; slow)
	tests/aarch64.sh

check: install  ## style, types, and Python 3.6 for what runs on the board
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p catseye
	$(BIN)/vermin --quiet -t=3.6- --eval-annotations --feature union-types --no-tips $(BOARD)

docs: .venv/docs-installed  ## the pages as a site with search, in .docs/site; a lost link or anchor is an error
	rm -rf .docs && mkdir -p .docs/source
	ln -s $(addprefix ../../,README.md CONTRIBUTING.md CHANGELOG.md LICENSE docs models training export runtime jetson) .docs/source
	$(BIN)/mkdocs build --strict --config-file docs/mkdocs.yml

.venv/docs-installed: .venv/installed
	$(BIN)/python $(PIP) --editable '.[docs]'
	@touch $@

bench: install  ## the figures of docs/benchmarks.md on this machine; best with nothing else running
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/soak.py

figures: install  ## every figure of docs/lecture.md again; CATSEYE_DATA names the data sets; takes hours
	$(BIN)/python docs/figures.py
