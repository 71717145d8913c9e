"""A competition over HTTP: its targets stay behind the server, where submissions are scored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.competition import CompetitionSpecification
from polaris.dataset.zarr import write_archive
from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.errors import TestAccessError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.hub.worker import run_worker
from polaris.ports.auth import Identity
from polaris.ports.jobs import JobState
from polaris.prediction import CompetitionPredictions
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, create_app

TRUTH = 1000.5 + np.arange(20) * 7.25
TEST = [12, 15, 16, 19]


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[HubContainer]:
    """The ports of a hub in a folder."""
    settings = PolarisHubSettings(hub_url=f"file://{tmp_path / 'hub'}")
    container = build_container(settings)
    yield container
    run_blocking(close_container(container))


@pytest.fixture
def transport(wiring: HubContainer) -> httpx.ASGITransport:
    owner = Caller(Identity(HubOwner("acme")))
    player = Caller(Identity(HubOwner("me-myself")))
    callers = KnownTokens({Secret("of-the-owner"): owner, Secret("of-a-player"): player})
    behind = wiring.transport()
    hub = Hub(
        behind.artifacts, behind.storage, callers, wiring.clock(), behind.deposit, behind.jobs
    )
    return httpx.ASGITransport(create_app(hub))


def _client(transport: httpx.ASGITransport, token: str) -> PolarisHubClient:
    given: dict[str, Any] = {"transport": transport, "token": token}
    return PolarisHubClient(PolarisHubSettings(hub_url="https://hub.example"), **given)


def _state(client: PolarisHubClient, urn: str) -> JobState | None:
    job = client.submission_status(urn)
    return None if job is None else job.state


def test_a_submission_is_scored_behind_the_server(
    wiring: HubContainer, transport: httpx.ASGITransport, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    columns = {"x": np.arange(20.0), "y": TRUTH}
    contest = CompetitionSpecification(
        name="the_contest", owner="acme", license="MIT",
        zarr_root_path=str(write_archive(tmp_path / "source.zarr", columns)),
        input_cols="x", target_cols="y", metrics=["mean_absolute_error"],
        split=([0, 1, 2, 3], TEST), start_time=now - timedelta(days=1),
        end_time=now + timedelta(days=1),
    )  # fmt: skip
    with _client(transport, "of-the-owner") as owner:
        owner.upload_competition(contest, "public")
    with _client(transport, "of-a-player") as player:
        loaded = player.get_competition("acme/the-contest")
        assert np.isnan(np.array([loaded.get_data(row, "y") for row in TEST])).all()
        with pytest.raises(TestAccessError):
            _ = loaded.get_train_test_split()[1].y  # type: ignore[union-attr]
        submission = CompetitionPredictions(
            name="forest", owner="me-myself", predictions=list(TRUTH[TEST] + 0.5),
            target_labels=["y"], test_set_labels=["test"], test_set_sizes={"test": len(TEST)},
            paper_url="https://example.org/report",
        )  # fmt: skip
        record = player.submit_competition_predictions("acme/the-contest", submission)
        assert _state(player, record.ref.urn) is JobState.WAITING
        assert run_worker(once=True, container=wiring) == 1
        assert _state(player, record.ref.urn) is JobState.SCORED
        [found] = player.list_competition_results("acme/the-contest")
        scores = player.get_competition_results(found).results
        assert float(scores["Score"].iloc[0]) == pytest.approx(0.5)
