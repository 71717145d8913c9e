from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from polaris.hub.client import PolarisHubClient

# In a process of its own, as in the project of a user.
THEIR_TESTS = """
import polaris

seen = set()


def test_first(polaris_client, polaris_hub_url):
    assert polaris_client.settings.hub_url == polaris_hub_url
    assert polaris_client.list_datasets() == []
    seen.add(polaris_hub_url)


def test_second(polaris_hub_url):
    assert polaris_hub_url.startswith("memory://")
    assert polaris_hub_url not in seen
"""
THEIR_SUITE = """
import pytest
from polaris.testing import InMemoryStorage
from polaris.testing.suites.storage_listings import StorageListingsSuite


class Forgetful(InMemoryStorage):
    async def put(self, writes, /, **options):
        return [True for _ in writes]


class TestForgetful(StorageListingsSuite):
    @pytest.fixture
    def storage(self):
        return Forgetful()
"""
LOADED = """
import sys
import polaris.pytest_plugin
heavy = {"numpy", "pandas", "attrs", "attr", "zarr", "hypothesis"} & set(sys.modules)
print(sorted({m for m in sys.modules if m.startswith("polaris")} | heavy))
"""


def _pytest(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_theirs.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    command += ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    return subprocess.run(
        [*command, *options, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_client_of_an_empty_hub_is_at_hand(
    polaris_client: PolarisHubClient, polaris_hub_url: str
) -> None:
    assert polaris_client.settings.hub_url == polaris_hub_url
    assert polaris_client.list_datasets() == []


def test_the_plugin_is_registered() -> None:
    [ours] = entry_points(group="pytest11", name="polaris")
    assert ours.value == "polaris.pytest_plugin"


def test_users_get_a_hub_a_test_without_warnings(tmp_path: Path) -> None:
    done = _pytest(tmp_path, THEIR_TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_a_suite_that_fails_tells_both_sides(tmp_path: Path) -> None:
    done = _pytest(tmp_path, THEIR_SUITE, "-k", "every_object_once")
    assert done.returncode == 1
    assert "1 failed" in done.stdout
    # Only assertions that pytest has rewritten show values.
    assert "assert [] == ['0/0000'" in done.stdout


def test_loading_the_plugin_costs_next_to_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = ["polaris", "polaris.pytest_plugin"]
    assert done.stdout.strip() == str(loaded)
