"""Bringing an artifact to a hub: announce, send, check, commit.

Readers see nothing before the commit, so a publication that dies leaves the hub as it was. Running
it again announces the same revision, finds what had arrived, sends the rest and commits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast, get_args

import attrs

from polaris.application.layout import MANIFEST
from polaris.application.retry import RetryPolicy
from polaris.application.transfer import Parcel, Transfer
from polaris.domain.checksums.sha256sums import Sha256Manifest, revision_of
from polaris.domain.identity import ArtifactRef
from polaris.errors import InvalidInputError
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import (
    Access,
    ArtifactDraft,
    ArtifactRecord,
    ArtifactRepository,
    Publication,
)
from polaris.ports.clock import Clock
from polaris.ports.progress import ProgressPort
from polaris.ports.storage import IfExists, digest_of

__all__ = ["Publish", "parcel_of_bytes", "parse_access", "parse_if_exists", "require_kind"]


def parse_access(value: str) -> Access:
    """Return who may see an artifact: ``public`` or ``private``; refuse anything else."""
    if value in get_args(Access):
        return cast("Access", value)
    raise InvalidInputError(f"access cannot be {value!r}", hint="Give 'public' or 'private'.")


def parse_if_exists(value: str) -> IfExists:
    """Return what to do with what is there already; refuse anything else."""
    try:
        return IfExists(value)
    except ValueError as cause:
        raise InvalidInputError(
            f"if_exists cannot be {value!r}", hint="Give 'raise', 'replace' or 'skip'."
        ) from cause


def require_kind(value: object, kinds: type | tuple[type, ...], what: str) -> None:
    """Refuse to publish something as what it is not.

    Args:
        value: What was given.
        kinds: The classes that will do.
        what: The kind for people, such as ``a dataset``.
    """
    if not isinstance(value, kinds):
        raise InvalidInputError(
            f"A {type(value).__name__} cannot be published as {what}",
            hint="Each kind has an upload method of its own: upload_dataset, upload_benchmark …",
        )


def parcel_of_bytes(key: str, data: bytes) -> Parcel:
    """Return the parcel of an object that is in memory."""
    return Parcel(digest_of(key, data), data=data)


@attrs.frozen
class Publish:
    """Publishes a document with its objects.

    Attributes:
        artifacts: The hub's catalogue.
        storage: The hub's objects.
        retry: How often the catalogue is asked again when it is busy.
        clock: Tells the policy the time.
        progress: Shows how far the transfer has come.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    retry: RetryPolicy
    clock: Clock
    progress: ProgressPort

    async def __call__(
        self,
        ref: ArtifactRef,
        document: Mapping[str, Any],
        parcels: Sequence[Parcel] = (),
        *,
        access: Access,
        if_exists: IfExists = IfExists.REPLACE,
        subject: ArtifactRef | None = None,
        evaluate: bool = False,
        told: Mapping[str, Any] | None = None,
        before_commit: Callable[[Publication], Awaitable[None]] | None = None,
    ) -> ArtifactRecord:
        """Publish and return what the hub now holds.

        Args:
            ref: What is published.
            document: Its canonical document.
            parcels: Its objects.
            access: Who may see it.
            if_exists: What to do if it is there.
            subject: The artifact that it is about.
            evaluate: Whether the hub is to score it.
            told: See `ArtifactDraft`.
            before_commit: What else has to be done before anybody may see it.

        Raises:
            ArtifactExistsError: ``if_exists`` is ``raise`` and the artifact is there.
            PolarisChecksumError: An object changed while it was being sent.
            PolarisHubError: The hub refused or failed.
            StorageError: The objects could not be read or written.
        """
        manifest = Sha256Manifest.of({p.digest.key: p.digest.sha256 for p in parcels})
        revision = revision_of(document, manifest)
        objects = tuple(parcel.digest for parcel in parcels)
        draft = ArtifactDraft(
            ref, document, access, revision, subject, evaluate, objects, told or {}
        )
        publication = await self.retry.call(
            lambda: self.artifacts.begin(draft, if_exists=if_exists), clock=self.clock
        )
        if parcels and publication.takes_objects:
            store = await self.storage.open(publication.location, write=True)
            send = Transfer(self.progress)
            await send(parcels, store, label=f"Publishing {ref.artifact_id}")
            if publication.location.sealed:
                seal = parcel_of_bytes(MANIFEST, manifest.text.encode())
                await send([seal], store, label="Sealing")
        if before_commit is not None:
            await before_commit(publication)
        return await self.retry.call(lambda: self.artifacts.commit(publication), clock=self.clock)
