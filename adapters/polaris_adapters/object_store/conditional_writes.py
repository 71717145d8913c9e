"""Writing an object that must not be there yet, over a network that loses replies.

A reply that is lost leaves open whether the object was written. If the write is simply made again,
the store answers that something is there, and it may be our own: whoever asked would be told that
another writer was faster. So each write carries a mark of its own among the object's metadata, and
after a lost reply the mark that is there decides.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Mapping

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

__all__ = ["MARK", "create"]

#: Name of the metadata that says which write an object is from.
MARK = "polaris-write"

_ATTEMPTS = 5
# Bound of the first wait between attempts, seconds; doubled each time.
_PAUSE = 0.2
# What another attempt cannot mend.
_FINAL = (PermissionDeniedError, UnauthenticatedError, NotFoundError)


def create(store: S3Store, key: str, data: bytes, attributes: Mapping[str, str]) -> bool:
    """Write an object unless there is one; return whether this call wrote it.

    Args:
        store: The store, by a client that does not repeat requests by itself.
        key: Key of the object.
        data: Its content.
        attributes: Its type and metadata.

    Raises:
        obstore.exceptions.BaseError: The store refused, or could not be reached several times.
    """
    mark = uuid.uuid4().hex
    lost = False
    for attempt in range(_ATTEMPTS):
        try:
            obstore.put(
                store,
                key,
                data,
                attributes={**attributes, MARK: mark},
                mode="create",
                use_multipart=False,
            )
            return True
        except (AlreadyExistsError, PreconditionError, FileExistsError):
            return lost and _mark_of(store, key) == mark
        except BaseError as error:
            if isinstance(error, _FINAL) or attempt == _ATTEMPTS - 1:
                raise
            lost = True
        # On a thread of the pool; full jitter, as everywhere (`polaris.application.retry`).
        time.sleep(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311  no secret
    raise AssertionError("the last attempt returns or raises")  # pragma: no cover


def _mark_of(store: S3Store, key: str) -> str | None:
    """Return the mark of what is there; None where there is nothing any more, or none."""
    try:
        return obstore.get(store, key).attributes.get(MARK)
    except FileNotFoundError:
        return None
