"""A hub with its clients and its killer."""

from __future__ import annotations

import functools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from polaris.application.accounts.account_ports import AccountPorts, require_account
from polaris.application.accounts.organizations import create_organization, set_role
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import create_user
from polaris.application.loop_thread import run_blocking
from polaris.application.upkeep.collect_garbage import GarbageReport, Graces
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.bootstrap.operators import open_operations
from polaris.bootstrap.server.accounts import opened_accounts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.dataset import DatasetV1
from polaris.domain.accounts import Role, Scope
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.killed_hub.checking import Deeds
from tests.e2e.killed_hub.contents import dataset_of
from tests.e2e.killed_hub.killable_hub import KillableHub
from tests.e2e.killed_hub.killing import Killer
from tests.e2e.killed_hub.workload import BENCHMARK, CROWD

__all__ = ["CLIENTS", "UnderFire"]

CLIENTS = 8
_ROOT = Path(__file__).resolve().parents[3]
# A client goes on with what it is about for so many seconds, however long a hub is away.
_PATIENCE = 240.0


class UnderFire:
    """A hub, and what may be done to it.

    Args:
        hub: The hub; not started.
        folder: Where the clients keep what they were told.
        deeds: See `Killer`.
    """

    def __init__(
        self,
        hub: KillableHub,
        folder: Path,
        deeds: Mapping[str, tuple[Callable[[], Any], Callable[[], None], float]],
    ) -> None:
        self.hub = hub
        self._folder = folder / "clients"
        self._stop = folder / "stop"
        self._plan = folder / "plan.json"
        self._clients: subprocess.Popen[bytes] | None = None
        self._deeds = {**deeds, "end server": (self._end_in_order, hub.start, 1.5)}

    @property
    def settings(self) -> ServerSettings:
        """What the hub is made of, for its operators."""
        prefix = "POLARIS_SERVER_"
        given = {
            name.removeprefix(prefix).lower(): value
            for name, value in self.hub.environment.items()
            if name.startswith(prefix)
        }
        return ServerSettings(data=self.hub.data, **given)

    def begin(self, seed: int) -> None:
        """Start the hub, make its accounts and a benchmark, and let the clients go."""
        with opened_accounts(self.settings, make=True) as ports:
            tokens = run_blocking(_made_accounts(ports))
        self.hub.start()
        _publish_benchmark(self.hub.url, tokens[0], self._folder.with_name("benchmark"))
        self._folder.mkdir()
        plan = {
            "url": self.hub.url, "tokens": tokens, "seed": seed,
            "folder": str(self._folder), "stop": str(self._stop),
        }  # fmt: skip
        self._plan.write_text(json.dumps(plan), "utf-8")
        with (self._folder / "log").open("wb") as log:
            self._clients = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.killed_hub.workload", str(self._plan)],
                env=self.hub.environment, cwd=_ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        end = time.monotonic() + _PATIENCE
        while len(Deeds(self._folder).acknowledged) < CLIENTS:
            assert self._clients.poll() is None, self._log
            assert time.monotonic() < end, "the clients do not begin"
            time.sleep(0.5)

    def work(self, dice: random.Random, seconds: float) -> Killer:
        """Kill for so long while the clients work, then let them end; return what was done."""
        killer = Killer(dice, self._deeds, self.hub.wait)
        killer.work(seconds)
        self._stop.touch()
        assert self._clients is not None
        code = self._clients.wait(timeout=_PATIENCE)
        assert code == 0, self._log
        return killer

    @contextmanager
    def clients(self) -> Iterator[Callable[[str], PolarisHubClient]]:
        """Return what returns the client of a user, or of some member of the organization."""
        tokens = json.loads(self._plan.read_text("utf-8"))["tokens"]
        with ExitStack() as stack:

            @functools.cache
            def opened(number: int) -> PolarisHubClient:
                settings = PolarisHubSettings(hub_url=self.hub.url, token=tokens[number])
                return stack.enter_context(PolarisHubClient(settings))

            yield lambda owner: opened(0 if owner == CROWD else int(owner.rpartition("-")[2]))

    @property
    def deeds(self) -> Deeds:
        """What the clients wrote down."""
        return Deeds(self._folder)

    def collect(self) -> GarbageReport:
        """Remove what the killed have left behind, however young; nobody works any more."""
        operations = open_operations(self.settings)
        try:
            return run_blocking(operations.collect(Graces(uploads=timedelta(0)), dry_run=False))
        finally:
            operations.database.close()

    def end(self) -> None:
        """End everything."""
        self._stop.touch()
        if self._clients is not None and self._clients.poll() is None:
            # Its children look for the file.
            try:
                self._clients.wait(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                self._clients.kill()
                self._clients.wait()
        self.hub.kill()

    def _end_in_order(self) -> None:
        code = self.hub.stop()
        assert code == 0, f"the server ended with {code}: {self.hub.log[-3000:]}"

    @property
    def _log(self) -> str:
        return (self._folder / "log").read_text("utf-8", "replace")[-3000:]


async def _made_accounts(ports: AccountPorts) -> list[str]:
    """Make the users, in one organization, and return a token of each."""
    tokens = []
    for number in range(CLIENTS):
        slug = f"writer-{number}"
        await create_user(ports, slug)
        if number == 0:
            await create_organization(ports, CROWD, owner=slug)
        else:
            await set_role(ports, CROWD, slug, Role.MEMBER)
        account = await require_account(ports, slug)
        scopes = [Scope.READ, Scope.WRITE]
        issued = await issue_token(ports, account, name="tests", scopes=scopes, granted=None)
        tokens.append(issued.secret.reveal())
    return tokens


def _publish_benchmark(url: str, token: str, folder: Path) -> None:
    owner, name = BENCHMARK.split("/")
    dataset = dataset_of("0:molecules:0:table", owner, folder)
    assert isinstance(dataset, DatasetV1)
    benchmark = SingleTaskBenchmarkSpecification(
        name=name, owner=owner, dataset=dataset, input_cols="smiles", target_cols="y",
        split=(list(range(10)), [10, 11]), metrics=["mean_absolute_error"],
    )  # fmt: skip
    with PolarisHubClient(PolarisHubSettings(hub_url=url, token=token)) as client:
        client.upload_dataset(dataset, access="public")
        client.upload_benchmark(benchmark, access="public")
