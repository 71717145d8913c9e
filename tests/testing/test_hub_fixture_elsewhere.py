"""The fixture `hub` in projects of users: runs of pytest in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

THEIR_TESTS = """
import threading

import pytest

from polaris.errors import ArtifactNotFoundError, HubUnavailableError
from polaris.hub.in_process_hub import InProcessHub
from polaris.model import Model


@pytest.mark.parametrize("turn", range(4))
def test_each_test_has_an_empty_hub(hub: InProcessHub, turn):
    client = hub.client("alice")
    assert client.list_models() == []
    client.upload_model(Model(name="my-model", owner="alice"), access="private")
    assert list(client.list_models()) == ["alice/my-model"]
    with pytest.raises(ArtifactNotFoundError):
        hub.client("bobby").get_model("alice/my-model")


async def test_in_an_event_loop(hub):
    hub.fail(times=2)
    async with hub.async_client("alice") as client:
        assert await client.list_models() == []
    # Not closed on purpose: the hub does it.
    assert await hub.async_anonymous().list_models() == []


def test_it_fails_to_order(hub):
    hub.fail(times=None)
    with pytest.raises(HubUnavailableError):
        hub.client().list_models()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left():
    yield
    ours = [thread.name for thread in threading.enumerate()]
    # The loop of blocking calls, with its pool, is the process's own, and was there before.
    assert [name for name in ours if not name.startswith(("MainThread", "polaris-loop", "asyncio"))
            and "execnet" not in name and "Dummy" not in name] == []
"""
THEIR_OWN = """
import pytest


@pytest.fixture
def hub():
    return "theirs"


def test_their_own_fixture_comes_first(hub):
    assert hub == "theirs"
"""
# As where the extra is not installed.
WITHOUT_EXTRA = """
import sys

sys.modules["starlette"] = None
"""


def _pytest(folder: Path, files: dict[str, str], *options: str) -> tuple[int, str]:
    for name, text in files.items():
        (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    command += ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    done = subprocess.run(
        [*command, *options, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_it_works_without_warnings(tmp_path: Path) -> None:
    files = {"test_theirs.py": THEIR_TESTS, "test_their_own.py": THEIR_OWN}
    code, shown = _pytest(tmp_path, files)
    assert code == 0, shown
    assert "7 passed" in shown


@pytest.mark.slow
def test_it_works_in_several_processes(tmp_path: Path) -> None:
    code, shown = _pytest(tmp_path, {"test_theirs.py": THEIR_TESTS}, "-n", "2")
    assert code == 0, shown
    assert "6 passed" in shown


def test_it_says_what_is_not_installed(tmp_path: Path) -> None:
    files = {"conftest.py": WITHOUT_EXTRA, "test_theirs.py": "def test_it(hub):\n    pass\n"}
    code, shown = _pytest(tmp_path, files)
    assert code == 1, shown
    assert "1 error" in shown
    assert "MissingExtraError: A hub server in the process needs packages" in shown
    assert "polaris-hub[server]" in shown
