"""The application that is composed from settings."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from polaris.application.accounts.first_start import ensure_administrator
from polaris.application.accounts.passwords import change_password
from polaris.application.accounts.personal_tokens import issue_token
from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.jobs import CountedJobs
from polaris.bootstrap.server.ports import ServerPorts, open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.upkeep import Upkeep
from polaris.domain.identity import ArtifactKind
from polaris.domain.secret import Secret
from polaris.errors import ClosedError, InvalidSettingsError, PolarisHubError
from polaris.ports.credentials import Credential, CredentialKind
from polaris.ports.jobs import JobState
from polaris.testing import ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(data=tmp_path / "hub", url="https://hub.example", jobs=False)


@pytest.fixture
async def ports(settings: ServerSettings) -> AsyncIterator[ServerPorts]:
    opened = open_server(settings)
    yield opened
    await opened.aclose()


def _client(app: Any, **given: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="https://hub.example", **given)


async def _token(ports: ServerPorts) -> str:
    made = await ensure_administrator(ports.account_ports)
    assert made is not None
    issued = await issue_token(
        ports.account_ports, made.account, name="test", scopes=["read", "write"], granted=None
    )
    return issued.secret.reveal()


async def test_an_application_has_all_that_a_hub_is(
    ports: ServerPorts, settings: ServerSettings
) -> None:
    token = await _token(ports)
    async with _client(build_app(ports, settings)) as http:
        for path, status in (
            ("/healthz", 200),
            ("/readyz", 200),
            ("/version", 200),
            ("/metrics", 401),
            ("/.well-known/polaris-hub", 200),
            ("/.well-known/openid-configuration", 200),
            ("/sign-in", 200),
            ("/api/v3/dataset", 200),
            ("/api/v3/me", 401),
        ):
            assert (await http.get(path)).status_code == status, path
        bearer = {"authorization": f"Bearer {token}"}
        assert (await http.get("/api/v3/me", headers=bearer)).json()["username"] == "admin"
        assert (await http.get("/metrics", headers=bearer)).status_code == 200
        elsewhere = {"host": "elsewhere.example"}
        assert (await http.get("/api/v3/dataset", headers=elsewhere)).status_code == 421


async def test_metrics_are_public_or_off_where_that_is_asked_for(ports: ServerPorts) -> None:
    for metrics, status in (("public", 200), ("off", 404)):
        settings = ServerSettings(metrics=metrics, url="https://hub.example")
        async with _client(build_app(ports, settings)) as http:
            assert (await http.get("/metrics")).status_code == status


async def test_two_applications_on_one_database_are_one_hub(
    settings: ServerSettings,
) -> None:
    first, second = open_server(settings), open_server(settings)
    token = await _token(first)
    record = await publish(first.artifacts, draft_of("molecules", "first", access="public"))
    apps = [build_app(each, settings) for each in (first, second)]
    replies = []
    for app in apps:
        async with _client(app, headers={"authorization": f"Bearer {token}"}) as http:
            replies.append((await http.get(f"/api/v3/dataset/{record.ref.owner}/molecules")).json())
            # One call with one key, to both.
            key = {"idempotency-key": "one"}
            body = {"slug": "chemists", "name": "Chemists"}
            made = await http.post("/api/v3/organizations", headers=key, json=body)
            replies.append(made.json())
    assert replies[0] == replies[2]
    assert replies[1] == replies[3]
    for each in (first, second):
        await each.aclose()


async def test_tokens_of_released_clients_are_good_in_every_process(
    settings: ServerSettings,
) -> None:
    first, second = open_server(settings), open_server(settings)
    made = await ensure_administrator(first.account_ports)
    assert made is not None
    new = Secret("a few words will do")
    await change_password(first.account_ports, made.account, current=made.password, new=new)
    form = {"grant_type": "password", "username": "admin", "password": new.reveal()}
    async with _client(build_app(first, settings)) as http:
        reply = await http.post("/api/auth/token", data=form)
        token = reply.json()["access_token"]
    async with _client(build_app(second, settings)) as http:
        bearer = {"authorization": f"Bearer {token}"}
        assert (await http.get("/api/v3/me", headers=bearer)).json()["username"] == "admin"
    without = attrs.evolve(settings, released=False)
    async with _client(build_app(second, without)) as http:
        assert (await http.post("/api/auth/token", data=form)).status_code == 404
        assert (await http.get("/api/v3/me", headers=bearer)).status_code == 401
        # Those of ours paste codes too.
        assert "abc" in (await http.get("/oauth2/callback?code=abc")).text
    for each in (first, second):
        await each.aclose()


async def test_an_application_runs_inside_of_another(
    ports: ServerPorts, settings: ServerSettings
) -> None:
    hub = build_app(ports, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with hub.router.lifespan_context(hub):
            yield

    platform = Starlette(routes=[Mount("/data", hub)], lifespan=lifespan)
    async with platform.router.lifespan_context(platform), _client(platform) as http:
        assert (await http.get("/data/readyz")).status_code == 200
        assert (await http.get("/data/api/v3/dataset")).json()["data"] == []
        described = (await http.get("/data/api/v3/dataset/x")).json()
        assert described["status"] == 404


async def test_a_new_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    settings = ServerSettings(data=tmp_path / "a" / "hub")
    ports = open_server(settings)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert sorted(entry.name for entry in settings.data.iterdir() if entry.is_dir()) == [
        "hidden",
        "incoming",
        "objects",
    ]
    assert stat.S_IMODE((settings.data / "catalogue.sqlite").stat().st_mode) == 0o600
    await ports.aclose()


async def test_a_store_may_lie_in_another_folder(tmp_path: Path) -> None:
    store = tmp_path / "store"
    settings = ServerSettings(data=tmp_path / "hub", storage=store.as_uri())
    await open_server(settings).aclose()
    assert (store / "hidden").is_dir()
    assert not (settings.data / "hidden").exists()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PolarisHubError, match="file"):
        open_server(ServerSettings(data=tmp_path / "file"))


async def test_a_bucket_needs_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ServerSettings(data=tmp_path, storage="s3://bucket/hub")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InvalidSettingsError, match="keys"):
        open_server(settings)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    ports = open_server(settings)
    assert "s3cr3t" not in repr(ports)
    await ports.aclose()


async def test_what_has_ended_is_removed(settings: ServerSettings, clock: ManualClock) -> None:
    ports = open_server(settings, clock)
    ended = Credential(
        kind=CredentialKind.SESSION, digest="a" * 64, family="a", created_at=clock.now(),
        expires_at=clock.now(),
    )  # fmt: skip
    await ports.credentials.add(ended)
    await Upkeep(ports).once()
    assert await ports.credentials.find(ended.kind, ended.digest) is not None
    clock.advance(31 * 86400)
    await Upkeep(ports).once()
    assert await ports.credentials.find(ended.kind, ended.digest) is None
    await ports.aclose()
    # A database that is gone ends nothing.
    await Upkeep(ports).once()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_submissions_are_scored_beside_the_requests(tmp_path: Path) -> None:
    settings = ServerSettings(data=tmp_path / "hub", url="https://hub.example", job_poll=0.01)
    opened = open_server(settings)
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def count(outcome: str) -> None:
        loop.call_soon_threadsafe(ended.set)

    jobs = CountedJobs(opened.jobs, count)
    ports = attrs.evolve(opened, jobs=jobs)
    app = build_app(ports, settings, close_ports=True)
    draft = draft_of("predictions", "first", kind=ArtifactKind.PREDICTION)
    record = await publish(ports.artifacts, attrs.evolve(draft, evaluate=True))
    async with app.router.lifespan_context(app), _client(app) as http:
        await asyncio.wait_for(ended.wait(), 30)
        [job] = await jobs.find(record.ref)
        assert (job.state, job.reason is None) == (JobState.FAILED, False)
        metrics = await http.get(
            "/metrics", headers={"authorization": f"Bearer {await _token(ports)}"}
        )
        assert 'polaris_jobs_total{outcome="failed"} 1.0' in metrics.text
    with pytest.raises(ClosedError):
        await jobs.find(record.ref)
