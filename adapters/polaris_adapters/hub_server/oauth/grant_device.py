"""Tokens for a device code, once a person has entered its letters.

Source: RFC 8628 sections 3.4 and 3.5.
"""

from __future__ import annotations

from typing import Any

import attrs
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidGrantError
from authlib.oauth2.rfc8628 import AuthorizationPendingError, ExpiredTokenError, SlowDownError

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.device_codes import Decision
from polaris_adapters.hub_server.oauth.grant_code import grant_of
from polaris_adapters.hub_server.oauth.issuing import id_token, issued, revoke_family
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["by_device"]

_DEVICE = CredentialKind.DEVICE
_SLOWER = 5
# Clocks and networks are not exact: a question may come this much early, seconds.
_EARLY = 0.5


async def by_device(
    provider: Provider, client: Client, form: Parameters, base: str
) -> dict[str, Any]:
    """Return tokens for a device code.

    Raises:
        AuthorizationPendingError: Nobody has entered its letters yet.
        SlowDownError: It is asked for too often; from now on every pause is longer.
        AccessDeniedError: The person said no.
        ExpiredTokenError: It has ended.
        InvalidGrantError: It is none, was used before, or is not this client's.
    """
    digest = digest_of_secret(Secret(form.required("device_code")))
    found = await provider.credentials.find(_DEVICE, digest)
    if found is None or found.client != client.id:
        raise InvalidGrantError("The device code is not good")
    if found.used_at is not None:
        await revoke_family(provider, found.family)
        raise InvalidGrantError("The device code was used before")
    if found.revoked_at is not None:
        raise InvalidGrantError("The device code was taken back")
    now = provider.now()
    if found.expires_at is not None and now >= found.expires_at:
        raise ExpiredTokenError("The code was not entered in time")
    if found.claims.get("decision") == Decision.PENDING:
        raise await _not_yet(provider, found, now.timestamp())
    if found.claims.get("decision") != Decision.ALLOWED:
        raise AccessDeniedError("The sign-in was declined")
    if found.account is None or await provider.open_account(found.account) is None:
        raise AccessDeniedError("The account has been closed")
    grant = grant_of(found, client)
    given = issued(provider, grant)
    if not await provider.credentials.use(_DEVICE, digest, now=now, successors=given.credentials):
        raise InvalidGrantError("The device code was used before")
    if "openid" in grant.scopes:
        token = given.reply["access_token"]
        given.reply["id_token"] = await id_token(
            provider, grant, issuer=base, nonce=None, access_token=token
        )
    return given.reply


async def _not_yet(
    provider: Provider, found: Credential, now: float
) -> AuthorizationPendingError | SlowDownError:
    """Note that the device has asked, and return what it is told."""
    asked, interval = found.claims.get("asked"), int(found.claims.get("interval", 5))
    hurried = isinstance(asked, int | float) and now - asked < interval - _EARLY
    claims = {**found.claims, "asked": now, "interval": interval + (_SLOWER if hurried else 0)}
    # Where that fails, a decision has come meanwhile; the next question finds it.
    await provider.credentials.change(attrs.evolve(found, claims=claims), expected=found.claims)
    return SlowDownError() if hurried else AuthorizationPendingError()
