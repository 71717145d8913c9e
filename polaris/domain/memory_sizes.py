"""About how much memory a value takes, so that no more is read ahead than there is room for."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["memory_bytes"]

# Objects of other languages do not say how large they are. Molecules of RDKit take 24 to 66 times
# what they take pickled.
_OF_PICKLED = 40
# Objects that are looked at in all, and in one collection; an estimate has to be quick.
_MOST_OBJECTS = 1000
_MOST_PARTS = 50
_PLAIN = (str, bytes, bytearray, int, float, complex, type(None), np.generic, type, ModuleType)


def memory_bytes(value: Any) -> int:
    """Return about how many bytes a value takes in memory, with all that it holds."""
    total = 0.0
    seen: set[int] = set()
    waiting = [(value, 1.0)]
    while waiting and len(seen) < _MOST_OBJECTS:
        one, weight = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray) and one.dtype != object:
            # Of a view as well: what it shows has been read for it.
            total += weight * one.nbytes
        elif isinstance(one, _PLAIN):
            total += weight * sys.getsizeof(one)
        elif (parts := _held(one)) is None:
            total += weight * _opaque_bytes(one)
        else:
            some = parts[:: -(-len(parts) // _MOST_PARTS) or 1]
            total += weight * sys.getsizeof(one)
            waiting += [(part, weight * len(parts) / len(some)) for part in some]
    return int(total)


def _held(value: Any) -> list[Any] | None:
    """Return what an object holds; None if that cannot be told."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, np.ndarray):
        return list(value.flat)
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    # Of classes of other languages it is there, and empty.
    return list(getattr(value, "__dict__", {}).values()) or None


def _opaque_bytes(value: Any) -> int:
    try:
        return max(sys.getsizeof(value), _OF_PICKLED * len(pickle.dumps(value)))
    except Exception:  # Whatever refuses to be pickled may raise anything.
        return sys.getsizeof(value)
