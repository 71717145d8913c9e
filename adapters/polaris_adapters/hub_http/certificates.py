"""What a server's certificate says, whether it is trusted or not."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from datetime import datetime

import attrs

__all__ = ["SeenCertificate", "seen_certificate"]


@attrs.frozen
class SeenCertificate:
    """A server's certificate.

    Attributes:
        issuer: Who has issued it.
        ends: Until when it is good, UTC.
        protocol: Version of TLS that was agreed on.
    """

    issuer: str
    ends: datetime | None
    protocol: str


async def seen_certificate(host: str, port: int, trust: ssl.SSLContext | bool) -> SeenCertificate:
    """Connect, and return the certificate of the server; nothing is sent.

    Args:
        host: The server.
        port: Its port.
        trust: Which certificates are trusted; False for any.

    Raises:
        OSError: No connection, or the certificate is not trusted.
    """
    if isinstance(trust, ssl.SSLContext):
        context = trust
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    try:
        found = writer.get_extra_info("ssl_object")
        issuer, ends = _read(found.getpeercert(binary_form=True) or b"")
        return SeenCertificate(issuer, ends, found.version() or "unknown")
    finally:
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1)


def _read(certificate: bytes) -> tuple[str, datetime | None]:
    """Return issuer and end; the standard library tells them of trusted certificates only."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        parsed = x509.load_der_x509_certificate(certificate)
        names = [
            str(part.value)
            for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
            for part in parsed.issuer.get_attributes_for_oid(kind)
        ]
        text = " ".join("".join(c for c in ", ".join(names) if c.isprintable()).split())
        return f"{text:.120}" or "somebody unnamed", parsed.not_valid_after_utc
    except ValueError:
        return "somebody unknown", None
