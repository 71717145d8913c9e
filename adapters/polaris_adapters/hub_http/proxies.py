"""Which proxy requests go through."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from typing import Any

from polaris.errors import InvalidSettingsError
from polaris_adapters.hub_http.origins import origin_of

__all__ = ["proxy_for"]


def proxy_for(url: str, arguments: Mapping[str, Any]) -> str | None:
    """Return the proxy of requests to a URL; None where they go there directly.

    Args:
        url: Where requests go.
        arguments: Keywords of the HTTP client.

    Raises:
        InvalidSettingsError: The environment names a proxy that has no host.
    """
    scheme, host, port = origin_of(url)
    given = arguments.get("proxy")
    if given is not None:
        return _checked(str(getattr(given, "url", given)))
    if arguments.get("trust_env") is False or urllib.request.proxy_bypass(f"{host}:{port}"):
        return None
    named = urllib.request.getproxies()
    found = named.get(scheme) or named.get("all")
    return None if not found else _checked(found if "://" in found else f"http://{found}")


def _checked(proxy: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(proxy)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise InvalidSettingsError(
            "The proxy that is set cannot be used: it has no host, or a wrong port",
            hint="Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.",
        )
    return proxy
