"""Opening the three stores of a hub: what it shows, what it hides, and what is coming in."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import attrs

from polaris.application.scoped_storage import ScopedStorage
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError, PolarisHubError, StorageError
from polaris.ports.buckets import BucketCredentials, BucketPlace, TemporaryCredentials
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.object_store.bucket import BucketStorage
from polaris_adapters.object_store.folder import FolderStorage
from polaris_adapters.object_store.locator import folder_path
from polaris_adapters.object_store.sts import StsCredentials

__all__ = [
    "Stores",
    "make_folder",
    "open_bucket",
    "open_stores",
    "open_temporary_credentials",
]

_SECONDS = 30.0


class Stores(NamedTuple):
    """The stores of a hub.

    Attributes:
        objects: The objects of its artifacts, by kind, owner, slug and revision.
        hidden: Test targets, in the same order; nothing that is shown is in it.
        incoming: Uploads of released clients that are not complete.
    """

    objects: StoragePort
    hidden: StoragePort
    incoming: StoragePort


def open_stores(settings: ServerSettings) -> Stores:
    """Open the stores of a hub; folders are made where there are none.

    Raises:
        InvalidSettingsError: A bucket has no keys.
        PolarisHubError: The folder cannot be made.
    """
    if settings.storage is not None and settings.storage.startswith("s3://"):
        bucket = open_bucket(settings, settings.storage)
        return Stores(*(ScopedStorage(bucket, name) for name in ("objects", "hidden", "incoming")))
    folder = settings.data if settings.storage is None else folder_path(settings.storage)
    make_folder(folder, mode=0o700)
    for name in ("objects", "hidden", "incoming"):
        # For the hub alone: other users of the machine must read neither test targets nor what is
        # private.
        make_folder(folder / name, mode=0o700)
    return Stores(*(FolderStorage(folder / name) for name in ("objects", "hidden", "incoming")))


def make_folder(folder: Path, *, mode: int = 0o777) -> None:
    """Make a folder unless it is there, and refuse one that the hub may not write.

    Raises:
        PolarisHubError: It cannot be made, or not be written.
    """
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as cause:
        raise PolarisHubError(
            f"Cannot make or open the folder {folder} for a hub: {cause.strerror}",
            hint="Choose another folder with --data, or check its permissions.",
        ) from cause
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PolarisHubError(
            f"The folder {folder} of a hub may not be written",
            hint="Choose another folder with --data, or have its permissions changed.",
        )


def open_bucket(settings: ServerSettings, url: str) -> StoragePort:
    """Open a folder of a bucket, at the address and with the keys of the settings.

    Args:
        settings: How to reach the store.
        url: ``s3://bucket/prefix``.

    Raises:
        InvalidSettingsError: There are no keys.
    """
    return BucketStorage(
        _place(settings, url),
        _giving(settings),
        public_endpoint=settings.storage_public_endpoint,
        signs=settings.storage_signs,
    )


def open_temporary_credentials(settings: ServerSettings) -> TemporaryCredentials | None:
    """Return what gives credentials of the store; None where no role is named for that.

    Raises:
        InvalidSettingsError: There are no keys.
    """
    url = settings.storage
    if settings.storage_role is None or url is None or not url.startswith("s3://"):
        return None
    place = _place(settings, f"{url}/objects")
    return StsCredentials(
        attrs.evolve(place, endpoint=settings.storage_public_endpoint or place.endpoint),
        _giving(settings),
        settings.storage_role,
        _post,
        endpoint=settings.storage_sts_endpoint or place.endpoint,
    )


def _place(settings: ServerSettings, url: str) -> BucketPlace:
    parts, region = urlsplit(url), settings.storage_region
    endpoint = settings.storage_endpoint or f"https://s3.{region}.amazonaws.com"
    # Kept by the store with each object: so a commit knows it without reading the object again.
    kept = {"sha256": "x-amz-meta-sha256"}
    return BucketPlace(endpoint, parts.netloc, parts.path.strip("/"), region, kept)


def _giving(settings: ServerSettings) -> Callable[[], Awaitable[BucketCredentials]]:
    found = _credentials(settings)

    async def credentials() -> BucketCredentials:
        return found

    return credentials


async def _post(url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False) as client:
            reply = await client.post(url, headers=dict(headers), content=body)
    except httpx.HTTPError as cause:
        raise StorageError(
            f"The token service at {url} did not answer: {type(cause).__name__}",
            hint="Check storage_sts_endpoint, and that the hub may reach it.",
        ) from cause
    return reply.status_code, reply.content


def _credentials(settings: ServerSettings) -> BucketCredentials:
    if settings.storage_access_key is not None and settings.storage_secret_key is not None:
        return BucketCredentials(settings.storage_access_key, settings.storage_secret_key)
    key, secret, token = (
        os.environ.get(f"AWS_{name}", "")
        for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")
    )
    if not key or not secret:
        raise InvalidSettingsError(
            f"The keys of the store {settings.storage} are not given",
            hint="Set POLARIS_SERVER_STORAGE_ACCESS_KEY and POLARIS_SERVER_STORAGE_SECRET_KEY, or "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    return BucketCredentials(key, Secret(secret), Secret(token) if token else None)
