"""The address under which a caller has found the hub."""

from __future__ import annotations

from starlette.requests import Request

from polaris.errors import InvalidInputError

__all__ = ["own_address"]

# What no host and port has, and what would end one in an address or in a header.
_FOREIGN = "/\\@?#\"'<>;, "


def own_address(request: Request, url: str | None) -> str:
    """Return the address of the hub, without a ``/`` at its end.

    Args:
        request: A call that found it.
        url: The address that the settings say, which wins.

    Raises:
        InvalidInputError: The call does not say under which name it found the hub.
    """
    if url is not None:
        return url.rstrip("/")
    host = request.headers.get("host", "")
    if not host or any(c in host for c in _FOREIGN) or not host.isprintable():
        raise InvalidInputError("The header Host is not understood", hint="Send one.")
    return f"{request.url.scheme}://{host}"
