"""The catalogue of a hub: which artifacts there are, and what their documents say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, get_args

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.words import normal_tag, query_words
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
    "Sort",
    "document_version",
]

Access = Literal["public", "private"]
Sort = Literal["created", "updated", "name"]

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
        expected_revision: Commit only if this is the newest revision until then.
        must_be_new: Commit only if the artifact has no committed revision until then.
    """

    draft: ArtifactDraft
    location: ArtifactLocation
    page: str | None = attrs.field(default=None, eq=False)
    takes_objects: bool = True
    expected_revision: str | None = None
    must_be_new: bool = False


def _normal_tags(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(normal_tag(tag) for tag in tags)


def _check_text(_: object, __: object, text: str | None) -> None:
    # Refused here, so that every catalogue refuses it.
    if text is not None:
        query_words(text)


@attrs.frozen
class ArtifactQuery:
    """Which artifacts to list, and in which order.

    The order is that of a time, the newest first, then owner and slug; or that of the slugs, then
    the owners. Ascending and descending, each is the other read backwards.

    Attributes:
        kind: Their kind.
        limit: At most so many, 0 to 1000; fewer where their documents are large. Whether more
            follow is told by the page's cursor alone.
        offset: Pass over so many; ignored with ``cursor``.
        cursor: Go on where the page that gave this cursor ended.
        owner: Only those of this owner.
        subject: Only those about this artifact.
        private_of: Of the private ones, only those of these owners; None for all that the caller
            may see. A hub that serves others lists for them with it.
        text: Only those in whose owner, slug, name, tags or description each word of this text
            begins a word (`polaris.domain.words`).
        tags: Only those that have all these tags, without regard to case.
        sort: What the order goes by: the time of first publication, that of the newest revision,
            or the name.
        descending: Whether the greatest comes first; None for what is usual: the newest of times,
            the first of names.
        created_since: Only those that were first published then or later.
        updated_since: Only those whose newest revision was published then or later.
        versions: Only those whose document is of one of these versions (`document_version`).
        with_total: Whether to count what matches, which takes time that grows with it. Those who
            go through the pages of a listing ask for it on the first one only, or not at all.

    Raises:
        InvalidInputError: There is no word in ``text``, or too many.
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
    text: str | None = attrs.field(default=None, validator=_check_text, kw_only=True)
    tags: frozenset[str] = attrs.field(default=frozenset(), converter=_normal_tags, kw_only=True)
    sort: Sort = attrs.field(
        default="created", validator=attrs.validators.in_(get_args(Sort)), kw_only=True
    )
    descending: bool | None = attrs.field(default=None, kw_only=True)
    created_since: datetime | None = attrs.field(default=None, kw_only=True)
    updated_since: datetime | None = attrs.field(default=None, kw_only=True)
    versions: frozenset[int] | None = attrs.field(default=None, kw_only=True)
    with_total: bool = attrs.field(default=True, kw_only=True)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of ``text``; none where there is none."""
        return () if self.text is None else query_words(self.text)

    @property
    def is_descending(self) -> bool:
        """Whether the greatest comes first."""
        return self.sort != "name" if self.descending is None else self.descending


def document_version(document: Mapping[str, Any]) -> int:
    """Return the version of its model that a document says it has; 1 where it says none."""
    found = document.get("version")
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found < 2**31:
        return 1
    return found


@attrs.frozen
class ArtifactPage:
    """A page of a listing.

    Attributes:
        records: The page's artifacts.
        total: How many match the query in all; None where it was not asked for.
        next_cursor: Where the next page starts; None on the last one.
    """

    records: tuple[ArtifactRecord, ...]
    total: int | None
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
            InvalidInputError: The cursor is not one of this repository, or of another order.
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
            ArtifactDeletedError: It was deleted; its name is kept for its owner.
            PolarisUnauthorizedError: The caller may not write for this owner.
        """
        ...

    async def commit(self, publication: Publication, /) -> ArtifactRecord:
        """Make a revision the artifact's newest one, in one step; done again, it changes nothing.

        Raises:
            PolarisCreateArtifactError: The publication was never begun here.
            ArtifactDeletedError: The artifact was deleted in the meantime.
            ArtifactChangedError: Another revision is the newest one than was expected.
        """
        ...
