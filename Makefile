# make run     start the app                    make test    run every test, in a browser too
# make bench   print the benchmark table        make lint    style, and the types of core
# make clean   remove what the others built
#
# PYTHON=… names an interpreter, CHROMIUM=… a browser, TESTS=… the tests to run.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
TESTS := tests

.PHONY: run test bench lint clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py

test: $(VENV)/dev.stamp
	CHROMIUM="$$(.ci/chromium)" && export CHROMIUM && $(BIN)/python -m pytest $(TESTS)

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
