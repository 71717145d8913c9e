"""Which certificates are trusted."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from typing import Any

from polaris.errors import InvalidSettingsError

__all__ = ["connection_trust", "system_trust", "trusted"]


def trusted(value: Any) -> ssl.SSLContext | bool:
    """Return what a setting trusts, for the HTTP client.

    Args:
        value: A file of certificates in PEM form, or a folder of such files; False for any
            certificate; True or None for what the system trusts; or a context.

    Returns:
        A context; False where nothing is verified; True for the system's, which `system_trust`
        makes when it is needed: that takes time.

    Raises:
        InvalidSettingsError: The certificates cannot be read.
    """
    if isinstance(value, ssl.SSLContext | bool):
        return value
    if value is None:
        return True
    try:
        path = Path(value)
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError, TypeError, ValueError) as cause:
        raise InvalidSettingsError(
            f"ca_bundle: the certificates in {value!r:.200} cannot be read: {cause}",
            hint="Give a file of certificates in PEM form; true trusts those of the system.",
        ) from cause


def system_trust() -> ssl.SSLContext:
    """Return a context that trusts what the system does, and what ``SSL_CERT_FILE`` names.

    Authorities of a company are in the system's store, not in the list that comes with HTTP
    libraries. That list is added where it is all that there may be: slim containers have no store.

    Raises:
        InvalidSettingsError: ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` cannot be read.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.platform not in ("darwin", "win32"):
        import certifi

        context.load_verify_locations(cafile=certifi.where())
    # OpenSSL looks at these by itself; the stores of other systems do not.
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file:
            context.load_verify_locations(cafile=file)
        if folder and Path(folder).is_dir():
            context.load_verify_locations(capath=folder)
    except (OSError, ssl.SSLError) as cause:
        raise InvalidSettingsError(
            f"The certificates in SSL_CERT_FILE={file} cannot be read: {cause}",
            hint="Mend or unset that variable, or set ca_bundle (POLARIS_CA_BUNDLE).",
        ) from cause
    return context


def connection_trust(trust: ssl.SSLContext | bool, cert: Any = None) -> ssl.SSLContext | bool:
    """Return what connections are made with: what is trusted, and the client's own certificate.

    Args:
        trust: As `trusted` returned it.
        cert: File of certificate and key; or ``(certificate, key)``, or with a password; None.

    Raises:
        InvalidSettingsError: A certificate cannot be read.
    """
    if trust is True:
        trust = system_trust()
    if cert is None:
        return trust
    if trust is False:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    try:
        files = (cert,) if isinstance(cert, str | os.PathLike) else tuple(cert)
        trust.load_cert_chain(*files)
    except (OSError, ssl.SSLError, TypeError, ValueError) as cause:
        raise InvalidSettingsError(
            f"cert: the certificate of this client cannot be read: {cause}",
            hint="Give a PEM file of certificate and key, or (certificate file, key file).",
        ) from cause
    return trust
