"""From a record of a released hub to the store of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from polaris.application.mounted_storage import Mount, MountedStorage
from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.application.scoped_storage import ScopedStorage
from polaris.domain.identity import ArtifactKind
from polaris.errors import HubReplyError, StorageError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.buckets import BucketCredentials, BucketPlace, Buckets
from polaris.ports.clock import Clock
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_http.storage.in_order import InOrder
from polaris_adapters.hub_http.storage.signed import SignedStorage
from polaris_adapters.hub_http.storage.storage_token import StorageToken, StorageTokens
from polaris_adapters.hub_http.storage.web import WebStorage

__all__ = ["Generation1Storage", "Generation2Storage"]

# The roles of paths in storage tokens, and where these things lie among an artifact's objects.
_TABLE = {"root": "table.parquet", "extension": "data.zarr/"}
_ARCHIVE = {"root": "data.zarr/", "manifest": "zarr_manifest.parquet"}
_PREDICTIONS = {"root": "predictions.zarr/", "manifest": "zarr_manifest.parquet"}
_BITMAPS = {"training": "splits/0/training.roaring", "test": "splits/0/test.roaring"}


@attrs.frozen
class Generation2Storage:
    """An `ArtifactStorage` on the wire of the newer released hubs.

    What a document gives public addresses for is read there; everything else takes a storage token.

    Attributes:
        session: Makes the calls.
        token_url: The hub's token endpoint.
        buckets: Opens folders of buckets.
        clock: Tells the time.
        metadata_prefix: Head of the names of headers that keep metadata with objects.
    """

    session: HttpSession
    token_url: str
    buckets: Buckets
    clock: Clock
    metadata_prefix: str = "X-Amz-Meta-"

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        urls = {key: url for key, url in location.urls.items() if url.startswith("http")}
        if urls and not write:
            name = f"the files of the {location.ref}"
            return ReadOnlyStorage(MountedStorage(self._public(urls), name))
        tokens = StorageTokens(
            self.session, self.token_url, location.ref, "write" if write else "read", self.clock
        )
        found = await tokens.current()
        mounted = self._mounted(location, found, tokens)
        return InOrder(mounted) if write else ReadOnlyStorage(mounted)

    def _public(self, urls: Mapping[str, str]) -> dict[str, Mount]:
        mounts: dict[str, Mount] = {}
        for key, url in urls.items():
            address, mark, query = url.partition("?")
            if key.endswith("/"):
                mounts[key] = Mount(WebStorage(self.session, address, mark + query))
                continue
            folder, _, name = address.rpartition("/")
            mounts[key] = Mount(WebStorage(self.session, folder, mark + query), _plain(name))
        return mounts

    def _mounted(
        self, location: ArtifactLocation, token: StorageToken, tokens: StorageTokens
    ) -> MountedStorage:
        async def credentials() -> BucketCredentials:
            now = await tokens.current()
            return BucketCredentials(
                now.access_key, now.secret_key, now.session_token, now.expires_at
            )

        mounts: dict[str, Mount] = {}
        buckets: dict[str, StoragePort] = {}
        for role, key in _roles(location, token.paths).items():
            bucket, path = _bucket_and_path(token.paths.get(role), location)
            if bucket not in buckets:
                metadata = {"md5": f"{self.metadata_prefix}md5sum"}
                place = BucketPlace(token.endpoint, bucket, metadata=metadata)
                buckets[bucket] = self.buckets.open(place, credentials)
            if key.endswith("/"):
                mounts[key] = Mount(ScopedStorage(buckets[bucket], path))
            else:
                mounts[key] = Mount(buckets[bucket], path)
        return MountedStorage(mounts, f"the files of the {location.ref}")


@attrs.frozen
class Generation1Storage:
    """An `ArtifactStorage` on the wire of the oldest hubs; they keep objects of datasets only.

    Attributes:
        session: Makes the calls.
    """

    session: HttpSession

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        if location.ref.kind is not ArtifactKind.DATASET:
            return MountedStorage({}, f"the files of the {location.ref}")
        table = location.urls.get("table.parquet")
        store = SignedStorage(self.session, location.ref, table, writable=write)
        return InOrder(store) if write else ReadOnlyStorage(store)


def _roles(location: ArtifactLocation, paths: Mapping[str, Any]) -> dict[str, str]:
    """Return what each path of a storage token stands for, as far as the token has it."""
    kind = location.ref.kind
    if kind is ArtifactKind.BENCHMARK:
        roles = _BITMAPS
    elif kind is ArtifactKind.PREDICTION:
        roles = _PREDICTIONS
    else:
        roles = _ARCHIVE if paths.get("manifest") else _TABLE
    return {role: key for role, key in roles.items() if paths.get(role)}


def _bucket_and_path(url: object, location: ArtifactLocation) -> tuple[str, str]:
    """Return bucket and key of a path such as ``polarisfs://bucket/datasets/1/table.parquet``."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    if parts is None or not parts.netloc or not parts.path.strip("/"):
        raise HubReplyError(
            f"The hub does not tell where the files of the {location.ref} lie",
            hint="Ask the operators of the hub.",
        )
    return parts.netloc, parts.path.strip("/")


def _plain(name: str) -> str:
    from urllib.parse import unquote

    found = unquote(name)
    if "/" in found or not found:
        raise StorageError(f"{name!r} is not the name of a file")
    return found
