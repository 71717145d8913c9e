"""Giving out tokens: what is kept of them, and what the client is told.

Source: RFC 6749 section 5.1, OpenID Connect Core sections 2 and 3.1.3.3.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs

from polaris.application.accounts.oauth_clients import REFRESH, Client
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import in_order
from polaris_adapters.hub_server.oauth.signing import SigningKeys

__all__ = ["Grant", "Issued", "id_token", "issued", "revoke_family"]


@attrs.frozen(kw_only=True)
class Grant:
    """What a user has let a client do.

    Attributes:
        account: Id of the user's account.
        client: The client.
        family: What all that comes of it shares.
        scopes: What the client may do.
        auth_time: When the user signed in, seconds since 1970.
        begun: When the grant was given, seconds since 1970.
    """

    account: str
    client: Client
    family: str
    scopes: frozenset[str]
    auth_time: int
    begun: int


@attrs.frozen
class Issued:
    """Tokens that are not kept yet.

    Attributes:
        reply: What the client is told.
        credentials: What has to be kept.
    """

    reply: dict[str, Any] = attrs.field(repr=False)
    credentials: Sequence[Credential]


def issued(provider: Provider, grant: Grant, *, access: frozenset[str] | None = None) -> Issued:
    """Return an access token, and a refresh token where the grant has ``offline_access``.

    Args:
        provider: Who gives.
        grant: For what.
        access: The scopes of the access token if they are fewer than those of the grant.
    """
    now, lifetimes = provider.now(), provider.settings.lifetimes
    scopes = grant.scopes if access is None else access
    secret = new_secret(CredentialKind.ACCESS)
    credentials = [_credential(CredentialKind.ACCESS, secret, grant, scopes, now, lifetimes.access)]
    reply: dict[str, Any] = {
        "access_token": secret.reveal(),
        "token_type": "Bearer",
        "expires_in": lifetimes.access,
        "scope": " ".join(in_order(scopes)),
    }
    left = grant.begun + lifetimes.refresh_in_all - int(now.timestamp())
    if "offline_access" in grant.scopes and REFRESH in grant.client.grants and left > 0:
        refresh = new_secret(CredentialKind.REFRESH)
        seconds = min(left, lifetimes.refresh)
        credentials.append(
            _credential(CredentialKind.REFRESH, refresh, grant, grant.scopes, now, seconds)
        )
        reply["refresh_token"] = refresh.reveal()
    return Issued(reply, credentials)


def _credential(
    kind: CredentialKind,
    secret: Secret,
    grant: Grant,
    scopes: frozenset[str],
    now: datetime,
    seconds: int,
) -> Credential:
    return Credential(
        kind=kind,
        digest=digest_of_secret(secret),
        account=grant.account,
        client=grant.client.id,
        family=grant.family,
        name=grant.client.name,
        scopes=scopes,
        created_at=now,
        expires_at=now + timedelta(seconds=seconds),
        claims={"auth_time": grant.auth_time, "begun": grant.begun},
    )


async def id_token(
    provider: Provider, grant: Grant, *, issuer: str, nonce: str | None, access_token: str
) -> str:
    """Return a signed ID token (OpenID Connect Core section 2)."""
    now = int(provider.now().timestamp())
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": grant.account,
        "aud": grant.client.id,
        "azp": grant.client.id,
        "iat": now,
        "exp": now + provider.settings.lifetimes.access,
        "auth_time": grant.auth_time,
        "at_hash": _half_hash(access_token),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    keys = SigningKeys(provider.keys, provider.clock)
    return await keys.sign(claims, grant.client.signing_alg)


def _half_hash(token: str) -> str:
    """Return the left half of the hash that goes with the signature (section 3.1.3.6)."""
    digest = hashlib.sha256(token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


async def revoke_family(provider: Provider, family: str) -> None:
    """Take back all that came of a sign-in, also what comes of it at this moment.

    A token that is being renewed meanwhile may have a successor that the first call does not see;
    that call waits for it, and the next one finds it.
    """
    for _ in range(8):
        if not await provider.credentials.revoke(now=provider.now(), family=family):
            return
