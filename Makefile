# Two commands: `make run` and `make test`. The same steps as plain commands stand in the README.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA := $(or $(BEACON_DATA_DIR),data)
PORT ?= 8501

.PHONY: run run-live live-tools compare test quick check bench screenshots browser postgres clean

# The comparison of models takes minutes: the app opens at once, and Lending shows it when it is there.
run: $(VENV)/app.stamp $(DATA)/builds/CURRENT
	@test -f $(DATA)/models/payments/comparison/report.json || \
	  { nice -n 19 $(MAKE) --no-print-directory compare > $(DATA)/compare.log 2>&1 & }
	$(BIN)/streamlit run app.py --server.port $(PORT)

# The app with payments as they happen: broker, Redis, stream and a replay of the build's payments beside it.
run-live: $(VENV)/dev.stamp $(DATA)/builds/CURRENT live-tools
	$(BIN)/python -m core live --port $(PORT)

compare: $(VENV)/app.stamp
	for model in default churn payments; do $(BIN)/python -m core train --model $$model || exit 1; done

$(DATA)/builds/CURRENT: | $(VENV)/app.stamp
	@test -d $(DATA)/raw || $(BIN)/python -m core demo
	$(BIN)/python -m core build

# A bare Debian lacks the OpenMP library that LightGBM links to, and sometimes the venv module.
$(VENV)/app.stamp: requirements.txt
	@ldconfig -p 2>/dev/null | grep -q libgomp || test ! -x /usr/bin/apt-get || \
	  (apt-get update -q && apt-get install -y -q --no-install-recommends libgomp1)
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || (apt-get update -q && apt-get install -y -q python3-venv)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/dev.stamp: $(VENV)/app.stamp requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Chromium and a Korean font for the browser tests, from Debian's packages.
browser:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk' || \
	  (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
	   chromium fonts-noto-cjk fontconfig)

# PostgreSQL's server for the desk's tests; they start one of their own, in a folder of their own.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	  (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql)

# Redis for the stream, from Debian's packages; the broker comes with requirements-dev.txt.
live-tools:
	@command -v redis-server >/dev/null || \
	  (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends redis-server)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --quiet core pages

test: check browser postgres live-tools
	$(BIN)/python -m pytest -n 2 --dist loadfile

quick: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -m "not slow"

bench: $(VENV)/dev.stamp browser live-tools
	$(BIN)/python -m tests.bench

screenshots: $(VENV)/dev.stamp browser
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
