"""Many objects in one body: an index, then their bytes one after the other.

Four bytes tell the length of the index, as an unsigned number with the highest byte first. The
index is a JSON array in UTF-8. An entry with a ``size`` has so many bytes behind the index, in the
order of the entries; other entries have none. Nothing may follow.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from polaris.application.native_wire.fields import encoded
from polaris.errors import InvalidInputError

__all__ = ["BUNDLE_BYTES", "BUNDLE_OBJECTS", "BUNDLE_TYPE", "bundled", "unbundled"]

BUNDLE_TYPE = "application/vnd.polaris.bundle"
# The longest contents of a bundle, and the most entries.
BUNDLE_BYTES = 64 * 2**20
BUNDLE_OBJECTS = 10_000

_LENGTH = struct.Struct(">I")
_Entry = Mapping[str, Any] | None


def bundled(entries: Sequence[_Entry], contents: Iterable[bytes | bytearray | memoryview]) -> bytes:
    """Return a bundle.

    Args:
        entries: The index.
        contents: The bytes of the entries that have a ``size``, in their order.
    """
    index = encoded(list(entries))
    return b"".join([_LENGTH.pack(len(index)), index, *contents])


def unbundled(body: bytes, *, where: str) -> list[tuple[_Entry, bytes]]:
    """Return the entries of a bundle with their bytes; ``b""`` for those without.

    Raises:
        InvalidInputError: It is none, or it is longer or shorter than it says.
    """
    entries, start = _index(body, where)
    found: list[tuple[_Entry, bytes]] = []
    for entry in entries:
        size = 0 if entry is None else entry.get("size", 0)
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= len(body):
            raise _broken(where, f"it has an object of {size!r:.40} bytes")
        found.append((entry, body[start : start + size]))
        start += size
    if start != len(body):
        raise _broken(where, f"it has {len(body)} bytes where its index says {start}")
    return found


def _index(body: bytes, where: str) -> tuple[list[_Entry], int]:
    if len(body) < _LENGTH.size:
        raise _broken(where, f"it has {len(body)} bytes")
    stop = _LENGTH.size + _LENGTH.unpack_from(body)[0]
    try:
        index = json.loads(body[_LENGTH.size : stop]) if stop <= len(body) else None
    except (ValueError, RecursionError) as cause:
        raise _broken(where, "its index is not JSON") from cause
    if not isinstance(index, list) or not all(e is None or isinstance(e, dict) for e in index):
        raise _broken(where, "its index is no list of objects")
    return index, stop


def _broken(where: str, why: str) -> InvalidInputError:
    return InvalidInputError(f"{where} is not a bundle: {why}", hint="It may have been cut.")
