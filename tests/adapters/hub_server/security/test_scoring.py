"""What scores has the rights of the hub, and lends them to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from polaris.application.accounts.first_start import ensure_administrator
from polaris.application.accounts.organizations import create_organization, set_role
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import create_user
from polaris.application.loop_thread import run_blocking
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.jobs import server_worker
from polaris.bootstrap.server.ports import ServerPorts, open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris.dataset import DatasetV1
from polaris.domain.accounts import Role
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.hub.worker import run_worker
from polaris.ports.jobs import Job
from polaris.prediction import BenchmarkPredictionsV2

URL = "https://hub.example"
TABLE = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [10.5, 20.25, 30.125, 40.0625]})
USERS = ("alice", "bobby", "davey")


class Served:
    """A hub with people, and clients of it.

    Args:
        ports: Its ports.
        settings: Its settings.
    """

    def __init__(self, ports: ServerPorts, settings: ServerSettings) -> None:
        self.ports, self.settings = ports, settings
        self.tokens: dict[str, str] = run_blocking(self._people())
        self.transport = httpx.ASGITransport(build_app(ports, settings))

    async def _people(self) -> dict[str, str]:
        ports = self.ports.account_ports
        await ensure_administrator(ports)
        tokens = {}
        for slug in USERS:
            made = await create_user(ports, slug)
            issued = await issue_token(
                ports, made.account, name="test", scopes=["read", "write"], granted=None
            )
            tokens[slug] = issued.secret.reveal()
        await create_organization(ports, "lab1", owner="alice")
        await set_role(ports, "lab1", "davey", Role.MEMBER)
        return tokens

    def client(self, who: str) -> PolarisHubClient:
        given: dict[str, Any] = {"transport": self.transport, "token": self.tokens[who]}
        return PolarisHubClient(PolarisHubSettings(hub_url=URL), **given)

    def publish_data(self, who: str, owner: str, **columns: Any) -> DatasetV1:
        dataset = DatasetV1(table=TABLE.assign(**columns), name="assay", owner=owner, license="MIT")
        with self.client(who) as client:
            client.upload_dataset(dataset, access="private", owner=owner)
        return dataset

    def publish_benchmark(self, who: str, dataset: DatasetV1) -> None:
        benchmark = SingleTaskBenchmarkSpecification(
            name="guessing", owner=who, dataset=dataset, input_cols="x", target_cols="y",
            metrics=["mean_absolute_error"], split=([0, 1, 2], [3]),
        )  # fmt: skip
        with self.client(who) as client:
            client.upload_benchmark(benchmark, access="private", owner=who)

    def submit(self, who: str) -> str:
        """Submit a guess, and return the id of the submission."""
        guess = BenchmarkPredictionsV2(
            name="guess", owner=who, benchmark_artifact_id=f"{who}/guessing",
            predictions={"test": {"y": np.array([0.0])}}, target_labels=["y"],
            test_set_labels=["test"], test_set_sizes={"test": 1},
        )  # fmt: skip
        with self.client(who) as client:
            return str(client.submit_benchmark_predictions(guess).ref.urn)

    def outcome(self, who: str, urn: str) -> Job:
        with self.client(who) as client:
            job = client.submission_status(urn)
        assert job is not None
        return job


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    settings = ServerSettings(data=tmp_path / "hub", url=URL, jobs=False)
    ports = open_server(settings)
    yield Served(ports, settings)

    async def close() -> None:
        await ports.aclose()

    run_blocking(close())


def _redirect(served: Served, *, named: bool) -> None:
    """Have bobby's benchmark be about alice's dataset, which bobby cannot see."""
    served.publish_data("alice", "alice")
    served.publish_benchmark("bobby", served.publish_data("bobby", "bobby", y=0.0))

    async def publish() -> int:
        headers = {"authorization": f"Bearer {served.tokens['bobby']}"}
        path = "/api/v3/benchmark/bobby/guessing"
        async with httpx.AsyncClient(
            transport=served.transport, base_url=URL, headers=headers
        ) as http:
            document = (await http.get(path)).json()["document"]
            for checksum in ("md5Sum", "datasetRowsSha256"):
                document.pop(checksum, None)
            document["datasetArtifactId"] = "alice/assay"
            revision = revision_of(document, Sha256Manifest.of({}))
            draft = {"revision": revision, "access": "private", "document": document}
            if named:
                draft["subject"] = "urn:polaris:dataset:alice:assay"
            # It is taken, as it would be if there were no such dataset.
            assert (await http.post(f"{path}/publications", json=draft)).status_code == 201
            commit = f"{path}/publications/{revision}/commit"
            return (await http.post(commit, json=draft)).status_code

    assert run_blocking(publish()) == 200


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("worker", ["server", "folder"])
def test_nothing_is_judged_by_data_that_its_owner_cannot_see(
    served: Served, named: bool, worker: str
) -> None:
    _redirect(served, named=named)
    urn = served.submit("bobby")
    if worker == "server":
        scoring = server_worker(served.ports, served.settings)
        assert run_blocking(scoring.until_nothing_is_due()) == 1
    else:
        folder = PolarisHubSettings(hub_url=f"file://{served.settings.data}")
        assert run_worker(folder, once=True) == 1
    job = served.outcome("bobby", urn)
    # The words are those for what is not there.
    assert (job.results, job.reason) == (None, "The hub has no dataset alice/assay")


def test_members_are_judged_by_what_their_organization_keeps_to_itself(served: Served) -> None:
    served.publish_benchmark("davey", served.publish_data("davey", "lab1"))
    urn = served.submit("davey")
    assert run_blocking(server_worker(served.ports, served.settings).until_nothing_is_due()) == 1
    job = served.outcome("davey", urn)
    assert job.results is not None, job.reason
    # Who has left since is not.
    run_blocking(set_role(served.ports.account_ports, "lab1", "davey", None))
    with served.client("davey") as client:
        guess = BenchmarkPredictionsV2(
            name="another", owner="davey", benchmark_artifact_id="davey/guessing",
            predictions={"test": {"y": np.array([1.0])}}, target_labels=["y"],
            test_set_labels=["test"], test_set_sizes={"test": 1},
        )  # fmt: skip
        urn = str(client.submit_benchmark_predictions(guess).ref.urn)
    assert run_blocking(server_worker(served.ports, served.settings).until_nothing_is_due()) == 1
    assert served.outcome("davey", urn).results is None
