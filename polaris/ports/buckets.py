"""Buckets: stores of objects that speak the protocol of S3."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from polaris.domain.secret import Secret
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort

__all__ = [
    "BucketCredentials",
    "BucketGrant",
    "BucketPlace",
    "Buckets",
    "TemporaryCredentials",
]


@attrs.frozen
class BucketPlace:
    """A folder of a bucket.

    Attributes:
        endpoint: Address of the store; the bucket's name becomes the first part of the path.
        bucket: Name of the bucket.
        prefix: The folder, without ``/`` at its ends; ``""`` for the whole bucket.
        region: Region that requests are signed for.
        metadata: Names of headers in which a write carries checksums of its content, by what they
            hold: ``md5`` and ``sha256``.
    """

    endpoint: str
    bucket: str
    prefix: str = ""
    region: str = "auto"
    metadata: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class BucketCredentials:
    """With what requests to a bucket are signed.

    Attributes:
        access_key: Identifier of the key.
        secret_key: The key.
        session_token: Goes along with temporary keys.
        expires_at: When they end, UTC; None for never.
    """

    access_key: str
    secret_key: Secret
    session_token: Secret | None = None
    expires_at: datetime | None = None


@attrs.frozen
class BucketGrant:
    """A folder of a bucket, and credentials that are good for it and nothing else.

    Attributes:
        place: The folder.
        credentials: Temporary credentials.
    """

    place: BucketPlace
    credentials: BucketCredentials


class TemporaryCredentials(Protocol):
    """Gives credentials of the store itself, for the objects of one revision and for a while."""

    async def issue(
        self, location: ArtifactLocation, /, *, write: bool, seconds: int
    ) -> BucketGrant:
        """Return credentials for the folder of a revision.

        Args:
            location: The revision; whether the caller has a right to it is looked at before.
            write: Whether objects may be written and removed, besides being read and listed.
            seconds: How long they are wanted; they may be good for longer.

        Raises:
            PolarisUnauthorizedError: The store does not let the hub give credentials.
            StorageError: The store gives none.
        """
        ...


class Buckets(Protocol):
    """Opens folders of buckets."""

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        """Return the store whose root is a folder of a bucket; nothing is asked yet.

        Args:
            place: The folder.
            credentials: Gives credentials that are good now; asked again before they end, so that
                long transfers outlive them.
        """
        ...
