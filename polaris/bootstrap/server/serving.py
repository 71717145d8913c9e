"""Serving a hub: what is looked at before, and the processes."""

from __future__ import annotations

import logging
import os
import signal
import socket
import stat
import tempfile
from pathlib import Path
from types import FrameType

import attrs
import uvicorn

from polaris.application.accounts.first_start import ensure_administrator
from polaris.application.accounts.users import NewUser
from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.operators import hub_locks
from polaris.bootstrap.server.http_protocol import BoundedHttp
from polaris.bootstrap.server.listening import address_of, bind, check_certificate
from polaris.bootstrap.server.logs import set_up_log
from polaris.bootstrap.server.ports import open_server
from polaris.bootstrap.server.process import HubProcess
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.supervisor import Supervisor
from polaris.errors import PolarisHubError

__all__ = ["Prepared", "prepare", "run"]

_LOG = logging.getLogger("polaris.server")


@attrs.frozen
class Prepared:
    """A hub that is about to serve.

    Attributes:
        settings: What it is made of.
        listener: Where it listens; requests wait there until it serves.
        address: Its address, for people.
        administrator: The first administrator and the password, on the first start.
    """

    settings: ServerSettings
    listener: socket.socket
    address: str
    administrator: NewUser | None


def prepare(settings: ServerSettings) -> Prepared:
    """Take the port, make what a new hub needs, and find out whether all that it needs is there.

    Raises:
        HubBusyError: The hub is being restored or migrated.
        HubUnreachableError: The database does not answer.
        InvalidSettingsError: TLS files or keys of the store are no good.
        PolarisHubError: The port is taken, the folder cannot be written, or the database not be
            reached.
        StorageError: The store does not answer.
    """
    check_certificate(settings)
    listener = bind(settings)
    try:
        administrator = run_blocking(_opened_once(settings))
    except BaseException:
        listener.close()
        raise
    return Prepared(settings, listener, address_of(settings, listener), administrator)


async def _opened_once(settings: ServerSettings) -> NewUser | None:
    with hub_locks(settings).serving():
        ports = open_server(settings)
        try:
            await ports.objects.stat(["readiness"])
            return await ensure_administrator(ports.account_ports)
        finally:
            await ports.aclose()


def run(prepared: Prepared) -> None:
    """Serve until a signal to end comes; requests under way are answered first.

    Raises:
        HubBusyError: The hub is being restored or migrated.
        PolarisHubError: No process could begin.
    """
    # Until uvicorn looks after signals, there is nothing to end but this.
    signal.signal(signal.SIGTERM, _not_even_begun)
    settings = prepared.settings
    set_up_log(settings)
    config = _config(settings)
    _warn_of_open_folder(settings.data)
    _LOG.info("Serving %s, process %d", prepared.address, os.getpid())
    # Nobody restores or migrates a hub while it is served.
    with hub_locks(settings).serving():
        if settings.workers == 1:
            _run_here(config, prepared.listener)
        else:
            _run_workers(config, prepared.listener)
    _LOG.info("Ended")


def _warn_of_open_folder(folder: Path) -> None:
    if folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & stat.S_IROTH:
        _LOG.warning(
            "Other users of this machine may read %s, where the hub keeps what it signs with: "
            "chmod 700",
            folder,
        )


def _run_here(config: uvicorn.Config, listener: socket.socket) -> None:
    # uvicorn raises the signal once more when it has ended in good order: nothing is left to do.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ended)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except SystemExit as cause:
        raise _not_begun() from cause


def _run_workers(config: uvicorn.Config, listener: socket.socket) -> None:
    with tempfile.TemporaryDirectory(prefix="polaris-metrics-") as folder:
        # Read when the worker processes import the library of the metrics.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        supervisor = Supervisor(config, sockets=[listener])
        supervisor.run()
        listener.close()
    if any(process.exitcode == uvicorn.config.STARTUP_FAILURE for process in supervisor.processes):
        raise _not_begun()


def _not_begun() -> PolarisHubError:
    return PolarisHubError("The hub could not begin to serve", hint="Its log tells why.")


def _not_even_begun(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _ended(number: int, frame: FrameType | None) -> None:
    return None


def _config(settings: ServerSettings) -> uvicorn.Config:
    return uvicorn.Config(
        HubProcess(settings),
        factory=True,
        workers=settings.workers,
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=list(settings.forwarded_allow_ips),
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=max(1, round(settings.grace)),
        # For processes that replace others on SIGHUP.
        timeout_worker_healthcheck=60,
    )
