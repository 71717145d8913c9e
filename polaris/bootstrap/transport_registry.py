"""From the scheme of a hub URL to the transport that serves it."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from polaris.errors import MissingExtraError, PolarisError, UnknownTransportError
from polaris.ports.transport import OpenTransport, Transport, TransportRequest

__all__ = ["GROUP", "open_transport"]

GROUP = "polaris.transports"


def open_transport(request: TransportRequest) -> Transport:
    """Open the transport that an installed package offers for the scheme of the hub URL.

    Raises:
        UnknownTransportError: None does.
        MissingExtraError: It lacks a package.
        PolarisError: It cannot be loaded.
    """
    scheme = request.hub_url.partition("://")[0].lower()
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if scheme not in installed:
        known = ", ".join(f"{name}://" for name in sorted(installed)) or "none"
        raise UnknownTransportError(
            f"No transport serves {scheme}:// of {request.hub_url!r}",
            hint=f"Installed are {known}. Set hub_url, POLARIS_HUB_URL or a profile.",
        )
    return _loaded(installed[scheme])(request)


def _loaded(entry: EntryPoint) -> OpenTransport:
    try:
        return cast("OpenTransport", entry.load())
    except MissingExtraError:
        raise
    except (ImportError, AttributeError) as cause:
        raise PolarisError(
            f"The transport {entry.name!r} cannot be loaded from {entry.value}: {cause}",
            hint="Install the packages that it needs, or remove the one that offers it.",
        ) from cause
