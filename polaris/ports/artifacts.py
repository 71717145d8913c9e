"""The catalogue of a hub: which artifacts there are, and what their documents say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.storage import IfExists, ObjectDigest

__all__ = [
    "UNKNOWN_TIME",
    "Access",
    "ArtifactDraft",
    "ArtifactLocation",
    "ArtifactPage",
    "ArtifactQuery",
    "ArtifactRecord",
    "ArtifactRepository",
    "Publication",
]

Access = Literal["public", "private"]

# The time of a publication on a hub that does not tell it.
UNKNOWN_TIME = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class ArtifactLocation:
    """Where the objects of one revision of an artifact lie; opened by `ArtifactStorage`.

    Attributes:
        ref: The artifact.
        revision: 64 hex digits: the sha256 over the revision's document and objects.
        urls: Addresses that a remote hub gave with the document, by role (``root``, ``extension``).
        sealed: Whether our sha256 manifest lies among the objects and the revision is the sha256
            over both. Hubs that were not built by us keep neither; what they hold can be checked
            only as far as its document has checksums.
    """

    ref: ArtifactRef
    revision: str
    urls: Mapping[str, str] = attrs.field(factory=dict)
    sealed: bool = True


@attrs.frozen(repr=False)
class ArtifactRecord:
    """A published artifact.

    Attributes:
        ref: Kind, owner and slug.
        document: Its JSON document in canonical form (`polaris.codec.documents`).
        access: Who may see it.
        location: Where its objects lie.
        number: Counts the published revisions of the artifact, from 1.
        created_at: When the first revision was published, UTC; `UNKNOWN_TIME` where the hub
            does not say.
        updated_at: When this revision was published, UTC; see ``created_at``.
        subject: The artifact that this one is about: a benchmark's dataset, a result's benchmark.
        page: Address of its page for people, where the hub told it when it was published.
    """

    ref: ArtifactRef
    document: Mapping[str, Any]
    access: Access
    location: ArtifactLocation
    number: int
    created_at: datetime
    updated_at: datetime
    subject: ArtifactRef | None = None
    page: str | None = attrs.field(default=None, eq=False)

    def __repr__(self) -> str:
        # The document may hold a million row numbers or predictions.
        return f"ArtifactRecord({self.ref.urn!r}, revision {self.number}, {self.access})"


@attrs.frozen
class ArtifactDraft:
    """An artifact that is to be published; attributes as in `ArtifactRecord`.

    Attributes:
        revision: 64 hex digits: the sha256 over document and objects. Drafts with equal content
            have equal revisions, so that an interrupted publication is found again and completed.
        evaluate: Whether the hub is to score it: the step that commits it makes a job of it too,
            unless this revision has one that has not failed (`polaris.ports.jobs`).
        objects: Sizes and checksums of its objects, the manifest left out, for hubs that want them
            announced.
        told: What hubs that were not built by us are told beside the document: ``tableMd5Sum``, the
            checksum of a dataset's table without its archive; ``predictions``, the values that
            our hubs find in an archive.
    """

    ref: ArtifactRef
    document: Mapping[str, Any]
    access: Access
    revision: str
    subject: ArtifactRef | None = None
    evaluate: bool = False
    objects: tuple[ObjectDigest, ...] = attrs.field(default=(), eq=False, repr=False)
    told: Mapping[str, Any] = attrs.field(factory=dict, eq=False, repr=False)


@attrs.frozen
class Publication:
    """A publication that has begun: announced, not visible yet.

    Attributes:
        draft: What is being published; the hub may have chosen another slug than the one asked for.
        location: Where its objects have to be put.
        page: See `ArtifactRecord`.
        takes_objects: Whether the hub keeps objects with it. Some keep the scores of results only,
            not the predictions that they are of.
    """

    draft: ArtifactDraft
    location: ArtifactLocation
    page: str | None = attrs.field(default=None, eq=False)
    takes_objects: bool = True


@attrs.frozen
class ArtifactQuery:
    """Which artifacts to list, newest first (by time of first publication, then kind and id).

    Attributes:
        kind: Their kind.
        limit: At most so many, 0 to 1000.
        offset: Pass over so many; ignored with ``cursor``.
        cursor: Go on where the page that gave this cursor ended.
        owner: Only those of this owner.
        subject: Only those about this artifact.
        private_of: Of the private ones, only those of these owners; None for all that the caller
            may see. A hub that serves others lists for them with it.
    """

    kind: ArtifactKind
    limit: int = attrs.field(
        default=100, validator=[attrs.validators.ge(0), attrs.validators.le(1000)]
    )
    offset: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    cursor: str | None = None
    owner: str | None = None
    subject: ArtifactRef | None = None
    private_of: frozenset[str] | None = None


@attrs.frozen
class ArtifactPage:
    """A page of a listing.

    Attributes:
        records: The page's artifacts.
        total: How many match the query in all.
        next_cursor: Where the next page starts; None on the last one.
    """

    records: tuple[ArtifactRecord, ...]
    total: int
    next_cursor: str | None = None


class ArtifactRepository(Protocol):
    """The artifacts of a hub.

    Readers see committed revisions only, and of each artifact the newest. A commit is atomic and
    durable: after it has returned, every reader in every process sees the revision, and a crash
    does not undo it. May be used from several tasks, threads and processes at once. Failures are
    errors under `PolarisHubError`; `HubBusyError` may be retried.
    """

    async def page(self, query: ArtifactQuery, /) -> ArtifactPage:
        """Return a page of the artifacts that match; an empty one when none does.

        Raises:
            InvalidInputError: The cursor is not one of this repository.
        """
        ...

    async def get(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """Return an artifact's newest committed revision.

        Raises:
            ArtifactNotFoundError: There is none, or the caller may not see it.
        """
        ...

    async def begin(
        self, draft: ArtifactDraft, /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> Publication:
        """Announce a revision; nothing is visible until it is committed.

        Beginning the same draft again, after a crash or at the same time in another process, gives
        the same location: what was uploaded there is still there. With ``skip`` an artifact that
        exists is replaced as well; what is skipped are its objects, which is the caller's part.

        Raises:
            ArtifactExistsError: ``if_exists`` is ``raise`` and the artifact has a committed
                revision.
            PolarisUnauthorizedError: The caller may not write for this owner.
        """
        ...

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """Make a revision the artifact's newest one, in one step; done again, it changes nothing.

        Raises:
            PolarisCreateArtifactError: The publication was never begun here.
        """
        ...
