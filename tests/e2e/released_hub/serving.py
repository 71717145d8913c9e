"""A hub of ours that answers on loopback, run as a process of its own.

In one process with a client, both would share the threads on which stores wait.
"""

from __future__ import annotations

import json
import secrets
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from polaris.domain.identity import HubOwner
from polaris.domain.secret import Secret
from polaris.ports.auth import Identity
from polaris_adapters.hub_server import Caller, Hub, KnownTokens, Tickets, create_app
from polaris_adapters.hub_server.released import (
    KnownSignIns,
    ReleasedSettings,
    SignedTokens,
    mount_released,
    released_wire,
)
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.hidden_targets import StoredTargetDeposit
from polaris_adapters.sql_catalogue import open_sqlite_catalogue, open_sqlite_jobs
from polaris_adapters.system_clock import SystemClock
from polaris_adapters.zarr_arrays import ZarrArchives

__all__ = ["EXTERNAL", "NATIVE", "PASSWORD", "STRANGER"]

PASSWORD, NATIVE, EXTERNAL = "s3cret word", "token-of-alice", "external-of-alice"
STRANGER = "token-of-mallory"


def hub_app(folder: Path, settings: dict[str, Any]) -> Any:
    """Return the application of a hub in a folder, whose users are alice and mallory."""
    clock = SystemClock()
    alice = Caller(Identity(HubOwner("alice-u", type="user"), "alice@example.org"), {"acme"})
    mallory = Caller(Identity(HubOwner("mallory", type="user")))
    catalogue = folder / "catalogue.sqlite"
    # Clients keep their tokens; those of before a restart have to be good after it.
    key = folder / "key"
    if not key.exists():
        key.write_bytes(secrets.token_bytes(32))
    hub = Hub(
        open_sqlite_catalogue(catalogue, clock),
        RevisionStorage(FolderStorage(folder / "objects")),
        KnownTokens({Secret(NATIVE): alice, Secret(STRANGER): mallory}),
        clock,
        StoredTargetDeposit(FolderStorage(folder / "hidden")),
        open_sqlite_jobs(catalogue, clock),
        Tickets(key.read_bytes()),
    )
    passwords = {"alice": (Secret(PASSWORD), alice), "mallory": (Secret("other word"), mallory)}
    wire = released_wire(
        hub,
        KnownSignIns(passwords, {Secret(EXTERNAL): alice}),
        incoming=FolderStorage(folder / "incoming"),
        archives=ZarrArchives(),
        tokens=SignedTokens(clock, key.read_bytes()),
        settings=ReleasedSettings(**settings),
    )
    return mount_released(create_app(wire.hub), wire)


if __name__ == "__main__":
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        application = hub_app(Path(sys.argv[1]), json.loads(sys.argv[2]))
        # What connects from now on waits in the queue of the socket.
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(application, log_level="warning", lifespan="off", ws="none")
        uvicorn.Server(config).run(sockets=[listening])
