"""The names under which callers may find the hub.

A page whose own name was made to lead to the hub's address ("DNS rebinding") sends its own name;
so does who wants addresses in replies to lead elsewhere.

Source: RFC 9110 sections 7.2 and 15.5.20.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from polaris.errors import InvalidInputError
from polaris_adapters.hub_server.replies import problem_reply

__all__ = ["HostList", "name_of_host"]

# What watches over the server asks by its address, and learns nothing.
_OPEN = frozenset({"/healthz", "/readyz"})


class HostList:
    """Refuses requests that name another host, with 421.

    Args:
        app: The application behind.
        hosts: The names, without ports; ``*.example.org`` for all below one, ``*`` for any.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        names = [host.lower().strip("[]").rstrip(".") for host in hosts]
        self._app = app
        self._any = "*" in names
        self._names = frozenset(names)
        self._below = tuple(name[1:] for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or self._any or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist("host")
        name = name_of_host(given[0]) if len(given) == 1 else None
        if name is not None and (name in self._names or name.endswith(self._below)):
            await self._app(scope, receive, send)
            return
        error = InvalidInputError(
            "The hub is not found under this name",
            hint="Its operators say which names are good: --url and --allowed-host of polaris "
            "serve.",
        )
        await problem_reply(Request(scope), error, status=400 if name is None else 421)(
            scope, receive, send
        )


def name_of_host(header: str) -> str | None:
    """Return the name in a header Host, in lower case and without its port; None for nonsense."""
    text = header.strip().lower()
    if text.startswith("["):
        name, bracket, port = text[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") or not port else "?"
        if not bracket:
            return None
    else:
        name, _, port = text.partition(":")
    good = bool(name) and (not port or (port.isascii() and port.isdecimal() and len(port) <= 5))
    good = good and int(port or 0) < 65536
    if not good or any(c in name for c in "/\\@?#\"'<> ") or not name.isprintable():
        return None
    return name.rstrip(".")
