"""Tokens for an authorization code.

Source: RFC 6749 section 4.1, RFC 7636 section 4.6, RFC 9700 section 2.1.1.
"""

from __future__ import annotations

import hmac
import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from polaris.application.accounts.oauth_clients import Client
from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.issuing import Grant, id_token, issued, revoke_family
from polaris_adapters.hub_server.oauth.parameters import Parameters
from polaris_adapters.hub_server.oauth.provider import Provider

__all__ = ["by_code", "grant_of"]

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CODE = CredentialKind.CODE


async def by_code(
    provider: Provider, client: Client, form: Parameters, base: str
) -> dict[str, Any]:
    """Return tokens for a code.

    A code that comes again takes back what came of it: somebody else has had it
    (RFC 6749 section 4.1.2).

    Raises:
        InvalidGrantError: The code is not good, or not for this client, redirect or verifier.
    """
    digest = digest_of_secret(Secret(form.required("code")))
    redirect = form.required("redirect_uri")
    verifier = form.required("code_verifier")
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidRequestError("code_verifier is not one")
    found = await provider.credentials.find(_CODE, digest)
    if found is None or found.client != client.id or found.account is None:
        raise InvalidGrantError("The code is not good")
    # Whoever has only the code cannot use it, nor use it up.
    challenge = str(found.claims.get("challenge", ""))
    if not hmac.compare_digest(challenge, create_s256_code_challenge(verifier)):
        raise InvalidGrantError("The code is not for this verifier")
    if found.claims.get("redirect_uri") != redirect:
        raise InvalidGrantError("The code is not for this redirect_uri")
    if await provider.open_account(found.account) is None:
        raise InvalidGrantError("The code is not good")
    grant = grant_of(found, client)
    given = issued(provider, grant)
    good = await provider.credentials.use(
        _CODE, digest, now=provider.now(), successors=given.credentials
    )
    if not good:
        again = await provider.credentials.find(_CODE, digest)
        if again is not None and again.used_at is not None:
            await revoke_family(provider, found.family)
        raise InvalidGrantError("The code is not good any more")
    if "openid" in grant.scopes:
        given.reply["id_token"] = await id_token(
            provider,
            grant,
            issuer=base,
            nonce=found.claims.get("nonce"),
            access_token=given.reply["access_token"],
        )
    return given.reply


def grant_of(found: Credential, client: Client) -> Grant:
    """Return the grant that a code, a device code or a refresh token stands for."""
    assert found.account is not None, "what stands for a grant is somebody's"
    created = int(found.created_at.timestamp())
    return Grant(
        account=found.account,
        client=client,
        family=found.family,
        scopes=found.scopes,
        auth_time=int(found.claims.get("auth_time", created)),
        begun=int(found.claims.get("begun", created)),
    )
