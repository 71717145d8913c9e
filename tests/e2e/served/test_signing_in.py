"""The suites of signing in, by the pages of a real server; and by the command line, by a code."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers

from polaris.bootstrap.container import build_container, close_container
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.interaction import SignInEvent
from polaris.testing import AccountsSuite, ScriptedInteraction, SignOutSuite
from polaris_adapters.system_clock import SystemClock
from tests.e2e.serve.servers import COMMAND
from tests.e2e.served_hubs import OWNER, PASSWORD, ServedHub
from tests.e2e.visitor import Visitor

# The suites open an event loop for each of several threads, whose connections nobody closes.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    with closing(Visitor(OWNER, PASSWORD)) as found:
        yield found


class _Person(ScriptedInteraction):
    """Opens the pages that lead back to the program, and those on which a code is entered."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(self._open)
        self._visitor = visitor
        self.visits: list[threading.Thread] = []

    async def _open(self, url: str) -> None:
        # It goes on while the client waits for what it leads back to.
        shown = {"shows": "go back to Polaris"}
        visit = threading.Thread(target=self._visitor.visit, args=(url,), kwargs=shown)
        self.visits.append(visit)
        visit.start()

    async def tell(self, event: SignInEvent, /) -> None:
        if event.kind == "device_code":
            page = str(event.details["verification_uri_complete"])
            await asyncio.to_thread(self._visitor.visit, page, shows="Signed in</h1>")


class _Impatient(SystemClock):
    """Does not wait: codes are entered before the client asks for the first time."""

    async def sleep(self, seconds: float, /) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def auth(running: ServedHub, visitor: Visitor, tmp_path: Path) -> Iterator[Any]:
    """What signs in by a browser, or else by a code; nobody is signed in yet."""
    settings = PolarisHubSettings(
        hub_url=f"{running.url}/", cache_dir=tmp_path / "cache", token_store="memory"
    )
    container = build_container(settings, http_options={"trust_env": False})
    person = _Person(visitor)
    container.interaction.override(providers.Object(person))
    container.clock.override(providers.Object(_Impatient()))
    yield container.auth()
    asyncio.run(close_container(container))
    for visit in person.visits:
        visit.join(timeout=60)
    # What the loops of threads left open is found while that is still ignored.
    del container
    gc.collect()


class TestSigningIn(SignOutSuite):
    pass


class TestAccounts(AccountsSuite):
    @pytest.fixture
    def accounts(self, auth: Any) -> Any:
        return auth


@pytest.mark.parametrize("running", ["cluster"], indirect=True)
def test_without_a_browser_a_code_signs_in_and_publishes(
    emptied: ServedHub, visitor: Visitor, tmp_path: Path
) -> None:
    """The pages and the client reach either of two processes at each step."""
    serving, home = emptied.serving, tmp_path / "home"
    home.mkdir()
    environment = {**serving.environment, "HOME": str(home), "POLARIS_HUB_URL": f"{emptied.url}/"}
    command = [*COMMAND, "--json", "login", "--no-auto-open-browser"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            for line in process.stdout:
                told = json.loads(line)
                if told["event"] == "device_code":
                    visitor.visit(told["verification_uri_complete"], shows="Signed in</h1>")
            error = process.stderr.read()
        except BaseException:
            # It would wait for as long as the code is good.
            process.kill()
            raise
    assert process.returncode == 0, error
    assert told["event"] == "identity"
    file = tmp_path / "molecules.csv"
    file.write_text("smiles,y\nC,1\nCC,2\n")
    publish = """
import sys
import pandas as pd
from polaris.dataset import Dataset
from polaris.hub.client import PolarisHubClient
table = pd.read_csv(sys.argv[1])
with PolarisHubClient() as client:
    client.upload_dataset(Dataset(table=table, name="molecules", owner="acme", license="MIT"))
    print(client.get_dataset("acme", "molecules").table["y"].tolist())
"""
    done = subprocess.run(
        [COMMAND[0], "-c", publish, str(file)], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[1, 2]\n"), done.stderr
