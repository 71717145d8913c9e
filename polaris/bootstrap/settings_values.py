"""From the texts of an environment or a file to the values of settings."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from polaris.domain.locations import absolute_path, location_text
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError

__all__ = [
    "Timeout", "attempts", "ca_bundle", "folder", "generation", "http_url", "hub_url", "one_of",
    "seconds", "secret", "text", "timeout", "token_store",
]  # fmt: skip

# (connect, read) seconds, "timeout" for the HTTP client's own default, or "never" for none.
Timeout = tuple[float, float] | Literal["timeout", "never"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*\Z")
_BOOLEANS = {"true": True, "1": True, "yes": True, "on": True}
_BOOLEANS |= {"false": False, "0": False, "no": False, "off": False}


def text(value: Any) -> str:
    """Return a text as it is."""
    if not isinstance(value, str):
        raise InvalidInputError(f"must be a text, not {type(value).__name__}")
    return value


def hub_url(value: Any) -> str:
    """Return the URL of a hub; which schemes there are is known to the transports."""
    url = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    scheme, separator, _ = url.partition("://")
    if not separator or not _SCHEME.match(scheme):
        looks_local = url.startswith((".", "~", os.sep)) and not url.startswith("//")
        example = absolute_path(url).as_uri() if looks_local else "https://" + url.lstrip("/")
        raise InvalidInputError(
            f"{_masked(url)!r} is not the URL of a hub",
            hint=f"Write it with its scheme: {_masked(example)}",
        )
    return url


def _masked(url: str) -> str:
    """Return what may be a URL without its scheme as it is shown: without credentials."""
    before, at, host = url.rpartition("@")
    scheme = f"{before.partition('://')[0]}://" if "://" in before else ""
    return f"{scheme}***@{host}" if at and ":" in before else url


def http_url(value: Any) -> str:
    """Return a URL of the web."""
    url = str(value)
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  refuses a port that is no number
    except ValueError as cause:
        raise InvalidInputError(f"{url!r} is not a URL: {cause}") from cause
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidInputError(f"{url!r} is not an http(s) URL")
    return url


def secret(value: Any) -> Secret:
    """Return a text that must not be shown."""
    return value if isinstance(value, Secret) else Secret(text(value))


def folder(value: Any) -> Path:
    """Return a folder's absolute path; ``~`` and ``$VAR`` are expanded."""
    if not isinstance(value, (str, os.PathLike)):
        raise InvalidInputError(f"must be a path, not {type(value).__name__}")
    return absolute_path(location_text(value))


def ca_bundle(value: Any) -> str | bool:
    """Return the path of a file of certificates, or whether certificates are verified at all."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    path = folder(value)
    if not path.exists():
        raise InvalidInputError(f"there is no file {path}", hint="Give a PEM file, or false.")
    return str(path)


def timeout(value: Any) -> Timeout:
    """Return ``(connect, read)`` seconds, or one of the words; JSON in a text is understood."""
    hint = "Give [connect, read] in seconds, 'timeout' or 'never'."
    found = value
    if isinstance(value, str) and value not in ("timeout", "never"):
        try:
            found = json.loads(value)
        except ValueError as cause:
            raise InvalidInputError(f"cannot be {value!r}", hint=hint) from cause
    if found in ("timeout", "never"):
        return cast("Timeout", found)
    parts = list(found) if isinstance(found, (list, tuple)) else [found, found]
    seconds = [p for p in parts if isinstance(p, (int, float)) and not isinstance(p, bool)]
    if len(parts) != 2 or len(seconds) != 2 or min(seconds) <= 0:
        raise InvalidInputError(f"cannot be {value!r}", hint=hint)
    return (seconds[0], seconds[1])


def attempts(value: Any) -> int:
    """Return a number of calls, at least one."""
    found = _number(value)
    if found is None or found < 1 or found != int(found):
        raise InvalidInputError(f"cannot be {value!r}", hint="Give a whole number, 1 or more.")
    return int(found)


def seconds(value: Any) -> float:
    """Return a span of time, more than nothing."""
    found = _number(value)
    if found is None or found <= 0:
        raise InvalidInputError(f"cannot be {value!r}", hint="Give seconds, more than 0.")
    return found


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def token_store(value: Any) -> str:
    """Return where sign-ins are kept."""
    return one_of(value, ("auto", "file", "keyring", "memory"))


def generation(value: Any) -> str:
    """Return which protocol a hub speaks."""
    return one_of(value, ("auto", "g1", "g2", "g3"))


def one_of(value: Any, words: tuple[str, ...]) -> str:
    """Return one of some words."""
    found = text(value).strip().lower()
    if found not in words:
        raise InvalidInputError(f"cannot be {value!r}", hint=f"Choose from {', '.join(words)}.")
    return found
