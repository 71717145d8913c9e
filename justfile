# The verbs of the project; the same ones locally and in CI. Run them with `uv run just <verb>`.

# Scratch folder for what the verbs build.
build := "build"

# List the verbs.
default:
    @just --list

# Bring the environment up to date.
setup:
    uv sync --all-extras --all-groups

# Format, and mend what can be mended by a machine.
fmt:
    ruff format .
    ruff check --fix .

# Style, and the direction of the imports.
lint:
    ruff format --check .
    ruff check .
    lint-imports --no-cache

# Types of both packages and of the tests.
types:
    mypy
    mypy tests benchmarks

# The fast tests.
test:
    pytest -q -n 2 -m "not slow"

# The tests that take real processes and seconds. Threads of the suites have event loops of their
# own, whose connections nobody closes; they are found at any later moment.
contract:
    pytest -q -n 2 -m slow -W "ignore:unclosed transport:ResourceWarning" -W "ignore:unclosed <socket:ResourceWarning"

# The tests that need PyTorch, in an environment of its own: it is large, and only they need it.
torch:
    python -m venv --clear {{build}}/torch
    {{build}}/torch/bin/python -m pip install -q torch==2.13.0
    uv pip install -q --python {{build}}/torch/bin/python ".[demo,testing]" pytest-timeout pytest-xdist
    {{build}}/torch/bin/python -m pytest -q -m torch tests/training

# The tests of hubs over HTTP once more, with the other library for HTTP, in an environment of its own.
httpx2:
    python -m venv --clear {{build}}/httpx2
    uv pip install -q --python {{build}}/httpx2/bin/python httpx2 ".[demo,keyring,server,testing]" pytest-timeout pytest-xdist trustme
    {{build}}/httpx2/bin/python -m pytest -q -n 2 -m "not slow" tests/adapters/hub_http

# Build the documentation; warnings are errors.
docs:
    sphinx-build -q -W -b html docs {{build}}/docs

# Build the wheel, install it in an empty environment, and try it there.
wheel:
    rm -rf {{build}}/wheel
    uv build -q --wheel --out-dir {{build}}/wheel
    uv venv -q --clear {{build}}/wheel/venv
    uv pip install -q --python {{build}}/wheel/venv/bin/python "$(ls {{build}}/wheel/*.whl)[demo]"
    cd {{build}}/wheel && venv/bin/polaris version && venv/bin/python -I -c "import polaris, polaris_adapters, polaris.testing.fakes"
    cd {{build}}/wheel && venv/bin/python -I -c "import importlib.util as u; assert not any(map(u.find_spec, ('adapters', 'tests', 'docs', 'benchmarks')))"
    cd {{build}}/wheel && venv/bin/polaris demo --hub "file://$PWD/hub" > /dev/null

# Measure, in one run, against polaris-lib 0.13.
bench *arguments:
    python -m benchmarks.start_up
    python -m benchmarks.compare {{arguments}}

# Measure a hub server: requests a second and their times, on small hubs and large ones.
bench-hub *arguments:
    python -m benchmarks.hub_load {{arguments}}

# Everything that must hold before a change lands.
check: lint types test contract torch httpx2 docs wheel
