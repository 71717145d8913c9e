"""Test targets that a hub of ours takes in."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import attrs

from polaris.application.native_wire.records import revision_path
from polaris.application.object_keys import check_keys
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import Write
from polaris_adapters.hub_http.native.bundling import (
    OCTETS,
    bundle_of_writes,
    in_bundles,
    is_large,
)
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.native.objects import store_failures

__all__ = ["NativeDeposit"]


@attrs.frozen
class NativeDeposit:
    """A `TargetDeposit` on the native wire.

    Attributes:
        calls: Makes the calls.
        bundle_bytes: Contents of a bundle.
    """

    calls: NativeCalls
    bundle_bytes: int = 16 * 2**20

    async def deposit(self, location: ArtifactLocation, writes: Sequence[Write], /) -> None:
        """See `TargetDeposit`."""
        check_keys([write.key for write in writes])
        path = f"{revision_path(location.ref, location.revision)}/hidden"
        what = f"hide test targets of the {location.ref}"
        for group in in_bundles(writes, most_bytes=self.bundle_bytes):
            first = writes[group[0]]
            with store_failures(what):
                if is_large(first, most_bytes=self.bundle_bytes):
                    key = quote(first.key)
                    data = bytes(first.data)
                    await self.calls.send(
                        "PUT", f"{path}/{key}", what, content=data, kind=OCTETS, largest=None
                    )
                else:
                    body = await bundle_of_writes([writes[i] for i in group])
                    await self.calls.send("POST", path, what, content=body, largest=None)
