"""The scopes: what clients may ask for, and what people are told of it."""

from __future__ import annotations

from collections.abc import Iterable

from authlib.oauth2.rfc6749 import InvalidScopeError

from polaris.application.accounts.oauth_scopes import SCOPES

__all__ = ["SCOPES", "asked_scopes", "in_order", "narrowed"]


def asked_scopes(text: str | None, *, allowed: frozenset[str]) -> frozenset[str] | None:
    """Return the scopes in a request; None where it names none.

    Args:
        text: The parameter ``scope``, words separated by spaces.
        allowed: Those that the client may ask for.

    Raises:
        InvalidScopeError: One is unknown, or not for this client.
    """
    words = frozenset((text or "").split(" ")) - {""}
    if not words:
        return None
    if words - SCOPES.keys():
        raise InvalidScopeError("A scope is not known")
    if words - allowed:
        raise InvalidScopeError("A scope is not for this client")
    return words


def narrowed(text: str | None, *, granted: frozenset[str]) -> frozenset[str]:
    """Return what is asked for of what was granted; all of it where nothing is asked for.

    Raises:
        InvalidScopeError: More is asked for (RFC 6749 section 6).
    """
    words = frozenset((text or "").split(" ")) - {""}
    if words - granted:
        raise InvalidScopeError("A scope exceeds what was granted")
    return words or granted


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return scopes in the order in which they are shown."""
    found = set(scopes)
    return [scope for scope in SCOPES if scope in found]
