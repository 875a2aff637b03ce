# The project's commands. Each step leaves a mark in the virtual environment and is not taken twice.
VENV := .venv
PYTHON := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench screenshots requirements clean

run: $(VENV)/.installed
	$(PYTHON) clinic.py start
	$(PYTHON) -m streamlit run app.py

test: $(VENV)/.ready-to-test
	$(PYTHON) -m pytest --cov --cov-report=term

check: $(VENV)/.ready-to-develop
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench: $(VENV)/.ready-to-test
	$(PYTHON) -m tests.bench.schedule
	$(PYTHON) -m tests.bench.caseload
	$(PYTHON) -m tests.bench.worklist
	$(PYTHON) -m tests.bench.patient
	$(PYTHON) -m tests.bench.cohort

screenshots: $(VENV)/.ready-to-test
	$(PYTHON) -m tests.browser.screenshots

requirements: $(VENV)/.ready-to-develop
	$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--no-header --upgrade requirements.in --output-file requirements.txt
	$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--no-header --upgrade requirements-dev.in --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

$(VENV)/.made:
	python3 -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed.")'
	python3 -m venv $(VENV)
	touch $@

$(VENV)/.installed: $(VENV)/.made requirements.txt
	$(PYTHON) -m pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/.ready-to-develop: $(VENV)/.installed requirements-dev.txt
	$(PYTHON) -m pip install --quiet --requirement requirements-dev.txt
	touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready-to-develop
	$(PYTHON) -m tests.browser.chromium
	touch $@
