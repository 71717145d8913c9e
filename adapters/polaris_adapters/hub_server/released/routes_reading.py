"""What released clients ask for: lists, and artifacts by name."""

from __future__ import annotations

from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidNameError, PolarisHubError
from polaris.ports.artifacts import ArtifactQuery
from polaris_adapters.hub_server.access import Act, allows, not_found, shown_to
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.endpoints import Handler
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import number_of
from polaris_adapters.hub_server.released.documents_out import entry_of, reply_of, version_of
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import Refused, json_reply

__all__ = ["ReadingRoutes", "named"]

_PAGE = 1000


def named(kind: ArtifactKind, request: Request) -> ArtifactRef:
    """Return the artifact in a path, whether its name or its slug stands there.

    Raises:
        Refused: It cannot be one, so there is none.
    """
    owner, name = request.path_params["owner"], request.path_params["name"]
    try:
        return ArtifactRef.of(kind, owner, name)
    except InvalidNameError as cause:
        error = PolarisHubError(cause.message, hint=cause.hint)
        raise Refused(404, error) from cause


class ReadingRoutes:
    """Tells what there is.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    def listing(self, kind: ArtifactKind, version: int | None) -> Handler:
        """Return what answers ``GET /api/v{version}/{kind}``.

        Args:
            kind: What is listed.
            version: Only those of this version of their model; None for all.
        """

        async def get_page(hub: Hub, caller: Caller | None, request: Request) -> Response:
            limit = number_of(request, "limit", default=100, most=10_000)
            offset = number_of(request, "offset", default=0)
            query = ArtifactQuery(
                kind,
                limit=min(limit, _PAGE),
                offset=offset,
                private_of=shown_to(caller),
                versions=None if version is None else frozenset({version}),
            )
            found, total = await _page(hub, query, limit)
            return json_reply(
                {
                    "data": found,
                    "metadata": {
                        "total": total, "count": len(found), "limit": limit, "offset": offset,
                    },
                }
            )  # fmt: skip

        return get_page

    def one(self, kind: ArtifactKind, version: int | None) -> Handler:
        """Return what answers ``GET /api/v{version}/{kind}/{owner}/{name}``."""

        async def get_one(hub: Hub, caller: Caller | None, request: Request) -> Response:
            ref = named(kind, request)
            if kind is ArtifactKind.DATASET and allows(caller, Act.CHANGE, ref.owner):
                await self._wire.uploads.settle(ref)
            record = await hub.seen(caller, ref)
            if version is not None and version_of(record) != version:
                # Clients ask for the other version then, and only then.
                raise not_found(ref)
            return json_reply(reply_of(record, await self._wire.reader(request, record)))

        return get_one


async def _page(
    hub: Hub, query: ArtifactQuery, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return the entries of as many artifacts as are asked for, and how many there are.

    Released clients may ask for more than is in one page of the catalogue.
    """
    page = await hub.artifacts.page(query)
    found, total = [entry_of(record) for record in page.records], page.total
    while page.next_cursor is not None and len(found) < limit:
        left = min(limit - len(found), _PAGE)
        page = await hub.artifacts.page(
            attrs.evolve(query, limit=left, cursor=page.next_cursor, with_total=False)
        )
        # Not the records: all their documents at once could be too much.
        found += [entry_of(record) for record in page.records]
    return found, total
