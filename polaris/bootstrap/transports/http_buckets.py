"""The S3 client of hubs over HTTP, made as the user wants HTTP clients to be."""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from polaris.errors import StorageError
from polaris.ports.buckets import BucketCredentials, BucketPlace, Buckets
from polaris.ports.storage import StoragePort
from polaris_adapters.hub_http.options import HttpOptions
from polaris_adapters.object_store.bucket import ObstoreBuckets

__all__ = ["OutOfReachBuckets", "open_buckets"]

# No bound for an object as a whole: large ones take long. What stands still is ended by the bound
# of each read.
_WHOLE = timedelta(hours=6)


class OutOfReachBuckets:
    """Buckets of a client whose network is not the machine's own."""

    def open(
        self, place: BucketPlace, credentials: Callable[[], Awaitable[BucketCredentials]], /
    ) -> StoragePort:
        """Refuse.

        Raises:
            StorageError: Always.
        """
        raise StorageError(
            f"The files lie in the bucket {place.bucket!r} at {place.endpoint}, which is reached "
            "by S3; transport= and mounts= of the client stand for HTTP only",
            hint="Set ca_bundle, verify or proxy instead; in tests, use polaris.testing.",
        )


def open_buckets(options: HttpOptions) -> Buckets:
    """Return what opens buckets: with the certificates, the proxy and the timeouts of HTTP clients.

    Where the user has put something else in the place of the network, S3 would go past it: to the
    network itself, in a test that means to use none. So it is refused there.
    """
    arguments = options.arguments
    if "transport" in arguments or arguments.get("mounts"):
        return OutOfReachBuckets()
    timeout = arguments["timeout"]
    client: dict[str, Any] = {
        "timeout": _WHOLE,
        "connect_timeout": _span(timeout.connect),
        "read_timeout": _span(timeout.read),
    }
    proxy = arguments.get("proxy")
    if proxy is not None:
        client["proxy_url"] = str(getattr(proxy, "url", proxy))
    verify = arguments["verify"]
    if verify is False or (isinstance(verify, ssl.SSLContext) and not verify.verify_mode):
        client["allow_invalid_certificates"] = True
    elif certificates := _certificates(verify):
        client["root_certificate"] = certificates
    return ObstoreBuckets(client)  # type: ignore[arg-type]


def _span(seconds: float | None) -> timedelta:
    return _WHOLE if seconds is None else timedelta(seconds=seconds)


def _certificates(verify: ssl.SSLContext | bool) -> str:
    """Return certificates to trust besides the system's, in PEM form; ``""`` for none."""
    if isinstance(verify, ssl.SSLContext):
        return "".join(map(ssl.DER_cert_to_PEM_cert, verify.get_ca_certs(binary_form=True)))
    named = os.environ.get("SSL_CERT_FILE")
    try:
        return Path(named).read_text() if named else ""
    except (OSError, UnicodeDecodeError):
        return ""  # The HTTP client, which is asked first, tells of it.
