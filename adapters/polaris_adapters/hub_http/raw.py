"""Calls that users make of a hub's API by themselves."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import attrs

from polaris.errors import InvalidInputError, PolarisHubError
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["SessionRawHttp"]

_TAKEN = ("content", "cookies", "data", "files", "headers", "json", "params")
_INSTEAD = {
    "auth": "Hand over token= to the client, or call login().",
    "extensions": "Give them to the transport that you hand to the client.",
    "follow_redirects": "Redirects are not followed: the reply has the header Location.",
    "timeout": "Set default_timeout in the settings, or timeout= of the client.",
}


@attrs.frozen
class SessionRawHttp:
    """A `RawHttp` that makes its calls in the session of all others.

    Attributes:
        session: Makes calls: with the token, the tries and the connections of the client.
    """

    session: HttpSession

    async def request(self, method: str, url: str, /, **keywords: Any) -> httpx.Response:
        """See `RawHttp`; takes content, cookies, data, files, headers, json and params of httpx."""
        call = await _call(method, url, keywords)
        last: list[httpx.Response] = []

        def note(reply: httpx.Response, now: datetime) -> None:
            last[:] = [reply]

        try:
            return await self.session.send(attrs.evolve(call, refusal=note))
        except PolarisHubError as error:
            # A refusal is an answer too; what came before a broken connection is none.
            if last and error.status == last[0].status_code:
                return last[0]
            raise


async def _call(method: str, url: str, keywords: dict[str, Any]) -> Call:
    """Return a call with the body and headers that httpx makes of its keywords.

    Raises:
        InvalidInputError: It can make nothing of them.
    """
    for name in keywords:
        if name not in _TAKEN:
            taken = f"It takes {', '.join(_TAKEN)}."
            raise InvalidInputError(
                f"A call of the hub takes no {name!r}", hint=_INSTEAD.get(name, taken)
            )
    if not isinstance(method, str) or not method.isascii() or not method.isalpha():
        raise InvalidInputError(f"{method!r:.80} is no HTTP method", hint="Give 'GET' or 'POST'.")
    if not isinstance(url, str | httpx.URL):
        raise InvalidInputError(f"{url!r:.80} is no address", hint="Give a path: 'v2/dataset'.")
    params = keywords.pop("params", None)
    try:
        query = None if params is None else httpx.QueryParams(params)
        # The address is not known yet; body and headers do not depend on it.
        request = httpx.Request(method.upper(), "https://hub.invalid", **keywords)
        if isinstance(request.stream, httpx.AsyncByteStream):
            content = await request.aread()
        else:
            content = await asyncio.to_thread(request.read)
    except (TypeError, ValueError, AttributeError, OSError, RuntimeError) as cause:
        raise InvalidInputError(
            f"Cannot {method} {url!r:.200}: no request can be made of its keywords: {cause}",
            hint="They are those of httpx.Client.request.",
        ) from cause
    headers = {k: v for k, v in request.headers.items() if k not in ("host", "content-length")}
    return Call(
        method.upper(),
        str(url),
        f"{method.upper()} {str(url).partition('?')[0]:.200}",
        params=query,
        content=content or None,
        headers=headers,
        # A user who brings credentials along means these.
        authorize="authorization" not in headers,
        largest=None,
    )
