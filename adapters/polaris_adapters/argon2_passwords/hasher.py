"""A `PasswordHasher` over Argon2id.

Source: RFC 9106 section 4, the second recommended option: 3 passes over 64 MiB in 4 lanes, a salt
of 128 bits and a tag of 256 bits.
"""

from __future__ import annotations

import base64
import secrets
import threading

import attrs
from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHash
from argon2.low_level import ARGON2_VERSION

__all__ = ["Argon2Costs", "Argon2Passwords"]


@attrs.frozen(kw_only=True)
class Argon2Costs:
    """What one hash costs whoever makes it, and whoever guesses.

    Attributes:
        passes: How often the memory is gone through.
        memory: KiB.
        lanes: Threads that work on one hash.
    """

    passes: int = 3
    memory: int = 64 * 1024
    lanes: int = 4


class Argon2Passwords:
    """Makes hashes in the format of the reference implementation (``$argon2id$…``).

    May be used from several threads at once.

    Args:
        costs: Of new hashes; old ones say themselves what they cost.
        most_at_once: Most hashes that are worked on at the same time in this process: a crowd that
            signs in waits, and does not take the memory of the machine.
    """

    def __init__(self, costs: Argon2Costs | None = None, *, most_at_once: int = 4) -> None:
        costs = costs or Argon2Costs()
        self._hasher = PasswordHasher(
            time_cost=costs.passes,
            memory_cost=costs.memory,
            parallelism=costs.lanes,
            hash_len=32,
            salt_len=16,
            encoding="utf-8",
            type=Type.ID,
        )
        self._slots = threading.BoundedSemaphore(most_at_once)
        # Of no password, since its tag is random; verifying against it costs what verifying does.
        salt, tag = _base64(secrets.token_bytes(16)), _base64(secrets.token_bytes(32))
        cost = f"m={costs.memory},t={costs.passes},p={costs.lanes}"
        self._nobody = f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}"

    def hash(self, password: str, /) -> str:
        """See `PasswordHasher.hash`."""
        with self._slots:
            return self._hasher.hash(_bytes(password))

    def verify(self, hash: str | None, password: str, /) -> bool:
        """See `PasswordHasher.verify`."""
        with self._slots:
            try:
                self._hasher.verify(self._nobody if hash is None else hash, _bytes(password))
            except (Argon2Error, InvalidHash, ValueError):
                return False
        return hash is not None

    def is_weak(self, hash: str, /) -> bool:
        """See `PasswordHasher.is_weak`."""
        try:
            return self._hasher.check_needs_rehash(hash)
        except (InvalidHash, ValueError):
            return True


def _bytes(password: str) -> bytes:
    # What is half of a character was typed by nobody, but must not be an error here.
    return password.encode("utf-8", "surrogatepass")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
