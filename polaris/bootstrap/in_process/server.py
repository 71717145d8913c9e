"""A hub server in this process: its application, its clock, and the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs
from starlette.applications import Starlette

from polaris.application.unattended import Unattended
from polaris.bootstrap.container import HubContainer, build_container
from polaris.bootstrap.in_process.connections import Connections
from polaris.bootstrap.in_process.faults import Faults
from polaris.bootstrap.in_process.people import People
from polaris.bootstrap.in_process.ports import in_memory_ports
from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.jobs import server_worker
from polaris.bootstrap.server.ports import ServerPorts
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.errors import InvalidInputError
from polaris.ports.storage import Read, Write
from polaris.testing.fakes.manual_clock import ManualClock

__all__ = ["InProcessServer", "open_in_process_server"]


@attrs.frozen
class InProcessServer:
    """A hub server whose clients are in its process.

    Attributes:
        url: Its address, which nobody outside can reach.
        settings: What it is made of.
        clock: Its time, and that of its clients.
        ports: What it drives.
        app: The application.
        faults: What goes wrong on the way to it.
        connections: The way to it.
        people: Makes accounts and tokens.
    """

    url: str
    settings: ServerSettings
    clock: ManualClock
    ports: ServerPorts
    app: Starlette
    faults: Faults
    connections: Connections
    people: People

    def container(
        self, http_options: Mapping[str, Any], cache_dir: Path, **changes: Any
    ) -> HubContainer:
        """Return the wiring of a client of this hub; whoever asks closes it.

        The client's time is the hub's, it asks nobody anything, and neither environment nor files
        change its settings.

        Args:
            http_options: What is handed to its HTTP client besides the way to the hub.
            cache_dir: Folder for what it caches.
            **changes: Settings that are to be others.

        Raises:
            InvalidSettingsError: One is unknown, or breaks a rule.
        """
        given = {
            "hub_url": self.url,
            "api_url": urljoin(self.url, "/api"),
            "hub_token_url": urljoin(self.url, "/api/auth/token"),
            "callback_url": urljoin(self.url, "/oauth2/callback"),
            # Not asked for, so that what a test counts is what it does.
            "generation": "g3",
            "token_store": "memory",
            "cache_dir": cache_dir,
        }
        settings = PolarisHubSettings.from_arguments(**(given | changes))
        options = {**http_options, "transport": self.connections, "cache_auth_token": False}
        container = build_container(settings, http_options=options)
        container.clock.override(self.clock)
        container.interaction.override(Unattended())
        return container

    async def work(self) -> int:
        """Score the submissions that are due; return how many were worked on."""
        # Without renewing leases: with this clock, which stands still meanwhile, none runs out.
        worker = attrs.evolve(server_worker(self.ports, self.settings), heartbeat=False)
        return await worker.until_nothing_is_due()

    async def corrupt(self, key: str) -> list[str]:
        """Flip the bits of one byte, the middle one, of stored objects; return their whole keys.

        Args:
            key: Pattern of `fnmatch` for whole keys, or for their ends.

        Raises:
            InvalidInputError: It fits no object that has a byte.
        """
        stats = [stat async for page in self.ports.objects.list() for stat in page]
        whole = sorted(
            stat.key
            for stat in stats
            if stat.size and (fnmatchcase(stat.key, key) or fnmatchcase(stat.key, f"*/{key}"))
        )
        if not whole:
            known = ", ".join(sorted(stat.key for stat in stats)[:5]) or "none"
            raise InvalidInputError(
                f"No object of the hub fits {key!r}", hint=f"There are {known}; empty ones do not."
            )
        found = await self.ports.objects.get([Read(key) for key in whole])
        await self.ports.objects.put(
            [Write(key, _flipped(data or b"")) for key, data in zip(whole, found, strict=True)]
        )
        return whole


def _flipped(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(changed) // 2] ^= 0xFF
    return bytes(changed)


def open_in_process_server(url: str) -> InProcessServer:
    """Return an empty hub server that keeps everything in this process; it needs no closing.

    What runs beside the requests of other servers does not run here: submissions are scored when
    `InProcessServer.work` is called.

    Args:
        url: Address that clients are given, ``https://`` and a name.

    Raises:
        InvalidSettingsError: It is none.
    """
    clock = ManualClock()
    ports = in_memory_ports(clock)
    settings = ServerSettings.from_arguments(url=url, metrics="off", jobs=False)
    app = build_app(ports, settings)
    faults = Faults()
    connections = Connections(app, urlsplit(url).hostname or "", faults, clock)
    people = People(ports.account_ports, app.state.callers.refresh)
    return InProcessServer(url, settings, clock, ports, app, faults, connections, people)
