"""What the routes for released clients drive."""

from __future__ import annotations

from urllib.parse import quote

import attrs
from starlette.requests import Request

from polaris.domain.identity import ArtifactRef
from polaris.ports.archives import ArchivePort
from polaris.ports.artifacts import Access, ArtifactLocation, ArtifactRecord
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.own_address import own_address
from polaris_adapters.hub_server.reading import token_of
from polaris_adapters.hub_server.released.announced import IncomingFolder
from polaris_adapters.hub_server.released.callers import ReleasedCallers
from polaris_adapters.hub_server.released.completing import Completing
from polaris_adapters.hub_server.released.documents_out import BenchmarkShape, Reader
from polaris_adapters.hub_server.released.sign_ins import SignIns
from polaris_adapters.hub_server.released.tokens import SignedTokens
from polaris_adapters.hub_server.released.uploads import Uploads

__all__ = ["ReleasedSettings", "ReleasedWire", "released_wire"]


@attrs.frozen
class ReleasedSettings:
    """What operators may choose.

    Attributes:
        url: Address of the hub as its callers see it; None to take it from each call.
        benchmark_shape: How benchmarks of version 2 tell their splits: as 0.13 reads them, or as
            the versions after it do. No header tells the two apart.
        access: Who may see what is sent by clients since 0.13, which do not say.
        hub_token: How long tokens for calls are good, seconds.
        storage_token: How long tokens for storage are good, seconds.
        address: How long signed addresses are good, seconds.
    """

    url: str | None = None
    benchmark_shape: BenchmarkShape = attrs.field(
        default="0.13", validator=attrs.validators.in_(("0.13", "head"))
    )
    access: Access = attrs.field(
        default="private", validator=attrs.validators.in_(("public", "private"))
    )
    hub_token: int = 3600
    storage_token: int = 900
    address: int = 900


@attrs.frozen
class ReleasedWire:
    """What the routes for released clients drive.

    Attributes:
        hub: The hub, whose callers also know the tokens given out here.
        sign_ins: The accounts.
        tokens: Signs tokens.
        uploads: Takes in what is announced.
        archives: Opens Zarr archives.
        settings: What operators chose.
    """

    hub: Hub
    sign_ins: SignIns
    tokens: SignedTokens
    uploads: Uploads
    archives: ArchivePort
    settings: ReleasedSettings

    def base(self, request: Request) -> str:
        """Return the address of the hub, without a ``/`` at its end.

        Raises:
            InvalidInputError: The call does not say under which name it found the hub.
        """
        return own_address(request, self.settings.url)

    async def reader(self, request: Request, record: ArtifactRecord) -> Reader:
        """Return what a call is to be told of an artifact."""
        base, ref = self.base(request), record.ref
        ticket = self.hub.tickets.of(record)
        token = token_of(request)
        is_oldest = token is not None and (await self.sign_ins.by_external_token(token) is not None)
        place = f"{base}/files/{ref.kind}/{ref.owner}/{ref.slug}/{record.location.revision}"

        def address(key: str) -> str:
            return f"{place}/{ticket}/{quote(key)}"

        table = f"{base}/api/v1/storage/dataset/{ref.owner}/{ref.slug}/table.parquet"
        public = None if ticket is None else address
        return Reader(public, table, self.settings.benchmark_shape, is_oldest)

    async def opened(
        self, caller: Caller | None, ref: ArtifactRef, revision: str, ticket: str | None
    ) -> StoragePort:
        """Return the objects of a revision that the caller may read; see `Hub.opened`."""
        return await self.hub.opened(caller, ArtifactLocation(ref, revision), ticket=ticket)


def released_wire(
    hub: Hub,
    sign_ins: SignIns,
    *,
    incoming: StoragePort,
    archives: ArchivePort,
    tokens: SignedTokens | None = None,
    settings: ReleasedSettings | None = None,
) -> ReleasedWire:
    """Return what the routes for released clients drive.

    Args:
        hub: The hub; its callers learn to know the tokens that are given out here.
        sign_ins: The accounts.
        incoming: Keeps uploads until they are complete; nothing else may be in it. All processes of
            the hub have it in common.
        archives: Opens Zarr archives.
        tokens: Signs tokens; by default with a key of this process.
        settings: What operators chose.
    """
    found = tokens or SignedTokens(hub.clock)
    hub = attrs.evolve(hub, callers=ReleasedCallers(hub.callers, sign_ins, found))
    uploads = Uploads(hub, IncomingFolder(incoming), Completing(hub, archives))
    return ReleasedWire(hub, sign_ins, found, uploads, archives, settings or ReleasedSettings())
