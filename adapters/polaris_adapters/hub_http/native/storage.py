"""From an artifact of a hub of ours to its objects."""

from __future__ import annotations

from urllib.parse import parse_qs

import attrs

from polaris.application.native_wire.records import revision_path
from polaris.application.read_only_storage import ReadOnlyStorage
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.direct import Shortcut
from polaris_adapters.hub_http.native.objects import NativeObjects

__all__ = ["NativeStorage"]


@attrs.frozen
class NativeStorage:
    """An `ArtifactStorage` on the native wire.

    Opening asks nothing; the hub looks at every call.

    Attributes:
        calls: Makes the calls.
        bundle_bytes: Contents of a bundle; larger objects go past the hub where it offers that.
    """

    calls: NativeCalls
    bundle_bytes: int = 16 * 2**20
    _shortcut: Shortcut = attrs.field(factory=Shortcut, init=False, eq=False, repr=False)

    async def open(self, location: ArtifactLocation, /, *, write: bool = False) -> StoragePort:
        """See `ArtifactStorage`."""
        # What stands behind the address lets readers go on when a newer revision is published.
        _, _, query = location.urls.get("root", "").partition("?")
        ticket = parse_qs(query).get("ticket", [None])[0]
        path = revision_path(location.ref, location.revision)
        store = NativeObjects(
            self.calls,
            path,
            f"the {location.ref}",
            ticket,
            self.bundle_bytes,
            shortcut=self._shortcut,
        )
        return store if write else ReadOnlyStorage(store)
