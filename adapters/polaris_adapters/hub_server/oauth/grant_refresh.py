"""Tokens for a refresh token, which is good once.

Source: RFC 6749 section 6, RFC 9700 section 4.14.2, and the draft of the header Idempotency-Key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.grant_code import grant_of
from polaris_adapters.hub_server.oauth.issuing import issued, revoke_family
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import narrowed

__all__ = ["by_refresh"]

_REFRESH = CredentialKind.REFRESH
_LONGEST_KEY = 255


async def by_refresh(
    provider: Provider, client: Client, form: Parameters, key: str | None
) -> dict[str, Any]:
    """Return tokens for a refresh token.

    One that comes again takes back all that came of the sign-in, as somebody else has it. Unless it
    comes with the Idempotency-Key that it came with before: then whoever renewed has not got the
    reply, and gets it once more, as long as nothing has come of it.

    Args:
        provider: Who gives.
        client: Who asks.
        form: The request.
        key: Its Idempotency-Key.

    Raises:
        InvalidGrantError: The token is not good, or not this client's.
        InvalidScopeError: More is asked for than was granted.
    """
    secret = Secret(form.required("refresh_token"))
    if key is not None and (len(key) > _LONGEST_KEY or not key.isprintable() or not key):
        raise InvalidRequestError("Idempotency-Key cannot be understood")
    digest = digest_of_secret(secret)
    found = await provider.credentials.find(_REFRESH, digest)
    if found is None or found.account is None or found.client != client.id:
        raise InvalidGrantError("The refresh token is not good")
    grant = grant_of(found, client)
    scopes = narrowed(form.get("scope"), granted=found.scopes)
    if await provider.open_account(found.account) is None:
        raise InvalidGrantError("The refresh token is not good")
    if found.used_at is None:
        given = issued(provider, grant, access=scopes)
        successors = list(given.credentials)
        if key is not None:
            successors.append(_kept_reply(secret, key, given.reply, successors[0]))
        if await provider.credentials.use(
            _REFRESH, digest, now=provider.now(), successors=successors
        ):
            return given.reply
        found = await provider.credentials.find(_REFRESH, digest) or found
    if found.revoked_at is not None or found.used_at is None:
        raise InvalidGrantError("The refresh token has ended, or was taken back")
    before = None if key is None else await _reply_before(provider, secret, key)
    if before is not None:
        return before
    await revoke_family(provider, found.family)
    raise InvalidGrantError("The refresh token was used before, so all of its sign-in has ended")


def _kept_reply(
    secret: Secret, key: str, reply: Mapping[str, Any], access: Credential
) -> Credential:
    """Return what keeps a reply, for those who show token and key again.

    It is sealed with both, neither of which the hub keeps: who reads the database learns nothing.
    It has nobody as its account, and so opens nothing itself.
    """
    sealed = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM"},
        json.dumps(dict(reply)),
        OctKey.import_key(_hash("seal", secret, key)),
    )
    return Credential(
        kind=_REFRESH,
        digest=_hash("find", secret, key).hex(),
        client=access.client,
        family=access.family,
        created_at=access.created_at,
        expires_at=access.expires_at,
        claims={"sealed": sealed},
    )


async def _reply_before(provider: Provider, secret: Secret, key: str) -> dict[str, Any] | None:
    """Return the reply that was given for a token and a key; None if that is not to be repeated."""
    now = provider.now()
    kept = await provider.credentials.find(_REFRESH, _hash("find", secret, key).hex())
    if kept is None or not kept.is_good(now) or kept.expires_at is None:
        return None
    try:
        opened = jwe.decrypt_compact(
            str(kept.claims.get("sealed")), OctKey.import_key(_hash("seal", secret, key))
        )
    except (JoseError, ValueError):
        return None
    reply: dict[str, Any] = json.loads(opened.plaintext or b"{}")
    if "refresh_token" in reply:
        digest = digest_of_secret(Secret(reply["refresh_token"]))
        successor = await provider.credentials.find(_REFRESH, digest)
        if successor is None or not successor.is_good(now):
            return None
    reply["expires_in"] = int((kept.expires_at - now).total_seconds())
    return reply


def _hash(what: str, secret: Secret, key: str) -> bytes:
    token = digest_of_secret(Secret(f"{what}\n{secret.reveal()}"))
    return hashlib.sha256(f"{what}\n{token}\n{key}".encode("utf-8", "surrogatepass")).digest()
