"""What users hand to the client for its HTTP client: the keywords of httpx, and a token."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs

from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError
from polaris_adapters.hub_http.family import bridged, httpx
from polaris_adapters.hub_http.trust import trusted

__all__ = ["HttpOptions", "parse_options"]

# Handed to httpx as they are.
_PASSED_ON = {
    "cert", "cookies", "event_hooks", "headers", "http1", "http2", "limits", "max_redirects",
    "mounts", "params", "proxy", "trust_env",
}  # fmt: skip
_OURS = {"cache_auth_token", "timeout", "token", "transport", "verify"}
_FIXED = {
    "base_url": "set api_url in the settings",
    "follow_redirects": "the API of a hub never redirects",
    "auth": "hand over token=, or call login()",
}
_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30)


@attrs.frozen
class HttpOptions:
    """How an HTTP client is made.

    Attributes:
        arguments: Keywords of ``httpx.AsyncClient``.
        token: A token that the user brought along; None to sign in.
        cache_auth_token: Whether a sign-in is kept for the next client.
    """

    arguments: Mapping[str, Any] = attrs.field(repr=lambda given: f"{sorted(given)}")
    token: Secret | None = None
    cache_auth_token: bool = True


def parse_options(given: Mapping[str, Any], settings: Mapping[str, Any]) -> HttpOptions:
    """Return how the HTTP client is to be made.

    Args:
        given: Keywords of the user.
        settings: ``default_timeout`` and ``ca_bundle`` stand in for ``timeout`` and ``verify``.

    Raises:
        InvalidSettingsError: A keyword is unknown, or its value cannot be used.
    """
    for name in given:
        if name in _FIXED:
            raise InvalidSettingsError(
                f"{name!r} cannot be given", hint=f"Instead, {_FIXED[name]}."
            )
        if name not in _PASSED_ON | _OURS:
            known = ", ".join(sorted(_PASSED_ON | _OURS))
            raise InvalidSettingsError(f"The client takes no {name!r}", hint=f"It takes {known}.")
    arguments: dict[str, Any] = {"limits": _LIMITS}
    arguments |= {name: value for name, value in given.items() if name in _PASSED_ON}
    arguments["timeout"] = _timeout(given.get("timeout", settings["default_timeout"]))
    arguments["verify"] = trusted(given.get("verify", settings["ca_bundle"]))
    if given.get("transport") is not None:
        arguments["transport"] = bridged(given["transport"])
    if arguments.get("mounts"):
        arguments["mounts"] = {
            pattern: None if mounted is None else bridged(mounted)
            for pattern, mounted in arguments["mounts"].items()
        }
    return HttpOptions(
        arguments=arguments,
        token=_token(given.get("token")),
        cache_auth_token=bool(given.get("cache_auth_token", True)),
    )


def _timeout(value: Any) -> httpx.Timeout:
    """Return bounds for each phase: a pair bounds writing and waiting for a connection as well."""
    if value == "never" or value is None:
        return httpx.Timeout(None)
    if value == "timeout":
        return httpx.Timeout(5.0)
    if hasattr(value, "as_dict"):  # A timeout of either family of the HTTP library.
        value = tuple(value.as_dict().get(phase) for phase in ("connect", "read", "write", "pool"))
    phases = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(phases) == 2:
        connect, read = phases
        phases = (connect, read, read, connect)
    if len(phases) != 4 or not all(_is_span(phase) for phase in phases):
        raise InvalidSettingsError(
            f"timeout cannot be {value!r:.80}",
            hint="Give seconds, (connect, read) in seconds, or 'never'.",
        )
    connect, read, write, pool = phases
    return httpx.Timeout(connect=connect, read=read, write=write, pool=pool)


def _is_span(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value > 0


def _token(value: Any) -> Secret | None:
    """Return a token that was given as a text, or as the mapping that OAuth libraries keep."""
    if isinstance(value, Mapping):
        value = value.get("access_token")
    if value is None or isinstance(value, Secret):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if text and text.isascii() and text.isprintable():
        return Secret(text)
    raise InvalidSettingsError(
        f"token cannot be a {type(value).__name__} of this content",
        hint="Give the token as a text, or as a mapping with 'access_token'.",
    )
