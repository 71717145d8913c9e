"""Taking tokens back (RFC 7009)."""

from __future__ import annotations

import asyncio

from polaris.errors import PolarisHubError
from polaris.ports.tokens import SignIn, StoredToken
from polaris_adapters.hub_http.auth.announced_login import login_client
from polaris_adapters.hub_http.auth.discovery import discover
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.auth.sign_in_settings import SignInSettings
from polaris_adapters.hub_http.auth.token_endpoint import OAuthClient
from polaris_adapters.hub_http.auth.token_replies import object_of
from polaris_adapters.hub_http.origins import same_origin
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["revoke"]

# Signing out must not take long because a server is away, seconds.
_LONGEST = 15.0


async def revoke(session: HttpSession, settings: SignInSettings, sign_in: SignIn) -> list[str]:
    """Take the tokens of a sign-in back at the login server.

    The refresh token goes first: with it, a server takes back what came of it (section 2.1).

    Returns:
        What did not succeed, a line each.
    """
    token = sign_in.external or sign_in.token
    try:
        async with asyncio.timeout(_LONGEST):
            endpoint = (await discover(session, settings)).revocation_endpoint
            if endpoint is None:
                return [f"The login server does not take tokens back; {_life(sign_in.token)}"]
            if not same_origin(endpoint, token.issuer):
                return [f"The tokens are of another server than {endpoint}; {_life(token)}"]
            client = await login_client(session, settings)
            await _revoked(session, endpoint, token, client.client_id)
    except TimeoutError:
        return [f"The login server did not answer in time; {_life(token)}"]
    except PolarisHubError as error:
        return [f"The login server did not take the tokens back: {error.message}"]
    except Refusal as refusal:
        return [refusal.as_error("take the tokens back").message]
    return []


async def _revoked(session: HttpSession, endpoint: str, token: StoredToken, client_id: str) -> None:
    kinds = (("refresh_token", token.refresh), ("access_token", token.access))
    for hint, secret in kinds:
        if secret is None:
            continue
        client = OAuthClient(session, client_id, what="take a token back", repeatable=True)
        reply = await client.revoke_token(endpoint, secret.reveal(), token_type_hint=hint)
        if not reply.is_success:
            object_of(reply)


def _life(token: StoredToken) -> str:
    if token.expires_at is None:
        return "they stay good until it ends them."
    return f"they stay good until {token.expires_at:%Y-%m-%d %H:%M} UTC."
