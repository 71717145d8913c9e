"""A listener on this machine for one redirect (RFC 8252 section 7.3)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from polaris.errors import SignInError

__all__ = ["Loopback", "listening"]

Parameters = Mapping[str, Sequence[str]]

_LONGEST_REQUEST = 16384
_SLOWEST_REQUEST = 10.0
_HEADERS = (
    "Content-Type: text/html; charset=utf-8\r\n"
    "Cache-Control: no-store\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'\r\n"
    "Connection: close\r\n"
)


class _Page(NamedTuple):
    status: str
    title: str
    text: str


_DONE = _Page("200 OK", "Signed in", "You can close this window and go back to Polaris.")
_FAILED = _Page("200 OK", "Not signed in", "You can close this window. Polaris says what happened.")
_STRANGE = _Page("400 Bad Request", "Refused", "This is not the answer that Polaris waits for.")
_NOTHING = _Page("404 Not Found", "Nothing here", "Polaris waits for a sign-in at another address.")
_USED = _Page("410 Gone", "Used already", "This sign-in has had its answer. Close this window.")
_METHOD = _Page("405 Method Not Allowed", "Refused", "Only GET is answered.")


class Loopback:
    """Waits on 127.0.0.1 for the redirect that ends a sign-in.

    What comes for another path or host, by another method, or without the right state is answered
    with an error page and changes nothing: any program on the machine, and any page in the browser,
    can send such requests. The first redirect with the right state is taken; it is the only one.

    Args:
        host: This machine, as the redirect names it.
        path: Path of the redirect.

    Attributes:
        port: The port, once it is known.
        refused: How many requests for the right path were refused.
    """

    def __init__(self, host: str, path: str) -> None:
        self._host = f"[{host}]" if ":" in host else host
        self._path = path
        self.port = 0
        self._expects: Callable[[Parameters], bool] = lambda _: False
        self._answer: asyncio.Future[Parameters] = asyncio.get_running_loop().create_future()
        self._busy: set[asyncio.Task[None]] = set()
        self.refused = 0

    @property
    def redirect_uri(self) -> str:
        """Where the browser has to be sent."""
        return f"http://{self._authority}{self._path}"

    @property
    def _authority(self) -> str:
        return f"{self._host}:{self.port}"

    async def redirected(
        self, expects: Callable[[Parameters], bool], *, timeout: float
    ) -> Parameters:
        """Wait for the redirect, and return its parameters.

        Args:
            expects: Says whether parameters carry the right state.
            timeout: Seconds after which nobody will come any more.

        Raises:
            SignInError: Nobody came in time.
        """
        self._expects = expects
        try:
            async with asyncio.timeout(timeout):
                found = await self._answer
        except TimeoutError as cause:
            strange = f"; {self.refused} that did not belong to it were refused"
            raise SignInError(
                f"No answer came from the browser in {timeout:.0f} s"
                f"{strange if self.refused else ''}",
                hint="Begin again. Where the browser is on another machine, "
                "use polaris auth login --no-auto-open-browser.",
            ) from cause
        for task in list(self._busy):  # The page is to be seen before the listener ends.
            await asyncio.wait([task], timeout=2)
        return found

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._busy.add(task)
        try:
            async with asyncio.timeout(_SLOWEST_REQUEST):
                head = await reader.readuntil(b"\r\n\r\n")
            page = self._page(head)
            body = _html(page).encode()
            headers = f"HTTP/1.1 {page.status}\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n"
            writer.write(headers.encode() + body)
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # A browser that opened a connection in advance, or something that is none.
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            self._busy.discard(task)

    def stop(self) -> None:
        """End the connections that are still open."""
        for task in list(self._busy):
            task.cancel()

    def _page(self, head: bytes) -> _Page:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        hosts = [v.strip() for n, _, v in (x.partition(":") for x in lines) if n.lower() == "host"]
        if not version.startswith("HTTP/1.") or hosts != [self._authority]:
            # A name that leads to this machine is not it: pages of others could read the answer.
            return _STRANGE
        url = urlsplit(target)
        if url.path != self._path or url.netloc:
            return _NOTHING
        if method != "GET":
            return _METHOD
        parameters = parse_qs(url.query, keep_blank_values=True, max_num_fields=50)
        if not self._expects(parameters):
            self.refused += 1
            return _STRANGE
        if self._answer.done():
            return _USED
        self._answer.set_result(parameters)
        return _FAILED if "error" in parameters else _DONE


@asynccontextmanager
async def listening(
    *, host: str = "127.0.0.1", port: int = 0, path: str = "/callback"
) -> AsyncIterator[Loopback]:
    """Listen while the context lasts.

    Args:
        host: This machine, as the redirect names it.
        port: Which; 0 for any that is free.
        path: Path of the redirect.

    Raises:
        SignInError: Nothing can listen there.
    """
    loopback = Loopback(host, path)
    # A name could be that of another interface; RFC 8252 section 8.3 wants the address itself.
    address = "127.0.0.1" if host == "localhost" else host
    try:
        server = await asyncio.start_server(loopback.serve, address, port, limit=_LONGEST_REQUEST)
    except OSError as cause:
        raise SignInError(
            f"Cannot wait for the browser on {host}, port {port or 'any'}: {cause}",
            hint="Choose another port in callback_url, or sign in without a browser.",
        ) from cause
    try:
        loopback.port = server.sockets[0].getsockname()[1]
        yield loopback
    finally:
        server.close()
        loopback.stop()


def _html(page: _Page) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(page.title)}</title>"
        "<style>body{font:1.1em sans-serif;max-width:32em;margin:20vh auto;padding:0 1em}</style>"
        f"<h1>{escape(page.title)}</h1><p>{escape(page.text)}</p></html>\n"
    )
