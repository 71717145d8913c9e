"""From the texts of an environment, a file or a command line to the settings of a server."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from polaris.bootstrap import settings_values as values
from polaris.errors import InvalidInputError

__all__ = [
    "access",
    "benchmark_shape",
    "count",
    "database_url",
    "file",
    "flag",
    "log_format",
    "log_level",
    "metrics",
    "port",
    "public_url",
    "rate",
    "storage_url",
    "texts",
]  # fmt: skip

_FLAGS = {"true": True, "1": True, "yes": True, "on": True}
_FLAGS |= {"false": False, "0": False, "no": False, "off": False}
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


def file(value: Any) -> Path:
    """Return the absolute path of a file that is there."""
    path = values.folder(value)
    if not path.is_file():
        raise InvalidInputError(f"there is no file {path}", hint="Check the path.")
    return path


def flag(value: Any) -> bool:
    """Return whether something is to be."""
    found = value if isinstance(value, bool) else _FLAGS.get(str(value).strip().lower())
    if found is None:
        raise InvalidInputError(f"cannot be {value!r}", hint="Give true or false.")
    return found


def texts(value: Any) -> tuple[str, ...]:
    """Return several texts; in one text they are separated by commas, or a list of JSON."""
    found = value
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            try:
                found = json.loads(value)
            except ValueError as cause:
                raise InvalidInputError(f"cannot be {value!r}", hint="Separate by commas.") from (
                    cause
                )
        else:
            found = [part for part in (part.strip() for part in value.split(",")) if part]
    if not isinstance(found, (list, tuple)) or not all(isinstance(part, str) for part in found):
        raise InvalidInputError(f"cannot be {value!r}", hint="Give texts, separated by commas.")
    return tuple(found)


def count(value: Any) -> int:
    """Return a number of things, at least one."""
    return values.attempts(value)


def rate(value: Any) -> float:
    """Return a number a second; 0 stands for no bound."""
    return 0.0 if str(value).strip() in ("0", "0.0") else values.seconds(value)


def port(value: Any) -> int:
    """Return the number of a TCP port; 0 lets the system choose one that is free."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise InvalidInputError(f"cannot be {value!r}", hint="Give a port, 0 to 65535.")
    return int(text)


def database_url(value: Any) -> str:
    """Return the URL of a PostgreSQL database."""
    url = values.text(value)
    if urlsplit(url).scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise InvalidInputError(
            "is not the URL of a PostgreSQL database",
            hint="Write postgresql://host/database; leave it out for SQLite.",
        )
    return url


def storage_url(value: Any) -> str:
    """Return the URL of a bucket, ``s3://bucket/prefix``, or of a folder, ``file:///folder``."""
    url = values.text(value)
    parts = urlsplit(url)
    hint = "Write s3://bucket/prefix or file:///folder; leave it out for the folder of the hub."
    if parts.scheme == "file" and parts.path.strip("/") and not parts.netloc:
        return url
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise InvalidInputError(f"{url!r:.200} names neither a bucket nor a folder", hint=hint)
    return url.rstrip("/")


def public_url(value: Any) -> str:
    """Return the address under which callers find the hub, without a ``/`` at its end."""
    url = values.http_url(value)
    parts = urlsplit(url)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise InvalidInputError(
            f"{url!r:.200} is not the address of a hub", hint="Write https://hub.example.org"
        )
    return url.rstrip("/")


def metrics(value: Any) -> str:
    """Return who may read the metrics."""
    return values.one_of(value, ("off", "public", "token"))


def log_format(value: Any) -> str:
    """Return how the log is written."""
    return values.one_of(value, ("text", "json"))


def log_level(value: Any) -> str:
    """Return from which level on something is logged."""
    return values.one_of(value, ("debug", "info", "warning", "error"))


def access(value: Any) -> str:
    """Return who may see something."""
    return values.one_of(value, ("private", "public"))


def benchmark_shape(value: Any) -> str:
    """Return how benchmarks are told to released clients."""
    return values.one_of(value, ("0.13", "head"))
