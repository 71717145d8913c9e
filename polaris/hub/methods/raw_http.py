"""What a client can do with calls of the hub's API that it has no method for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polaris.hub.async_session import AsyncHubSession

if TYPE_CHECKING:
    import httpx

__all__ = ["RawHttpMethods"]


class RawHttpMethods(AsyncHubSession):
    """What a client can do with calls of the hub's API that it has no method for."""

    async def request(self, method: str, url: str, /, **kwargs: Any) -> httpx.Response:
        """Make a call of the hub's API as whoever is signed in.

        Calls that may be repeated (GET, HEAD, OPTIONS, PUT, DELETE) are tried again when
        connections fail or the hub is busy. The reply comes back as it is, whatever its status.
        The caller's token goes to the hub's own origin only; redirects are not followed.

        Args:
            method: HTTP method.
            url: Relative to the base of the API, ``settings.api_url``: ``v2/dataset``.
            **kwargs: ``content``, ``cookies``, ``data``, ``files``, ``headers``, ``json`` and
                ``params``, as of ``httpx.Client.request``.

        Returns:
            The reply, read.

        Raises:
            InvalidInputError: A keyword is unknown, or no request can be made of them.
            PolarisHubError: There was no reply, or the hub is not reached over HTTP.
        """
        response: httpx.Response = await self._open.http.request(method, url, **kwargs)
        return response

    async def get(self, url: str, /, **kwargs: Any) -> httpx.Response:
        """Read something of the hub's API; see `request`."""
        return await self.request("GET", url, **kwargs)

    async def post(self, url: str, /, **kwargs: Any) -> httpx.Response:
        """Hand something to the hub's API; see `request`. It is not tried again."""
        return await self.request("POST", url, **kwargs)

    async def put(self, url: str, /, **kwargs: Any) -> httpx.Response:
        """Put something to the hub's API; see `request`."""
        return await self.request("PUT", url, **kwargs)

    async def delete(self, url: str, /, **kwargs: Any) -> httpx.Response:
        """Remove something by the hub's API; see `request`."""
        return await self.request("DELETE", url, **kwargs)
