"""A `PasswordHasher` whose hashes cost nothing."""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ["QuickPasswords"]


class QuickPasswords:
    """Hashes passwords as fast as it can: for tests, and for nothing that strangers can reach.

    Args:
        cost: What new hashes say that they cost.
    """

    def __init__(self, cost: int = 1) -> None:
        self._cost = cost

    def hash(self, password: str, /) -> str:
        """See `PasswordHasher.hash`."""
        return self._made(str(self._cost), secrets.token_hex(8), password)

    def verify(self, hash: str | None, password: str, /) -> bool:
        """See `PasswordHasher.verify`."""
        kept = hash or ""
        _, cost, salt, _ = parts if len(parts := kept.split("$")) == 4 else ("", "", "", "")
        made = self._made(cost, salt, password)
        return hmac.compare_digest(made.encode(), kept.encode())

    def is_weak(self, hash: str, /) -> bool:
        """See `PasswordHasher.is_weak`."""
        parts = hash.split("$")
        return len(parts) != 4 or not parts[1].isdecimal() or int(parts[1]) < self._cost

    @staticmethod
    def _made(cost: str, salt: str, password: str) -> str:
        text = f"{cost}${salt}${password}".encode("utf-8", "surrogatepass")
        return f"quick${cost}${salt}${hashlib.sha256(text).hexdigest()}"
