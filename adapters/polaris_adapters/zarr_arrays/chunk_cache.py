"""Decoded chunks that are kept because more of their rows may be asked for."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import weakref
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHARED", "ChunkCache", "decoded_bytes"]

DEFAULT_BYTES = 256 * 2**20

Key = tuple[int, str, int]

_NUMBERS = itertools.count()


def decoded_bytes(chunk: NDArray[Any]) -> int:
    """Return about how many bytes of memory a decoded chunk takes, its texts included."""
    if chunk.dtype.kind == "T":
        return chunk.nbytes + int(np.strings.str_len(chunk).sum())
    if chunk.dtype.kind == "O":
        return chunk.nbytes + sum(map(sys.getsizeof, chunk.ravel()))
    return chunk.nbytes


class _Held:
    """What is held in one process; a forked child starts anew, for the lock may be taken."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.chunks: OrderedDict[Key, tuple[NDArray[Any], int]] = OrderedDict()
        self.size = 0


class ChunkCache:
    """Decoded chunks of any number of archives, the least recently used ones dropped first.

    Safe for use by several threads.

    Args:
        max_bytes: Most bytes of all chunks together; a chunk that is larger is not kept.
    """

    def __init__(self, max_bytes: int = DEFAULT_BYTES) -> None:
        self.max_bytes = max_bytes
        self._current = _Held()

    def _held(self) -> _Held:
        if self._current.process != os.getpid():
            self._current = _Held()
        return self._current

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._held().size

    def get(self, key: Key) -> NDArray[Any] | None:
        """Return a chunk if it is kept; it must not be changed."""
        held = self._held()
        with held.lock:
            found = held.chunks.get(key)
            if found is None:
                return None
            held.chunks.move_to_end(key)
            return found[0]

    def put(self, key: Key, chunk: NDArray[Any]) -> None:
        """Keep a chunk that owns its memory."""
        size = decoded_bytes(chunk)
        if size > self.max_bytes:
            return
        held = self._held()
        with held.lock:
            self._drop(held, key)
            held.chunks[key] = (chunk, size)
            held.size += size
            while held.size > self.max_bytes:
                self._drop(held, next(iter(held.chunks)))

    def number_for(self, owner: object) -> int:
        """Return the number with which the keys of an owner start, never given to another one.

        The owner's chunks are dropped when it is gone.
        """
        number = next(_NUMBERS)
        weakref.finalize(owner, self._forget, number).atexit = False
        return number

    def _forget(self, number: int) -> None:
        held = self._held()
        # Garbage is collected anywhere, also in a thread that holds the lock. What is left is the
        # least recently used soon.
        if held.lock.acquire(blocking=False):
            try:
                for key in [key for key in held.chunks if key[0] == number]:
                    self._drop(held, key)
            finally:
                held.lock.release()

    @staticmethod
    def _drop(held: _Held, key: Key) -> None:
        dropped = held.chunks.pop(key, None)
        if dropped is not None:
            held.size -= dropped[1]


# One for all archives, so that the bound is that of the process.
SHARED = ChunkCache()
