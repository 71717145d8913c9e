"""Tokens that the hub signs for released clients: for calls, for storage, and for addresses.

Source: RFC 7519.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import attrs
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from polaris.ports.clock import Clock

__all__ = ["Purpose", "SignedTokens"]

_ISSUER = "polaris-hub"
_HEADER = {"alg": "HS256", "typ": "JWT"}
# Longer ones are none of ours, and cost time.
_LONGEST = 8192


class Purpose(StrEnum):
    """What a token is for; one that is for one thing is good for nothing else."""

    HUB = "hub"
    STORAGE = "storage"
    ADDRESS = "address"


@attrs.frozen
class SignedTokens:
    """Signs tokens, and reads its own.

    Attributes:
        clock: Tells the time.
        key: What they are signed with, at least 32 bytes; the same in every process of a hub. Where
            it changes, tokens from before are good no more.
    """

    clock: Clock
    key: bytes = attrs.field(factory=lambda: secrets.token_bytes(32), repr=False)
    _taken_back: dict[str, float] = attrs.field(factory=dict, init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    @key.validator
    def _long_enough(self, _: object, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("The key has to have 32 bytes or more")

    def issue(self, purpose: Purpose, subject: str, seconds: int, **claims: Any) -> str:
        """Return a new token.

        Args:
            purpose: What it is for.
            subject: Slug of the account that it was given to.
            seconds: How long it is good.
            **claims: What else it says.
        """
        now = int(self._now().timestamp())
        said = {"iss": _ISSUER, "aud": purpose.value, "sub": subject, "iat": now}
        said |= {"exp": now + seconds, "jti": secrets.token_hex(16)}
        return jwt.encode(_HEADER, said | claims, OctKey.import_key(self.key), ["HS256"])

    def read(self, purpose: Purpose, token: str) -> Mapping[str, Any] | None:
        """Return what a token of ours says; None for any other, and for one taken back.

        Whether it has ended is for `has_ended` to say.
        """
        if len(token) > _LONGEST or token.count(".") != 2:
            return None
        try:
            found = jwt.decode(token, OctKey.import_key(self.key), ["HS256"]).claims
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        ours = found.get("iss") == _ISSUER and found.get("aud") == purpose.value
        kinds = (("sub", str), ("jti", str), ("exp", int))
        if not ours or not all(isinstance(found.get(name), kind) for name, kind in kinds):
            return None
        with self._lock:
            return None if found["jti"] in self._taken_back else found

    def has_ended(self, claims: Mapping[str, Any]) -> bool:
        """Say whether the time of a token is over."""
        return bool(claims["exp"] <= self._now().timestamp())

    def take_back(self, claims: Mapping[str, Any]) -> None:
        """Let a token be good no more, in this process; it ends soon anyway."""
        now = self._now().timestamp()
        with self._lock:
            for name in [n for n, end in self._taken_back.items() if end <= now]:
                del self._taken_back[name]
            self._taken_back[claims["jti"]] = claims["exp"]

    def secret_of(self, claims: Mapping[str, Any]) -> str:
        """Return the secret that belongs to a storage token; nobody has to remember it."""
        digest = hmac.new(self.key, f"s3\n{claims['jti']}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def _now(self) -> datetime:
        return self.clock.now()
