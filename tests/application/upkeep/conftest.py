"""Hubs to be copied, checked and cleared up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from polaris.application.null_progress import NullProgress
from polaris.application.publish import Publish, parcel_of_bytes
from polaris.application.retry import RetryPolicy
from polaris.bootstrap.operators import Operations, open_operations
from polaris.bootstrap.server.ports import ServerPorts, open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactRecord, Publication
from polaris.ports.storage import StoragePort, Write
from polaris.testing.fakes.manual_clock import ManualClock


@attrs.frozen
class HubUnderTest:
    """A hub as its server and as its operators see it.

    Attributes:
        settings: What it is made of.
        clock: Its clock.
    """

    settings: ServerSettings
    clock: ManualClock

    @property
    def ports(self) -> ServerPorts:
        """The hub as its server sees it; tables are made if they are not there."""
        return open_server(self.settings, self.clock)

    def operations(self, *, new: bool = False) -> Operations:
        """The hub as its operators see it."""
        return open_operations(self.settings, new=new, clock=self.clock, patience=0)

    async def publish(
        self,
        name: str,
        objects: Mapping[str, bytes] | None = None,
        *,
        kind: ArtifactKind = ArtifactKind.DATASET,
        subject: ArtifactRef | None = None,
        text: str = "",
        evaluate: bool = False,
    ) -> ArtifactRecord:
        """Publish something that is named, with test targets if it is a competition."""
        ports = self.ports
        ref = ArtifactRef(kind, "acme", name)
        given = {"a.txt": f"{name} a".encode(), "data.zarr/0.0": f"{name} chunk".encode() * 9}
        parcels = [
            parcel_of_bytes(k, v) for k, v in (given if objects is None else objects).items()
        ]

        async def hide(publication: Publication) -> None:
            if kind is not ArtifactKind.COMPETITION:
                return
            target = Write("targets.zarr/y/0", f"{name} targets".encode())
            sums = {target.key: hashlib.sha256(target.data).hexdigest()}
            seal = Write("sha256sums.txt", Sha256Manifest.of(sums).text.encode())
            await ports.deposit.deposit(publication.location, [target, seal])

        publish = Publish(ports.artifacts, ports.storage, RetryPolicy(), self.clock, NullProgress())
        try:
            return await publish(
                ref,
                {"name": name, "text": text},
                parcels,
                access="public",
                subject=subject,
                evaluate=evaluate,
                before_commit=hide,
            )
        finally:
            await ports.aclose()


def new_clock() -> ManualClock:
    """Return a clock at the present moment, by which files are as old as they are."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def make_hub(tmp_path: Path) -> Callable[[str], HubUnderTest]:
    """Makes hubs in folders, by name."""
    return lambda name: HubUnderTest(ServerSettings(data=tmp_path / name), new_clock())


@pytest.fixture
def hub(make_hub: Callable[[str], HubUnderTest]) -> HubUnderTest:
    """A hub in a folder."""
    return make_hub("hub")


async def everything(store: StoragePort) -> dict[str, bytes]:
    """Return all objects of a store."""
    from polaris.ports.storage import Read

    keys = [stat.key async for page in store.list() for stat in page]
    found = await store.get([Read(key) for key in keys])
    return {key: data for key, data in zip(keys, found, strict=True) if data is not None}
