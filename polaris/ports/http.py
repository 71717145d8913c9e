"""Calls of a hub's API that the library has no method for."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["RawHttp"]


class RawHttp(Protocol):
    """Makes calls of a hub's API as whoever is signed in; hubs without HTTP have none."""

    async def request(self, method: str, url: str, /, **keywords: Any) -> Any:
        """Make a call, and return the reply as it came, whatever its status.

        A call that may be repeated (RFC 9110 section 9.2.2) is tried again as other calls are.

        Args:
            method: HTTP method.
            url: Relative to the base of the API; an absolute one goes without the caller's token,
                unless it is of the hub itself.
            **keywords: What to send, in the keywords of the HTTP library.

        Returns:
            The HTTP library's response, read.

        Raises:
            InvalidInputError: A keyword is unknown, or the request cannot be made of them.
            PolarisHubError: There was no reply.
        """
        ...
