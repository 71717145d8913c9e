from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import polaris.testing

FAKES_ONLY = """
import sys
sys.modules["pytest"] = sys.modules["hypothesis"] = None  # as where they are not installed
import polaris.testing
for name in polaris.testing.__all__:
    if not name.endswith("Suite") and name != "check_against_model":
        assert getattr(polaris.testing, name).__name__ == name
"""


def test_every_name_leads_to_what_it_says() -> None:
    for name in polaris.testing.__all__:
        assert getattr(polaris.testing, name).__name__ == name
    assert set(polaris.testing.__all__) <= set(dir(polaris.testing))


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="NoSuchSuite"):
        _ = polaris.testing.NoSuchSuite


def test_the_fakes_do_not_need_pytest() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAKES_ONLY], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_package_itself_imports_neither_suites_nor_fakes() -> None:
    code = "import sys, polaris.testing; print([m for m in sys.modules if 'testing.' in m])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
    assert importlib.util.find_spec("polaris.testing.suites") is not None
