"""The application of a hub server, with everything that its settings ask for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from starlette.applications import Starlette

from polaris.application.loop_thread import run_blocking
from polaris.application.work_on_jobs import WorkOnJobs
from polaris.bootstrap.container import open_archives
from polaris.bootstrap.server.identity import identity_provider
from polaris.bootstrap.server.jobs import JobThread, server_worker
from polaris.bootstrap.server.ports import ServerPorts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.upkeep import Upkeep
from polaris.errors import PolarisError
from polaris.ports.artifacts import Access
from polaris_adapters.hub_server import Hub, Limits, Tickets, create_app
from polaris_adapters.hub_server.account_callers import AccountCallers
from polaris_adapters.hub_server.oauth import mount_oauth
from polaris_adapters.hub_server.operation import Metrics, Operation, Readiness, operated
from polaris_adapters.hub_server.released import (
    ReleasedSettings,
    ReleasedWire,
    SignedTokens,
    mount_released,
    released_wire,
)
from polaris_adapters.hub_server.released.account_sign_ins import AccountSignIns
from polaris_adapters.hub_server.released.documents_out import BenchmarkShape
from polaris_adapters.sql_catalogue.numbers import unfinished_jobs, used_connections

__all__ = ["build_app"]

_LOG = logging.getLogger("polaris.server")
# Of a body, besides the object in it.
_SLACK = 2**24


def build_app(
    ports: ServerPorts, settings: ServerSettings, *, close_ports: bool = False
) -> Starlette:
    """Return a hub server as an ASGI application.

    What works beside the requests (scoring, tidying up) runs during its lifespan. A Starlette or
    FastAPI application in which it is mounted does not run that by itself; let its own lifespan do
    ``async with hub.router.lifespan_context(hub): yield``. Without it the hub answers all the same,
    and ``polaris hub work`` scores.

    Nothing of it is global: an application has its own metrics, and the log is that of whoever runs
    it. Whether it can serve is in ``app.state.readiness``, who calls in ``app.state.callers``, and
    what scores, during the lifespan, in ``app.state.jobs``.

    Args:
        ports: What it drives.
        settings: What operators chose. Those of the network, such as ``port``, are not looked at.
        close_ports: Whether the ports are closed at the end of the lifespan.

    Raises:
        PolarisHubError: The keys of the hub cannot be read.
    """
    callers = AccountCallers(ports.accounts, ports.credentials, ports.clock)
    hub = Hub(
        ports.artifacts,
        ports.storage,
        callers,
        ports.clock,
        ports.deposit,
        ports.jobs,
        tickets=Tickets(_key(ports, "tickets")),
        limits=Limits(object=settings.largest_object),
        accounts=ports.account_ports,
        history=ports.history,
        temporary=ports.temporary,
    )
    wire = _released(ports, settings, hub, callers) if settings.released else None
    if wire is not None:
        hub = wire.hub  # Its callers know the tokens of released clients too.
    app = mount_oauth(create_app(hub, ports.replies), identity_provider(ports, settings))
    if wire is not None:
        mount_released(app, wire)
    metrics = Metrics(lambda: _numbers(ports)) if settings.metrics != "off" else None
    app.state.readiness = _readiness(ports)
    app.state.callers = callers
    operation = Operation(
        hub=hub,
        readiness=app.state.readiness,
        hosts=settings.hosts,
        metrics=metrics,
        public_metrics=settings.metrics == "public",
        metrics_token=settings.metrics_token,
        largest_body=settings.largest_object + _SLACK,
        body_timeout=settings.body_timeout,
        rate=settings.rate_limit,
        burst=settings.rate_burst,
        strict_transport=not settings.is_local or settings.url is not None,
    )
    app.router.lifespan_context = _Lifespan(ports, settings, metrics, close_ports).running
    return operated(app, operation)


def _released(
    ports: ServerPorts, settings: ServerSettings, hub: Hub, callers: AccountCallers
) -> ReleasedWire:
    return released_wire(
        hub,
        AccountSignIns(ports.account_ports, callers),
        incoming=ports.incoming,
        archives=open_archives(),
        tokens=SignedTokens(ports.clock, _key(ports, "released-tokens")),
        settings=ReleasedSettings(
            url=settings.url,
            benchmark_shape=cast("BenchmarkShape", settings.released_benchmarks),
            access=cast("Access", settings.released_access),
        ),
    )


def _key(ports: ServerPorts, name: str) -> bytes:
    async def found() -> bytes:
        return await ports.keys.get_or_make(name, lambda: secrets.token_bytes(32))

    return run_blocking(found())


def _numbers(ports: ServerPorts) -> dict[str, float]:
    """Return what is true now; nothing where the database does not answer, which others tell."""
    try:
        found: dict[str, float] = {
            f"jobs_{state}": count for state, count in unfinished_jobs(ports.database).items()
        }
    except PolarisError:
        return {}
    used = used_connections(ports.database)
    return found if used is None else {**found, "database_connections_used": used}


def _readiness(ports: ServerPorts) -> Readiness:
    async def database() -> None:
        await ports.accounts.find("nobody")

    async def storage() -> None:
        # Not there; but the store has to say so.
        await ports.objects.stat(["readiness"])

    return Readiness({"database": database, "storage": storage}, ports.clock.monotonic)


class _Lifespan:
    """What runs beside the requests, from the first to the last."""

    def __init__(
        self,
        ports: ServerPorts,
        settings: ServerSettings,
        metrics: Metrics | None,
        close_ports: bool,
    ) -> None:
        self._ports, self._settings, self._close_ports = ports, settings, close_ports
        self._count = None if metrics is None else metrics.job_ended

    @asynccontextmanager
    async def running(self, app: Starlette) -> AsyncIterator[None]:
        tidying = asyncio.create_task(Upkeep(self._ports).forever())
        jobs = self._job_thread() if self._settings.jobs else None
        app.state.jobs = jobs
        if jobs is not None:
            jobs.start()
        try:
            yield
        finally:
            tidying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await tidying
            if jobs is not None and not await jobs.stop():
                _LOG.warning("A submission is still being scored; somebody else will do it again")
            if self._close_ports:
                await self._ports.aclose()

    def _job_thread(self) -> JobThread:
        ports, settings = self._ports, self._settings

        def worker() -> WorkOnJobs:
            return server_worker(ports, settings, self._count)

        return JobThread(worker, ports.clock, poll=settings.job_poll)
