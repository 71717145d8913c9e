"""Public artifacts as files of the web, which released clients read without a token."""

from __future__ import annotations

import html
import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from polaris.application.native_wire.fields import check_revision
from polaris.application.object_keys import check_key
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactNotFoundError,
    InvalidNameError,
    ObjectNotFoundError,
)
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub, own_failure
from polaris_adapters.hub_server.released.serving import object_reply
from polaris_adapters.hub_server.released.wire import ReleasedWire
from polaris_adapters.hub_server.replies import Refused

__all__ = ["PublicRoutes"]

# With these in a name, the released client would save a file under another name, and read fill
# values for it; a browser would take some for a place elsewhere.
_UNLINKED = re.compile("[\"'#?%\\\\\x00-\x1f]|^/|^[A-Za-z][A-Za-z0-9+.-]*:")


class PublicRoutes:
    """Serves files, and folders as pages of links.

    Args:
        wire: What the routes drive.
    """

    def __init__(self, wire: ReleasedWire) -> None:
        self._wire = wire

    async def get_file(self, hub: Hub, caller: Caller | None, request: Request) -> Response:
        """Answer ``GET /files/{kind}/{owner}/{slug}/{revision}/{ticket}/{key}``.

        A chunk that is not there is 404, which readers take for the fill value. So everything else
        that cannot be read is 403: a revision that is gone must not look like one of fill values.
        """
        store = await self._opened(request)
        key = request.path_params["key"].rstrip("/")
        try:
            check_key(key)
        except InvalidNameError as cause:
            raise ObjectNotFoundError("There is no such file") from cause
        reply = await object_reply(request, store, key)
        if reply is None:
            reply = await _index(store, key)
        if reply is None:
            raise ObjectNotFoundError(f"There is no {key!r}")
        return reply

    async def _opened(self, request: Request) -> StoragePort:
        given = request.path_params
        try:
            ref = ArtifactRef(ArtifactKind(given["kind"]), given["owner"], given["slug"])
            revision = check_revision(given["revision"])
            # Nobody's token is asked for: these addresses are public, or they are none.
            return await self._wire.opened(None, ref, revision, given["ticket"])
        except (ValueError, InvalidNameError, ArtifactNotFoundError) as cause:
            raise AccessDeniedError(
                "The hub does not give this out",
                hint="Load the artifact again: it may have been replaced, or withdrawn.",
            ) from cause


async def _index(store: StoragePort, key: str) -> Response | None:
    """Return a folder as a page of links; None where there is none."""
    with own_failure():
        folder = await store.list_folder(key)
    files = [stat.key.rpartition("/")[2] for stat in folder.objects]
    if not files and not folder.folders:
        return None
    links = [f"{name}/" for name in folder.folders] + files
    odd = [link for link in links if _UNLINKED.search(link)]
    if odd:
        error = ObjectNotFoundError(
            f"The folder {key!r} cannot be listed as a page: {odd[0]!r} cannot be a link",
            hint="Rename the arrays, or read the archive with another client.",
        )
        raise Refused(409, error)
    # As they are: the released client takes what it finds for names, and decodes nothing.
    rows = "".join(f'<li><a href="{link}">{html.escape(link)}</a></li>\n' for link in links)
    policy = {
        "content-security-policy": "default-src 'none'",
        "cache-control": "private, no-cache",
    }
    title = f"<!doctype html><meta charset=utf-8><title>{html.escape(key)}</title>"
    return HTMLResponse(f"{title}\n<ul>\n{rows}</ul>\n", headers=policy)
