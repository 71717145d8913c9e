"""The first page of a hub, for people who come by its address alone."""

from __future__ import annotations

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris_adapters.hub_server.oauth.browser import visit_of
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["HomePage"]


@attrs.frozen
class HomePage:
    """Tells people where they are, and leads on.

    Attributes:
        provider: The hub.
    """

    provider: Provider

    async def show(self, request: Request) -> Response:
        """Answer ``GET /``; nothing of what the hub holds is on it."""
        visit = await visit_of(self.provider, request)
        return visit.page("home", base=visit.base)
