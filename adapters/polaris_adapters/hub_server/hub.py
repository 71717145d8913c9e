"""The hub behind the routes: its ports, who calls, and what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactLocation, ArtifactRecord, ArtifactRepository
from polaris.ports.clock import Clock
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.jobs import JobReader
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_server.access import Act, allows, not_found, reading, refusal
from polaris_adapters.hub_server.callers import Caller, Callers
from polaris_adapters.hub_server.tickets import Tickets

__all__ = ["Hub", "Limits", "own_failure"]


@attrs.frozen
class Limits:
    """What one call may ask for.

    Attributes:
        document: Longest body of JSON, bytes.
        object: Largest object that is taken in, bytes; it is in memory while it is.
        listing: Most objects in one page of a listing.
    """

    document: int = 64 * 2**20
    object: int = 2**30
    listing: int = 100_000


@attrs.frozen
class Hub:
    """What the routes drive.

    Attributes:
        artifacts: The catalogue.
        storage: The objects of its artifacts.
        callers: Knows whose tokens are.
        clock: Tells the time.
        deposit: Takes in test targets; None on a hub that holds none.
        jobs: Tells how far scoring has come; None on a hub that scores nothing.
        tickets: Signs what has been shown.
        limits: What one call may ask for.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    callers: Callers
    clock: Clock
    deposit: TargetDeposit | None = None
    jobs: JobReader | None = None
    tickets: Tickets = attrs.field(factory=Tickets)
    limits: Limits = attrs.field(factory=Limits)

    def require_change(self, caller: Caller | None, ref: ArtifactRef, verb: str) -> None:
        """Refuse a caller who may not change an owner's artifacts; says nothing of what is there.

        Raises:
            PolarisUnauthorizedError: Nobody has signed in.
            AccessDeniedError: Somebody else has.
        """
        if not allows(caller, Act.CHANGE, ref.owner):
            raise refusal(caller, f"{verb} the {ref}")

    async def seen(self, caller: Caller | None, ref: ArtifactRef) -> ArtifactRecord:
        """Return an artifact that the caller may see.

        Raises:
            ArtifactNotFoundError: There is none, or it is not shown to the caller.
        """
        try:
            record = await self.artifacts.get(ref)
        except ArtifactNotFoundError as cause:
            raise not_found(ref) from cause
        if not allows(caller, reading(record.access), ref.owner):
            raise not_found(ref)
        return record

    async def opened(
        self,
        caller: Caller | None,
        location: ArtifactLocation,
        *,
        write: bool = False,
        ticket: str | None = None,
    ) -> StoragePort:
        """Return the objects of a revision.

        Owners see every revision, also one that is not committed yet. Others see the newest one,
        and those that they have a ticket for, of what they may see.

        Raises:
            ArtifactNotFoundError: The caller may not see it.
            AccessDeniedError: The caller may not write it.
        """
        ref, revision = location.ref, location.revision
        if write:
            self.require_change(caller, ref, "change")
        elif not allows(caller, Act.READ_PRIVATE, ref.owner):
            record = await self.seen(caller, ref)
            if record.location.revision != revision and not (
                ticket and self.tickets.is_good(ticket, ref, revision)
            ):
                raise not_found(ref)
        with own_failure():
            return await self.storage.open(location, write=write)


@contextmanager
def own_failure() -> Iterator[None]:
    """Tell what the hub itself may not do as its failure: the caller's right has been looked at."""
    try:
        yield
    except PolarisUnauthorizedError as cause:
        raise StorageError(f"The hub may not reach what it keeps: {cause.message}") from cause
