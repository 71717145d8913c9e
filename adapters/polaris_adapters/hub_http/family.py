"""Which HTTP library: ``httpx2`` where it is installed, ``httpx`` otherwise, as authlib decides.

Everything else takes HTTP names from here. A transport of the other library, which users hand in
for their tests, is bridged.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from polaris.errors import InvalidSettingsError

if TYPE_CHECKING:
    import httpx
else:
    try:
        import httpx2 as httpx
    except ModuleNotFoundError:
        import httpx

with warnings.catch_warnings():
    # authlib warns wherever it falls back to httpx, which is the family that we declare; the import
    # of its warning puts a filter of its own first.
    from authlib.deprecate import AuthlibDeprecationWarning

    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import AsyncOAuth2Client

__all__ = ["AsyncOAuth2Client", "bridged", "httpx"]


@contextmanager
def _translated() -> Iterator[None]:
    """Turn errors of the other library's transports into those of this one."""
    try:
        yield
    except Exception as error:
        foreign = type(error).__module__.partition(".")[0] in ("httpx", "httpx2")
        twin = getattr(httpx, type(error).__name__, None) if foreign else None
        if (
            isinstance(twin, type)
            and issubclass(twin, httpx.TransportError | httpx.DecodingError)
            and not isinstance(error, twin)
        ):
            raise twin(str(error)) from error
        raise


class _Body(httpx.AsyncByteStream):
    """The body of a reply of the other library, part by part."""

    def __init__(self, reply: Any) -> None:
        self._reply = reply

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._reply.stream
        with _translated():
            if hasattr(stream, "__aiter__"):
                async for part in stream:
                    yield part
            else:
                for part in stream:
                    yield part

    async def aclose(self) -> None:
        """Release the reply."""
        close = getattr(self._reply, "aclose" if self._is_async else "close", None)
        if close is not None:
            result = close()
            if self._is_async:
                await result

    @property
    def _is_async(self) -> bool:
        return hasattr(self._reply.stream, "__aiter__")


class _Bridge(httpx.AsyncBaseTransport):
    """A transport of another library, or one that only blocks, in the form of this library.

    Args:
        foreign: Has ``handle_async_request`` or ``handle_request``.
    """

    def __init__(self, foreign: Any) -> None:
        self._foreign = foreign
        self._request_type = _request_type(foreign)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand the request over, and translate the reply."""
        content = await request.aread()
        asked = self._request_type(
            method=request.method,
            url=str(request.url),
            headers=list(request.headers.raw),
            content=content,
            extensions=dict(request.extensions),
        )
        with _translated():
            if hasattr(self._foreign, "handle_async_request"):
                reply = await self._foreign.handle_async_request(asked)
            else:
                import asyncio

                reply = await asyncio.to_thread(self._foreign.handle_request, asked)
        return httpx.Response(
            status_code=reply.status_code,
            headers=list(reply.headers.raw),
            stream=_Body(reply),
            request=request,
            extensions={k: v for k, v in reply.extensions.items() if k != "network_stream"},
        )

    async def aclose(self) -> None:
        """Close the transport that was handed in."""
        if hasattr(self._foreign, "aclose"):
            await self._foreign.aclose()
        elif hasattr(self._foreign, "close"):
            self._foreign.close()


def _request_type(transport: Any) -> Any:
    """Return the class of requests that a transport takes: that of the library it is from."""
    for cls in type(transport).__mro__:
        root = cls.__module__.partition(".")[0]
        if root in ("httpx", "httpx2"):
            return sys.modules[root].Request
    return httpx.Request


def bridged(transport: Any) -> httpx.AsyncBaseTransport:
    """Return a transport that this library can use, whichever it was written for.

    Args:
        transport: One of httpx or httpx2, for blocking clients or for those of event loops.

    Raises:
        InvalidSettingsError: It is no transport.
    """
    if isinstance(transport, httpx.AsyncBaseTransport):
        return transport
    if hasattr(transport, "handle_async_request") or hasattr(transport, "handle_request"):
        return _Bridge(transport)
    raise InvalidSettingsError(
        f"transport cannot be a {type(transport).__name__}",
        hint="Give a transport of httpx, such as httpx.MockTransport(handler).",
    )
