"""Making HTTP clients: trust, proxies, how we name ourselves, and quiet logs."""

from __future__ import annotations

import logging
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import metadata
from typing import Any

from polaris.errors import InvalidSettingsError
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.options import HttpOptions
from polaris_adapters.hub_http.origins import without_query
from polaris_adapters.hub_http.trust import connection_trust

__all__ = ["new_client", "queries_unlogged", "user_agent"]

_log = logging.getLogger("polaris")

_ours: ContextVar[bool] = ContextVar("_ours", default=False)


def new_client(options: HttpOptions) -> httpx.AsyncClient:
    """Return an HTTP client; it follows no redirects.

    Raises:
        InvalidSettingsError: Something that it was given, or a proxy in the environment, cannot be
            used, or takes a package that is missing.
    """
    arguments: dict[str, Any] = dict(options.arguments)
    cert = arguments.pop("cert", None)
    if arguments.get("transport") is None:  # A transport that was handed in does as it does.
        arguments["verify"] = connection_trust(arguments["verify"], cert)
        if options.arguments["verify"] is False:
            _log.warning("Certificates are not verified: anybody on the way can read tokens")
    try:
        headers = httpx.Headers({"user-agent": user_agent()})
        headers.update(arguments.pop("headers", None))
        return httpx.AsyncClient(**arguments, headers=headers, follow_redirects=False)
    except ImportError as cause:
        raise InvalidSettingsError(
            f"The HTTP client lacks a package: {cause}",
            hint="SOCKS proxies take the package socksio, HTTP/2 the package h2; install it.",
        ) from cause
    except (TypeError, ValueError, AttributeError, OSError, httpx.InvalidURL) as cause:
        raise InvalidSettingsError(
            f"The HTTP client cannot be made: {cause}",
            hint="Check what was given to the client, and the proxies in the environment: "
            "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.",
        ) from cause


def user_agent() -> str:
    """Return how this client names itself (RFC 9110 section 10.1.5)."""
    version = metadata.version("polaris-hub")
    return f"polaris-hub/{version} (Python {platform.python_version()}; {platform.system()})"


class _WithoutQueries(logging.Filter):
    """Takes the query from addresses that the HTTP library logs; it may be a signature."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record of a request of ours, and keep it."""
        if _ours.get() and isinstance(record.args, tuple):
            record.args = tuple(
                without_query(arg) if isinstance(arg, httpx.URL) else arg for arg in record.args
            )
        return True


@contextmanager
def queries_unlogged() -> Iterator[None]:
    """Keep the queries of requests out of the logs of the HTTP library; those of others stay."""
    logger = logging.getLogger(httpx.__name__)
    if not any(isinstance(known, _WithoutQueries) for known in logger.filters):
        logger.addFilter(_WithoutQueries())
    token = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(token)
