"""Earlier revisions and tombstones of a hub of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import attrs

from polaris.application.artifact_conditions import check_length
from polaris.application.native_wire.history import (
    tombstone_from_json,
    tombstone_page_from_json,
    version_page_from_json,
)
from polaris.application.native_wire.records import record_from_json
from polaris.domain.identity import ArtifactRef
from polaris.errors import ArtifactNotFoundError
from polaris.ports.artifact_history import Tombstone, TombstonePage, VersionPage
from polaris.ports.artifacts import ArtifactRecord
from polaris_adapters.hub_http.native.artifacts import artifact_path
from polaris_adapters.hub_http.native.calls import NativeCalls, parsed

__all__ = ["NativeHistory"]


@attrs.frozen
class NativeHistory:
    """An `ArtifactHistory` on the native wire.

    Attributes:
        calls: Makes the calls.
    """

    calls: NativeCalls

    async def versions(
        self, ref: ArtifactRef, /, *, limit: int = 100, cursor: str | None = None
    ) -> VersionPage:
        """See `ArtifactHistory`."""
        path, params = f"{artifact_path(ref)}/versions", _paging(limit, cursor)
        what = f"list the versions of the {ref}"
        reply = await self.calls.ask("GET", path, what, params=params)
        with parsed(path):
            return version_page_from_json(reply)

    async def get_version(self, ref: ArtifactRef, version: int | str, /) -> ArtifactRecord:
        """See `ArtifactHistory`."""
        path = f"{artifact_path(ref)}/versions/{quote(str(version), safe='')}"
        reply = await self.calls.ask("GET", path, f"get version {version!s:.80} of the {ref}")
        with parsed(path):
            return record_from_json(reply)

    async def delete(
        self,
        ref: ArtifactRef,
        /,
        *,
        expected_revision: str | None = None,
        by: str | None = None,
    ) -> Tombstone:
        """See `ArtifactHistory`; the hub writes down who calls."""
        path = artifact_path(ref)
        headers = {} if expected_revision is None else {"if-match": f'"{expected_revision}"'}
        reply = await self.calls.ask("DELETE", path, f"delete the {ref}", headers=headers)
        with parsed(path):
            return tombstone_from_json(reply)

    async def restore(self, ref: ArtifactRef, /) -> ArtifactRecord:
        """See `ArtifactHistory`."""
        path = f"{artifact_path(ref)}/restore"
        reply = await self.calls.ask("POST", path, f"restore the {ref}")
        with parsed(path):
            return record_from_json(reply)

    async def find_tombstone(self, ref: ArtifactRef, /) -> Tombstone | None:
        """See `ArtifactHistory`."""
        path = f"{artifact_path(ref)}/tombstone"
        try:
            reply = await self.calls.ask("GET", path, f"see whether the {ref} was deleted")
        except ArtifactNotFoundError:
            return None
        with parsed(path):
            return tombstone_from_json(reply)

    async def tombstones(
        self, owner: str, /, *, limit: int = 100, cursor: str | None = None
    ) -> TombstonePage:
        """See `ArtifactHistory`."""
        path, params = "v3/tombstones", {"owner": owner, **_paging(limit, cursor)}
        what = f"list what {owner} has deleted"
        reply = await self.calls.ask("GET", path, what, params=params)
        with parsed(path):
            return tombstone_page_from_json(reply)


def _paging(limit: int, cursor: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"limit": check_length(limit)}
    return found if cursor is None else {**found, "cursor": cursor}
