"""Where a hub server listens, and with which certificate; whatever is wrong is said at once."""

from __future__ import annotations

import ipaddress
import socket
import ssl

from polaris.bootstrap.server.settings import ServerSettings
from polaris.errors import InvalidSettingsError, PolarisHubError

__all__ = ["address_of", "bind", "check_certificate"]

_BACKLOG = 2048


def bind(settings: ServerSettings) -> socket.socket:
    """Return a socket that listens as the settings say.

    Raises:
        PolarisHubError: The port is taken, or the address is not one of this machine.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        found = socket.getaddrinfo(
            settings.host.strip("[]"),
            settings.port,
            type=socket.SOCK_STREAM,
            flags=socket.AI_PASSIVE,
        )
    except OSError as cause:
        raise PolarisHubError(
            f"Cannot listen at {where}: the name is not known ({cause.strerror})",
            hint="Give an address of this machine with --host.",
        ) from cause
    # As names lead to both, and clients of old ask the older one first.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as cause:
        listener.close()
        raise PolarisHubError(
            f"Cannot listen at {where}: {cause.strerror}",
            hint="Another program may listen there, or the port be reserved; choose another one "
            "with --port, or 0 for any that is free.",
        ) from cause
    listener.set_inheritable(True)
    return listener


def address_of(settings: ServerSettings, listener: socket.socket) -> str:
    """Return the address of the hub for people: the one that they were told to use, if any."""
    if settings.url is not None:
        return settings.url
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        named = [name for name in settings.allowed_hosts if "*" not in name]
        host = named[0] if named else "localhost"
    scheme = "http" if settings.tls_certificate is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def check_certificate(settings: ServerSettings) -> None:
    """Refuse certificates that cannot be used, before anything has begun.

    Raises:
        InvalidSettingsError: They are none, do not belong together, or the key is locked.
    """
    if settings.tls_certificate is None or settings.tls_key is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def ask() -> str:
        raise ValueError("the key is locked by a password")

    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key, password=ask)
    except (OSError, ValueError) as cause:
        why = getattr(cause, "strerror", None) or getattr(cause, "reason", None) or cause
        raise InvalidSettingsError(
            f"TLS cannot be served with {settings.tls_certificate} and {settings.tls_key}: {why}",
            hint="Give a certificate and its key as PEM files, the key without a password.",
        ) from cause
