"""From an artifact of a hub of ours to its objects."""

from __future__ import annotations

from urllib.parse import parse_qs

import attrs

from polaris.application.native_wire.records import revision_path
from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.objects import NativeObjects

__all__ = ["NativeStorage"]


@attrs.frozen
class NativeStorage:
    """An `ArtifactStorage` on the native wire.

    Opening asks nothing; the hub looks at every call.

    Attributes:
        calls: Makes the calls.
    """

    calls: NativeCalls

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        # What stands behind the address lets readers go on when a newer revision is published.
        _, _, query = location.urls.get("root", "").partition("?")
        ticket = parse_qs(query).get("ticket", [None])[0]
        path = revision_path(location.ref, location.revision)
        store = NativeObjects(self.calls, path, f"the {location.ref}", ticket)
        return store if write else ReadOnlyStorage(store)
