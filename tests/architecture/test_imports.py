"""Importing Polaris, and asking the command line for help, loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "authlib", "dependency_injector", "dynaconf", "httpx", "numpy", "obstore", "pandas", "pyarrow",
    "rich", "scipy", "sklearn", "sqlalchemy", "zarr",
)  # fmt: skip

REPORT = f"""
import sys
sys.stderr.write(" ".join(name for name in {HEAVY!r} if name in sys.modules))
"""

HELP = """
import sys
sys.argv = ["polaris", *ARGUMENTS]
from polaris_adapters.cli.main import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
assert not code, code
"""

STARTS = {
    "import polaris": "import polaris",
    "import polaris.errors": "import polaris.errors",
    "import polaris.testing": "import polaris.testing",
    "polaris --help": HELP.replace("ARGUMENTS", "['--help']"),
    "polaris --version": HELP.replace("ARGUMENTS", "['--version']"),
}


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_nothing_heavy_is_loaded(start: str) -> None:
    assert _run(start + REPORT).stderr == ""


def test_help_is_shown() -> None:
    assert "polaris" in _run(STARTS["polaris --help"]).stdout.lower()


def test_heavy_modules_would_be_noticed() -> None:
    assert _run("import numpy" + REPORT).stderr == "numpy"
