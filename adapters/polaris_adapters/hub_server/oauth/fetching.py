"""Calls to an outside provider: a small port, and httpx behind it.

All HTTP names of this package are here. The family is chosen as authlib chooses it: ``httpx2``
where it is installed, ``httpx`` otherwise.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import attrs

from polaris.errors import HubUnreachableError

if TYPE_CHECKING:
    import httpx
else:
    try:
        import httpx2 as httpx
    except ModuleNotFoundError:
        import httpx

__all__ = ["Fetch", "Fetched", "HttpFetch"]

# Metadata, keys and tokens are small; a server that sends more is not what it should be.
_LONGEST = 2**20
_SECONDS = 10.0


@attrs.frozen
class Fetched:
    """A reply.

    Attributes:
        status: Its HTTP status.
        body: Its body.
    """

    status: int
    body: bytes = attrs.field(repr=False)


class Fetch(Protocol):
    """Makes one call. May be used from several event loops at once."""

    async def __call__(
        self,
        method: str,
        url: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Make a call, follow no redirect, and return the reply, whatever its status.

        Raises:
            HubUnreachableError: There was none.
        """
        ...


@attrs.frozen
class HttpFetch:
    """A `Fetch` over HTTP.

    Attributes:
        verify: Whose certificates are believed, as httpx has it.
    """

    verify: bool | str = True

    async def __call__(
        self,
        method: str,
        url: str,
        /,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Fetched:
        """See `Fetch`."""
        try:
            # A client for each call: sign-ins are rare, and event loops come and go.
            async with (
                httpx.AsyncClient(
                    verify=_context(self.verify), timeout=_SECONDS, follow_redirects=False
                ) as client,
                client.stream(method, url, headers=headers, data=form) as reply,
            ):
                body = bytearray()
                async for part in reply.aiter_bytes():
                    body += part
                    if len(body) > _LONGEST:
                        raise HubUnreachableError(f"The sign-in server at {url} sent too much")
                return Fetched(reply.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as cause:
            raise HubUnreachableError(
                f"The sign-in server at {url} did not answer: {type(cause).__name__}",
                hint="Check the issuer in the hub's settings, and that the hub may reach it.",
            ) from cause


def _context(verify: bool | str) -> bool | ssl.SSLContext:
    if not isinstance(verify, str):
        return verify
    return ssl.create_default_context(cafile=verify)
