"""The fixture `hub`, as tests of users hold it: people, rights, time, scoring."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.competition import CompetitionSpecification
from polaris.dataset import Dataset
from polaris.dataset.zarr import write_archive
from polaris.domain.accounts import Role
from polaris.domain.identity import HubOwner
from polaris.errors import (
    AccessDeniedError,
    AccountExistsError,
    AccountNotFoundError,
    ArtifactNotFoundError,
    ClosedError,
    HubUnreachableError,
    InsufficientScopeError,
    InvalidInputError,
    InvalidNameError,
    InvalidSettingsError,
    PolarisUnauthorizedError,
    SignInError,
)
from polaris.hub.client import AsyncPolarisHubClient, PolarisHubClient
from polaris.hub.in_process_hub import InProcessHub
from polaris.hub.settings import PolarisHubSettings
from polaris.ports.jobs import JobState
from polaris.prediction import CompetitionPredictions


def _dataset(owner: str = "alice", name: str = "molecules") -> Dataset:
    return Dataset(
        table=pd.DataFrame({"smiles": ["C", "CC", "CCC"], "y": [1.0, 2.0, 3.0]}),
        name=name, owner=owner, license="MIT", source="https://example.org",
    )  # fmt: skip


class TestPeople:
    def test_each_user_has_a_client(self, hub: InProcessHub) -> None:
        assert hub.client().user_as_owner.slug == "alice"
        assert hub.client("bobby").user_info["username"] == "bobby"
        assert hub.client("bobby").login().user.slug == "bobby"
        with pytest.raises(InvalidNameError):
            hub.client("Bob")

    def test_what_is_public_is_everybodys(self, hub: InProcessHub) -> None:
        hub.client("alice").upload_dataset(_dataset(), access="public")
        for client in (hub.client("bobby"), hub.anonymous()):
            assert list(client.list_datasets()) == ["alice/molecules"]
            found = client.get_dataset("alice", "molecules", verify_checksum=True)
            assert found == _dataset()
            with pytest.raises(PolarisUnauthorizedError):  # AccessDeniedError is one.
                client.upload_dataset(_dataset(), owner="alice")

    def test_what_is_private_stays_private(self, hub: InProcessHub) -> None:
        hub.client("alice").upload_dataset(_dataset(), access="private")
        assert hub.client("alice").get_dataset("alice", "molecules").n_rows == 3
        for client in (hub.client("bobby"), hub.anonymous()):
            assert list(client.list_datasets()) == []
            with pytest.raises(ArtifactNotFoundError):
                client.get_dataset("alice", "molecules")

    def test_members_of_an_organization_see_what_is_its_own(self, hub: InProcessHub) -> None:
        member, stranger = hub.client("bobby"), hub.client("mallory")
        assert member.user_as_owner.slug == "bobby"  # The hub has looked at the account.
        hub.add_organization("acme", ["alice", "anne"], ["bobby"])
        for owner in ("alice", "anne"):
            hub.client(owner).upload_dataset(
                _dataset("acme"), access="private", if_exists="replace"
            )
        assert list(member.list_datasets()) == ["acme/molecules"]
        assert list(stranger.list_datasets()) == []
        with pytest.raises(AccessDeniedError):
            stranger.upload_dataset(_dataset("acme"))
        with pytest.raises(AccountExistsError):
            hub.add_organization("acme", owners=["alice"])
        with pytest.raises(InvalidInputError, match="no owner"):
            hub.add_organization("empty-one", owners=[])
        with pytest.raises(AccountNotFoundError):
            hub.client("acme")

    def test_administrators_manage_accounts(self, hub: InProcessHub) -> None:
        client = hub.client("alice")
        assert client.get("/v3/accounts").status_code == 403
        assert hub.add_user("alice", is_administrator=True).is_administrator
        assert hub.add_user("alice").is_administrator
        assert client.get("/v3/accounts").status_code == 200
        assert [r.status for r in hub.asked("*/accounts")] == [403, 200]

    def test_a_token_allows_what_its_scopes_say(self, hub: InProcessHub) -> None:
        reader = hub.client("alice", scopes=["read"])
        assert list(reader.list_datasets()) == []
        with pytest.raises(InsufficientScopeError):
            reader.upload_dataset(_dataset())

    def test_people_are_added_past_the_routes(self, hub: InProcessHub) -> None:
        assert hub.add_organization("acme", ["alice"]).type == "organization"
        assert hub.requests == []
        token = hub.token("alice")
        assert "polaris_pat_" in token.reveal()
        assert token.reveal() not in repr(token)
        members = hub.client().get("/v3/organizations/acme/members").json()
        assert [Role(entry["role"]) for entry in members["data"]] == [Role.OWNER]


class TestTokensEnd:
    def test_in_time(self, hub: InProcessHub) -> None:
        short, long = hub.client(expires=timedelta(hours=1)), hub.client(expires=None)
        hub.clock.advance(3599)
        assert short.list_datasets() == []
        hub.clock.advance(1)
        with pytest.raises(PolarisUnauthorizedError):
            short.list_datasets()
        hub.clock.advance(10 * 365 * 86400)
        assert long.list_datasets() == []

    @pytest.mark.parametrize("end", ["expire_tokens", "revoke_tokens"])
    def test_to_order(self, hub: InProcessHub, end: str) -> None:
        alice, bobby = hub.client("alice"), hub.client("bobby")
        for _ in range(120):  # More than one page of tokens.
            hub.token("anne")
        assert getattr(hub, end)("alice") == 1
        with pytest.raises(PolarisUnauthorizedError):
            alice.upload_dataset(_dataset())
        assert bobby.list_datasets() == []
        assert getattr(hub, end)() == 121
        assert getattr(hub, end)() == 0
        with pytest.raises(PolarisUnauthorizedError):
            bobby.list_datasets()
        assert hub.client("alice").list_datasets() == []
        with pytest.raises(AccountNotFoundError):
            getattr(hub, end)("nobody")


def test_benchmarks_are_evaluated(hub: InProcessHub) -> None:
    dataset = _dataset()
    hub.client("alice").upload_dataset(dataset, access="public")
    benchmark = SingleTaskBenchmarkSpecification(
        name="the_benchmark", owner="alice", dataset=dataset, target_cols=["y"],
        input_cols=["smiles"], split=([0, 1], [2]), metrics=["mean_absolute_error"],
    )  # fmt: skip
    hub.client("alice").upload_benchmark(benchmark, access="public")
    player = hub.client("bobby")
    loaded = player.get_benchmark("alice", "the-benchmark")
    results = loaded.evaluate([2.5])
    results.name, results.owner = "my_results", HubOwner("bobby")
    player.upload_results(results, access="public")
    ranking = hub.anonymous().leaderboard("alice", "the-benchmark", statistics=False)
    assert [(entry.artifact_id, entry.score) for entry in ranking.entries] == [
        ("bobby/my-results", 0.5)
    ]


def test_submissions_are_scored_when_the_test_says_so(hub: InProcessHub, tmp_path: Path) -> None:
    now = hub.clock.now()
    truth = np.arange(20.0)
    source = write_archive(tmp_path / "source.zarr", {"x": truth, "y": truth})
    contest = CompetitionSpecification(
        name="the_contest", owner="alice", license="MIT", zarr_root_path=str(source),
        input_cols="x", target_cols="y", metrics=["mean_absolute_error"],
        split=([0, 1, 2, 3], [12, 15]), start_time=now, end_time=now + timedelta(days=1),
    )  # fmt: skip
    hub.client("alice").upload_competition(contest, "public")
    submission = CompetitionPredictions(
        name="forest", owner="bobby", predictions=[12.5, 15.5], target_labels=["y"],
        test_set_labels=["test"], test_set_sizes={"test": 2}, paper_url="https://example.org/r",
    )  # fmt: skip
    player = hub.client("bobby")
    record = player.submit_competition_predictions("alice/the-contest", submission)
    status = player.submission_status(record.ref.urn)
    assert status is not None
    assert status.state is JobState.WAITING
    before = hub.clock.now()
    assert hub.work() == 1
    assert hub.work() == 0
    assert hub.clock.now() == before
    [found] = player.list_competition_results("alice/the-contest")
    assert float(player.get_competition_results(found).results["Score"].iloc[0]) == 0.5


class TestClients:
    async def test_of_event_loops(self, hub: InProcessHub) -> None:
        async with hub.async_client("alice") as alice, hub.async_anonymous() as anybody:
            await alice.upload_dataset(_dataset(), access="public")
            lists = await asyncio.gather(*(anybody.list_datasets() for _ in range(20)))
            assert [list(found) for found in lists] == [["alice/molecules"]] * 20
        with pytest.raises(ClosedError):
            await alice.list_datasets()
        # Blocking ones are of the same hub.
        assert list(hub.client("bobby").list_datasets()) == ["alice/molecules"]
        assert len(hub.asked("/api/v3/dataset", method="GET")) == 21

    def test_in_threads(self, hub: InProcessHub) -> None:
        client, failed = hub.client(), []

        def publish(name: str) -> None:
            try:
                client.upload_dataset(_dataset(name=name))
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=publish, args=(f"data-{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert len(client.list_datasets()) == 4

    def test_take_their_settings_from_the_test_alone(
        self, hub: InProcessHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("POLARIS_TOKEN", "of-somebody")
        monkeypatch.setenv("POLARIS_HUB_URL", "https://elsewhere.example")
        monkeypatch.setenv("POLARIS_MAX_ATTEMPTS", "nonsense")
        monkeypatch.setenv("POLARIS_SERVER_PORT", "nonsense")
        assert hub.anonymous().list_datasets() == []
        assert hub.anonymous(max_attempts=2).settings.max_attempts == 2
        assert not hub.client().settings.cache_dir.is_relative_to(Path.home())
        with InProcessHub() as other:
            assert other.client().list_datasets() == []
        with pytest.raises(InvalidSettingsError, match="max_attemps"):
            hub.client(max_attemps=2)

    def test_ask_nobody_to_sign_in(self, hub: InProcessHub) -> None:
        with pytest.raises(SignInError):
            hub.anonymous().login()

    def test_of_your_own_code_reach_the_hub_and_no_other(self, hub: InProcessHub) -> None:
        settings = PolarisHubSettings(hub_url=hub.url, max_attempts=1)
        with PolarisHubClient(settings, **hub.http_options("bobby")) as client:
            assert client.user_as_owner.slug == "bobby"
        with PolarisHubClient(settings, **hub.http_options(None)) as client:
            assert client.list_datasets() == []
        elsewhere = PolarisHubSettings(hub_url="https://other.test", max_attempts=1)
        with (
            PolarisHubClient(elsewhere, **hub.http_options()) as client,
            pytest.raises(HubUnreachableError, match=r"only hub\.test"),
        ):
            client.list_datasets()

    async def test_may_be_any_that_call_asgi(self, hub: InProcessHub) -> None:
        transport = httpx.ASGITransport(hub.app)
        async with httpx.AsyncClient(transport=transport, base_url=hub.url) as http:
            described = (await http.get("/.well-known/polaris-hub")).json()
        assert described["generation"] == 3
        assert hub.requests == []


class TestTheEnd:
    def test_what_was_cached_is_removed(self) -> None:
        hub = InProcessHub()
        folder = hub.client().settings.cache_dir
        assert folder.is_dir()
        hub.close()
        hub.close()
        assert not folder.exists()
        with pytest.raises(ClosedError):
            hub.client()

    def test_no_thread_is_left(self) -> None:
        with InProcessHub() as first:
            first.client().list_datasets()
        before = set(threading.enumerate())
        with InProcessHub() as hub:
            hub.client().upload_dataset(_dataset())
        # The pool of the loop on which blocking calls run is the process's own.
        new = [thread.name for thread in set(threading.enumerate()) - before]
        assert [name for name in new if not name.startswith("asyncio_")] == []

    def test_hubs_know_nothing_of_each_other(self, hub: InProcessHub) -> None:
        hub.client().upload_dataset(_dataset())
        hub.fail(times=None)
        with InProcessHub("https://other.test") as other:
            assert other.client().list_datasets() == []
            assert other.url == "https://other.test"
        assert "hub.test" in repr(hub)


def test_the_clients_are_those_that_users_hold(hub: InProcessHub, polaris_hub: Any) -> None:
    assert hub is polaris_hub
    assert type(hub.client()) is PolarisHubClient
    assert type(hub.async_client()) is AsyncPolarisHubClient
