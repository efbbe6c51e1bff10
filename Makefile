# Two targets matter: `make run` starts the portal with the demo alliance, `make test` runs every check.
# Both need a Debian 12 with python3, make and git, and bring the rest themselves.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

catalogs := $(wildcard alliance/translations/*/LC_MESSAGES/messages.po)

export PYTHON
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The steps build on one another; `make -j` must not run them at once.
.NOTPARALLEL:

.PHONY: help run test pictures system-run system-test venv-run venv-test venv-spark translations icons lock clean

help:
	@echo "make run      start the portal with its demo alliance on http://127.0.0.1:$${PORT:-8000}"
	@echo "make test     run all checks and tests, as CI does"
	@echo "make pictures take the pictures of the guides anew, in both languages (some minutes)"
	@echo "make lock     write the lock files anew (needs uv)"
	@echo "make clean    remove the virtual environments and what was made from sources; data in var stays"

run: system-run venv-run translations icons
	@scripts/run.sh

test: system-test venv-test venv-spark translations icons
	@echo "test: files that must not be in the tree"
	@$(BIN)/python scripts/check_tree.py
	@echo "test: style (ruff)"
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@echo "test: who imports whom (import-linter)"
	@$(BIN)/lint-imports --no-cache
	@echo "test: types (mypy)"
	@$(BIN)/mypy
	@echo "test: behaviour (pytest in one process for each processor; SQLite, PostgreSQL, Spark, a browser)"
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

system-run system-test: system-%:
	@scripts/system_packages.sh $*

venv-run: system-run
venv-test venv-spark: system-test
venv-run venv-test venv-spark: venv-%:
	@scripts/venv.sh $*

# The pictures show the demo, so take them again after a page that they show has changed.
pictures: system-test venv-test translations icons
	@GUIDE_PICTURES=1 $(BIN)/python -m pytest -q tests/browser/test_guides.py -k "every_page or name_every_picture or small"
	@git status --short docs/guide

translations: $(catalogs:.po=.mo)

# pybabel skips a catalog marked fuzzy without an error, and the pages would silently show message ids.
%.mo: %.po
	@echo "translations: $<"
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
	@test -f $@ || { echo "translations: $< is marked fuzzy as a whole; remove that mark from its head" >&2; exit 1; }

# Our own sprite of the icons that pages use, taken out of the package that brings Bootstrap.
icons: static/icons.svg
static/icons.svg: scripts/sprite.py requirements.lock
	@echo "icons: $@"
	@$(BIN)/python scripts/sprite.py

lock:
	@scripts/lock.sh

clean:
	rm -rf .venv .venv-spark .pytest_cache .mypy_cache .ruff_cache .hypothesis static/icons.svg $(catalogs:.po=.mo)
