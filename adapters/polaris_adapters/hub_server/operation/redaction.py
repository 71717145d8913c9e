"""Keeping secrets out of the log.

Paths and queries are logged by what is known to be harmless in them; whatever else is written is
searched for what looks like a secret, in case an error's text holds one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from polaris.message_text import without_credentials

__all__ = ["shown_path", "shown_query", "without_secrets"]

_MASK = "***"
_LONGEST = 500
# Parts of paths that open something by themselves.
_SECRET_PARTS = ("ticket", "token", "code", "secret", "signature", "user_code")
# Values of all other names are not logged: codes, tickets, signatures, and what people search for.
_HARMLESS = frozenset(
    {"access", "ifExists", "kind", "limit", "offset", "order", "recursive", "sort", "version"}
    | {"grant_type", "response_type", "code_challenge_method", "list-type", "max-keys", "uploads"}
)
_SECRETS = re.compile(
    r"polaris_[a-z]{2,8}_[A-Za-z0-9_-]{8,}"  # secrets of ours
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,}(?:\.[A-Za-z0-9_-]*)*"  # RFC 7519
    r"|(?i:(?<=bearer )|(?<=basic ))[\x21-\x7e]{8,}"
    r"|(?i:(?<=[?&\s\"']code=)|(?<=[?&]state=)|(?<=ticket=)|(?<=token=)|(?<=secret=)"
    r"|(?<=password=)|(?<=signature=)|(?<=credential=))[^\s&\"']+"
)


def without_secrets(text: str) -> str:
    """Return a text with what looks like a secret masked."""
    return _SECRETS.sub(_MASK, without_credentials(text))


def shown_path(path: str, parameters: Mapping[str, object]) -> str:
    """Return a path as it is logged.

    Args:
        path: As it was asked for.
        parameters: Its variable parts by name, where a route was found.
    """
    for name in _SECRET_PARTS:
        value = parameters.get(name)
        if value:
            path = path.replace(str(value), _MASK)
    return without_secrets(path)[:_LONGEST]


def shown_query(query: str) -> str:
    """Return a query as it is logged: all of its names, few of its values."""
    pairs = parse_qsl(query[:8192], keep_blank_values=True, errors="replace")
    shown = (
        f"{name}={value}" if name in _HARMLESS or not value else f"{name}={_MASK}"
        for name, value in pairs
    )
    return without_secrets("&".join(shown))[:_LONGEST]
