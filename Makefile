# make run     start the app                    make test      the tests, in a browser too (about 12 minutes on two cores)
# make quick   tests without a browser (50 s)   make test-all  every test, every seed, every run (the night)
# make bench   print the benchmark table        make lint      style, and the types of core
# make clean   remove what the others built
#
# PYTHON=… names an interpreter, CHROMIUM=… a browser, TESTS=… the tests to run with make test-all.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
TESTS := tests

.PHONY: run test quick test-all bench lint clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py

# Without a browser they run side by side; the browser's own are about who comes first, and want the machine for
# themselves.
SIDE_BY_SIDE := -n 2 --dist loadscope --ignore tests/e2e tests

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m "not nightly" $(SIDE_BY_SIDE)
	CHROMIUM="$$(.ci/chromium)" && export CHROMIUM && $(BIN)/python -m pytest -m "not nightly" tests/e2e

quick: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m "quick" $(SIDE_BY_SIDE)

test-all: $(VENV)/dev.stamp
	CHROMIUM="$$(.ci/chromium)" && export CHROMIUM ALL_TESTS=1 && $(BIN)/python -m pytest $(TESTS)

bench: $(VENV)/dev.stamp
	$(BIN)/python -m tests.benchmarks

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache

# A stamp is as old as the last installation: a second make installs nothing, a changed list of packages does.
$(BIN)/python:
	python=$$(.ci/python) && "$$python" -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	@echo "Installing what the app needs; TensorFlow is large …"
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(PIP) -r requirements-dev.txt
	@touch $@
