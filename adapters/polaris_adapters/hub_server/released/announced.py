"""Uploads that were announced: where what has come of them is kept until all is there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import attrs

from polaris.application.native_wire.fields import Fields, encoded
from polaris.application.object_tree import below
from polaris.application.scoped_storage import ScopedStorage
from polaris.domain.identity import ArtifactRef
from polaris.errors import StorageError
from polaris.ports.artifacts import Access
from polaris.ports.storage import Read, StoragePort, Write

__all__ = ["Announced", "IncomingFolder"]

_ANNOUNCED = "announced.json"
_BATCH = 1000


@attrs.frozen
class Announced:
    """An upload that was announced.

    Attributes:
        ref: The artifact.
        version: The version of its model.
        by: Slug of the account that announced it.
        access: Who may see it when it is complete.
        body: The announcement.
        revision: The revision that it became; None while it is not complete.
    """

    ref: ArtifactRef
    version: int
    by: str
    access: Access
    body: Mapping[str, Any] = attrs.field(repr=False)
    revision: str | None = None

    @property
    def upload_id(self) -> str:
        """32 hex digits: announcing the same again goes on where it was broken off."""
        said = [self.ref.urn, self.version, self.by, self.access, self.body]
        return hashlib.sha256(encoded(said)).hexdigest()[:32]


@attrs.frozen
class IncomingFolder:
    """A store where uploads are kept while they come in; nobody sees what is in it.

    Attributes:
        storage: The store, which all processes of the hub have in common.
    """

    storage: StoragePort

    def objects(self, announced: Announced) -> ScopedStorage:
        """Return the store of what has come of an upload."""
        return ScopedStorage(self.storage, f"{_folder(announced.ref)}/{announced.upload_id}")

    def parts(self, announced: Announced, name: str) -> ScopedStorage:
        """Return the store of an object that comes in parts."""
        folder = f"{_folder(announced.ref)}/{announced.upload_id}.parts/{name}"
        return ScopedStorage(self.storage, folder)

    async def current(self, ref: ArtifactRef) -> Announced | None:
        """Return what was announced last for an artifact; None if nothing was."""
        [data] = await self.storage.get([Read(f"{_folder(ref)}/{_ANNOUNCED}")])
        if data is None:
            return None
        said = Fields.parse(data, where=_ANNOUNCED)
        access: Access = "public" if said.text("access") == "public" else "private"
        return Announced(
            ref,
            said.integer("version"),
            said.text("by"),
            access,
            said.mapping("body"),
            said.optional_text("revision"),
        )

    async def keep(self, announced: Announced) -> None:
        """Make an upload the current one of its artifact."""
        said = {
            "version": announced.version,
            "by": announced.by,
            "access": announced.access,
            "body": announced.body,
            "revision": announced.revision,
        }
        key = f"{_folder(announced.ref)}/{_ANNOUNCED}"
        await self.storage.put([Write(key, encoded(said))])

    async def clear(self, announced: Announced) -> None:
        """Remove what has come of an upload; what cannot be removed now is left."""
        folder = f"{_folder(announced.ref)}/{announced.upload_id}"
        for place in (folder, f"{folder}.parts"):
            try:
                keys = [f"{place}/{stat.key}" for stat in await below(self.storage, place)]
                for start in range(0, len(keys), _BATCH):
                    await self.storage.delete(keys[start : start + _BATCH])
            except StorageError:
                continue


def _folder(ref: ArtifactRef) -> str:
    return f"{ref.kind}s/{ref.owner}/{ref.slug}"
