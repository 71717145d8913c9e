"""What ID tokens are signed with: keys of the whole hub, which take turns.

Source: RFC 7517, OpenID Connect Core section 10.1.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

import attrs
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from polaris.application.accounts.oauth_clients import SigningAlg
from polaris.ports.clock import Clock
from polaris.ports.keys import HubKeys

__all__ = ["SIGNING_ALGS", "SigningKeys"]

SIGNING_ALGS: tuple[SigningAlg, ...] = ("ES256", "RS256")

_DAY = 86400
# A key signs for so long, seconds.
_TURN = 90 * _DAY
# A new one is published for so long before it signs, and an old one after it has: clients keep what
# they have read for a while.
_OVERLAP = _DAY
_RSA_BITS = 2048


@attrs.frozen
class SigningKeys:
    """Signs, publishes what verifies, and rotates.

    Attributes:
        keys: Keeps the keys, for all processes.
        clock: Tells the time.
    """

    keys: HubKeys
    clock: Clock

    async def sign(self, claims: Mapping[str, Any], alg: SigningAlg) -> str:
        """Return a signed JWT."""
        ring = await self._ring(alg)
        now = self._now()
        # The newest that everybody can know by now; at the beginning there is but one.
        known = [key for key in ring if key["since"] <= now - _OVERLAP] or [ring[0]]
        key = _imported(known[-1]["jwk"])
        header = {"alg": alg, "kid": known[-1]["jwk"]["kid"], "typ": "JWT"}
        return jwt.encode(header, dict(claims), key, [alg])

    async def published(self) -> dict[str, Any]:
        """Return the JWK set of what verifies (RFC 7517 section 5)."""
        rings = [await self._ring(alg) for alg in SIGNING_ALGS]
        public = [_imported(key["jwk"]).as_dict(private=False) for ring in rings for key in ring]
        return {"keys": public}

    async def read(self, token: str) -> Mapping[str, Any] | None:
        """Return the claims of a JWT that this hub signed, also of one that has ended."""
        for alg in SIGNING_ALGS:
            for key in await self._ring(alg):
                try:
                    return jwt.decode(token, _imported(key["jwk"]), [alg]).claims
                except (JoseError, ValueError, TypeError, KeyError):
                    continue
        return None

    async def rotate(self, *, at_once: bool = False) -> None:
        """Put new keys in the place of those in use.

        Args:
            at_once: Forget those of before, because somebody else may have them; what they signed
                is good no more.
        """
        for alg in SIGNING_ALGS:
            ring = await self._ring(alg)
            fresh = await asyncio.to_thread(_new, alg, self._now())
            kept = [fresh] if at_once else [*ring, fresh]
            await self.keys.replace(_name(alg), _packed(kept), expected=_packed(ring))

    async def _ring(self, alg: SigningAlg) -> list[dict[str, Any]]:
        """Return the keys of an algorithm, oldest first; takes its turn where it is time."""
        now = self._now()
        packed = await self.keys.get_or_make(_name(alg), lambda: _packed([_new(alg, now)]))
        ring: list[dict[str, Any]] = json.loads(packed)
        # One that another has taken the place of long since.
        kept = [k for k, later in itertools.pairwise(ring) if later["since"] > now - 2 * _OVERLAP]
        kept.append(ring[-1])
        if ring[-1]["since"] <= now - _TURN:
            kept.append(await asyncio.to_thread(_new, alg, now))
        if kept == ring:
            return ring
        if await self.keys.replace(_name(alg), _packed(kept), expected=packed):
            return kept
        found = await self.keys.get_or_make(_name(alg), lambda: packed)
        another: list[dict[str, Any]] = json.loads(found)
        return another

    def _now(self) -> int:
        return int(self.clock.now().timestamp())


def _name(alg: SigningAlg) -> str:
    return f"oauth-{alg.lower()}"


def _packed(ring: list[dict[str, Any]]) -> bytes:
    return json.dumps(ring, sort_keys=True, separators=(",", ":")).encode()


def _new(alg: SigningAlg, now: int) -> dict[str, Any]:
    use: KeyParameters = {"alg": alg, "use": "sig"}
    key: ECKey | RSAKey
    if alg == "ES256":
        key = ECKey.generate_key("P-256", use, auto_kid=True)
    else:
        key = RSAKey.generate_key(_RSA_BITS, use, auto_kid=True)
    return {"since": now, "jwk": key.as_dict(private=True)}


def _imported(jwk: dict[str, Any]) -> ECKey | RSAKey:
    return ECKey.import_key(jwk) if jwk["kty"] == "EC" else RSAKey.import_key(jwk)
