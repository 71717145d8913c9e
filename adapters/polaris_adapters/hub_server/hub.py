"""The hub behind the routes: its ports, who calls, and what they may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from polaris.application.accounts.account_ports import AccountPorts
from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    InsufficientScopeError,
    PolarisUnauthorizedError,
    StorageError,
)
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactLocation, ArtifactRecord, ArtifactRepository
from polaris.ports.buckets import TemporaryCredentials
from polaris.ports.clock import Clock
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.jobs import JobReader
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_server.access import (
    TABLE,
    Act,
    allows,
    has_scope,
    not_found,
    reading,
    refusal,
    standing,
)
from polaris_adapters.hub_server.callers import Caller, Callers
from polaris_adapters.hub_server.replies import Refused
from polaris_adapters.hub_server.tickets import Tickets

__all__ = ["Hub", "Limits", "own_failure"]


@attrs.frozen
class Limits:
    """What one call may ask for.

    Attributes:
        document: Longest body of JSON that is published, bytes.
        asking: Longest body of JSON of calls that anybody may make, bytes: what is read of it takes
            many times as much memory.
        object: Largest object that is taken in, bytes.
        in_memory: Largest of those that have to be in memory to be taken in, such as tables that
            are decoded and test targets, bytes.
        listing: Most objects in one page of a listing.
    """

    document: int = 64 * 2**20
    asking: int = 8 * 2**20
    object: int = 2**40
    in_memory: int = 2**30
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
        accounts: Users, organizations and what they show; None on a hub that keeps none.
        history: Earlier revisions and tombstones; None on a hub that keeps none.
        temporary: Gives credentials of the store; None where it has no such service.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    callers: Callers
    clock: Clock
    deposit: TargetDeposit | None = None
    jobs: JobReader | None = None
    tickets: Tickets = attrs.field(factory=Tickets)
    limits: Limits = attrs.field(factory=Limits)
    accounts: AccountPorts | None = None
    history: ArtifactHistory | None = None
    temporary: TemporaryCredentials | None = None

    def allow(
        self, caller: Caller | None, act: Act, owner: str | None = None, *, what: str
    ) -> None:
        """Refuse a caller who may not do something; says nothing of what is there.

        Args:
            caller: Who.
            act: What, in the table.
            owner: Whose artifacts or members; None where the hub itself is meant.
            what: The same for people, to follow "Cannot".

        Raises:
            PolarisUnauthorizedError: Nobody has signed in, and signing in would help.
            AccessDeniedError: Somebody has, who may not.
            Refused: Who calls may, but not with this token (RFC 6750 section 3.1).
        """
        rule = TABLE[act]
        if standing(caller, owner) not in rule.standings:
            raise refusal(caller, what)
        if not has_scope(caller, act):
            raise _insufficient(rule.scope or "", what)

    def require_change(
        self, caller: Caller | None, ref: ArtifactRef, verb: str, *, act: Act = Act.CHANGE
    ) -> None:
        """Refuse a caller who may not change an artifact; see `allow`."""
        self.allow(caller, act, ref.owner, what=f"{verb} the {ref}")

    async def seen(self, caller: Caller | None, ref: ArtifactRef) -> ArtifactRecord:
        """Return an artifact that the caller may see.

        Raises:
            ArtifactNotFoundError: There is none, or it is not shown to the caller.
        """
        try:
            if not allows(caller, Act.READ_PRIVATE, ref.owner):
                await self._require_public(ref)
            record = await self.artifacts.get(ref)
        except ArtifactNotFoundError as cause:
            raise not_found(ref) from cause
        if not allows(caller, reading(record.access), ref.owner):
            raise not_found(ref)
        return record

    async def _require_public(self, ref: ArtifactRef) -> None:
        """Look whether an artifact is public without its document: reading a long one takes time.

        Who measures that would learn of a private one that it is there.
        """
        if self.history is not None:
            [newest] = (await self.history.versions(ref, limit=1)).versions
            if newest.access != "public":
                raise not_found(ref)

    async def require_unpublished(self, caller: Caller | None, location: ArtifactLocation) -> None:
        """Refuse to change the objects of what has been published to who may not delete it.

        Raises:
            AccessDeniedError: It has been, and the caller may not.
        """
        ref = location.ref
        if self.history is None or allows(caller, Act.DELETE, ref.owner):
            return
        try:
            await self.history.get_version(ref, location.revision)
        except ArtifactNotFoundError:
            return
        raise refusal(caller, f"change a revision of the {ref} that has been published")

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
            await self.require_unpublished(caller, location)
        elif not allows(caller, Act.READ_PRIVATE, ref.owner):
            record = await self.seen(caller, ref)
            if record.location.revision != revision and not (
                ticket and self.tickets.is_good(ticket, ref, revision)
            ):
                raise not_found(ref)
        if self.history is not None and await self.history.find_tombstone(ref) is not None:
            raise not_found(ref)
        with own_failure():
            return await self.storage.open(location, write=write)


def _insufficient(scope: str, what: str) -> Refused:
    error = InsufficientScopeError(
        f"Cannot {what}: the token does not have the scope {scope!r}",
        hint=f"Make one that has it: polaris auth token new --scope {scope}.",
    )
    told = f'Bearer realm="polaris", error="insufficient_scope", scope="{scope}"'
    return Refused(403, error, {"www-authenticate": told})


@contextmanager
def own_failure() -> Iterator[None]:
    """Tell what the hub itself may not do as its failure: the caller's right has been looked at."""
    try:
        yield
    except PolarisUnauthorizedError as cause:
        raise StorageError(f"The hub may not reach what it keeps: {cause.message}") from cause
