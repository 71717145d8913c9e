"""Device codes: what a device waits with, and the short code that a person enters for it.

Source: RFC 8628 sections 3.1, 3.3, 5.1 and 6.1.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

import attrs

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["Decision", "NewDeviceCode", "decide", "new_device_code", "shown", "waiting", "words_of"]

# Consonants only, so that no words come about, and none that looks like another (section 6.1).
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LETTERS = 8
_DEVICE = CredentialKind.DEVICE
_TRIES = 5


class Decision(StrEnum):
    """What has become of a device code."""

    PENDING = "pending"
    ALLOWED = "allowed"
    DENIED = "denied"


@attrs.frozen
class NewDeviceCode:
    """A device code that was given out.

    Attributes:
        secret: What the device waits with.
        user_code: What a person enters.
    """

    secret: Secret
    user_code: str


async def new_device_code(
    provider: Provider, client: Client, scopes: frozenset[str]
) -> NewDeviceCode:
    """Give out a device code."""
    for last in range(_TRIES):
        letters = "".join(secrets.choice(ALPHABET) for _ in range(_LETTERS))
        secret = new_secret(_DEVICE)
        digest = digest_of_secret(secret)
        now, until = provider.now(), provider.after(provider.settings.lifetimes.device)
        code = Credential(
            kind=_DEVICE, digest=digest, client=client.id, family=digest, name=client.name,
            scopes=scopes, created_at=now, expires_at=until,
            claims={
                "decision": Decision.PENDING.value,
                "interval": provider.settings.poll_interval,
                "asked": None,
            },
        )  # fmt: skip
        # Found by what people enter; good for nothing itself.
        pointer = Credential(
            kind=_DEVICE, digest=_pointer(letters), family=digest, created_at=now,
            expires_at=until, claims={"device": digest},
        )  # fmt: skip
        try:
            await provider.credentials.add(code, pointer)
        except InvalidInputError:
            if last == _TRIES - 1:
                raise
            continue  # Somebody has just these letters.
        return NewDeviceCode(secret, shown(letters))
    raise AssertionError("the last try returns or raises")


def words_of(text: str) -> str | None:
    """Return the letters of a code as a person entered it; None if it cannot be one."""
    letters = "".join(c for c in text.upper() if c not in " -\u2010\u2011\u2013\t.")
    return letters if len(letters) == _LETTERS and set(letters) <= set(ALPHABET) else None


def shown(letters: str) -> str:
    """Return the letters of a code as people are shown them."""
    return f"{letters[:4]}-{letters[4:]}"


async def waiting(provider: Provider, letters: str) -> Credential | None:
    """Return the device code that letters stand for; None unless it waits for a decision."""
    pointer = await provider.credentials.find(_DEVICE, _pointer(letters))
    digest = None if pointer is None else pointer.claims.get("device")
    found = None if digest is None else await provider.credentials.find(_DEVICE, str(digest))
    if found is None or not found.is_good(provider.now()):
        return None
    return found if found.claims.get("decision") == Decision.PENDING else None


async def decide(
    provider: Provider, letters: str, *, account: str, auth_time: int, allowed: bool
) -> bool:
    """Note what a person has decided; say whether the code still waited for that."""
    for _ in range(_TRIES):  # The device asks meanwhile, which is noted too.
        found = await waiting(provider, letters)
        if found is None:
            return False
        decision = Decision.ALLOWED if allowed else Decision.DENIED
        claims = {**found.claims, "decision": decision.value, "auth_time": auth_time}
        changed = attrs.evolve(found, account=account, claims=claims)
        if await provider.credentials.change(changed, expected=found.claims):
            return True
    return False


def _pointer(letters: str) -> str:
    return hashlib.sha256(f"user code {letters}".encode()).hexdigest()
