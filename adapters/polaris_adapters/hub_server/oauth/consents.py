"""What users have allowed clients, so that they are not asked again and again."""

from __future__ import annotations

import hashlib

import attrs

from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["consented", "forget", "remember"]

_CONSENT = CredentialKind.CONSENT


async def consented(provider: Provider, account: str, client: str) -> frozenset[str]:
    """Return the scopes that a user has allowed a client."""
    found = await provider.credentials.find(_CONSENT, _digest(account, client))
    return frozenset() if found is None or found.revoked_at is not None else found.scopes


async def remember(
    provider: Provider, account: str, client: str, scopes: frozenset[str], name: str
) -> None:
    """Note that a user has allowed a client these scopes, besides those of before."""
    digest = _digest(account, client)
    found = await provider.credentials.find(_CONSENT, digest)
    if found is not None:
        await provider.credentials.change(attrs.evolve(found, scopes=found.scopes | scopes))
        return
    consent = Credential(
        kind=_CONSENT, digest=digest, account=account, client=client, family=digest, name=name,
        scopes=scopes, created_at=provider.now(),
    )  # fmt: skip
    try:
        await provider.credentials.add(consent)
    except InvalidInputError:
        return  # Another window was faster; at worst the user is asked once more.


async def forget(provider: Provider, account: str, client: str) -> None:
    """Note that a user allows a client nothing any more: the next time, the user is asked."""
    found = await provider.credentials.find(_CONSENT, _digest(account, client))
    if found is not None:
        await provider.credentials.change(attrs.evolve(found, scopes=frozenset()))


def _digest(account: str, client: str) -> str:
    return hashlib.sha256(f"consent\n{account}\n{client}".encode()).hexdigest()
