"""Who the user of an access token is.

Source: OpenID Connect Core section 5.3, RFC 6750 section 3.
"""

from __future__ import annotations

from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.accounts import Account
from polaris.errors import InvalidInputError
from polaris.ports.credentials import CredentialKind
from polaris_adapters.hub_server.oauth.answers import json_answer
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.reading import token_of

__all__ = ["UserInfo", "claims_about"]


def claims_about(account: Account, scopes: frozenset[str]) -> dict[str, Any]:
    """Return what scopes let somebody know of a user (OpenID Connect Core section 5.4)."""
    claims: dict[str, Any] = {"sub": account.id}
    if "profile" in scopes:
        # The second and the third are what released clients read.
        claims |= {"preferred_username": account.slug, "username": account.slug}
        claims["user_id"] = account.id
        if account.name:
            claims["name"] = account.name
    if "email" in scopes and account.email:
        # Operators enter addresses; the hub has never written to them.
        claims |= {"email": account.email, "email_verified": False}
    return claims


@attrs.frozen
class UserInfo:
    """Tells who users are.

    Attributes:
        provider: Gave the tokens.
    """

    provider: Provider

    async def answer(self, request: Request) -> Response:
        """Answer ``GET`` and ``POST /oauth2/userinfo``."""
        try:
            token = token_of(request)
        except InvalidInputError:
            return _refused(400, "invalid_request")
        if token is None:
            return _refused(401, None)
        found = await self.provider.credentials.find(CredentialKind.ACCESS, digest_of_secret(token))
        if found is None or not found.is_good(self.provider.now()):
            return _refused(401, "invalid_token")
        account = await self.provider.open_account(found.account)
        if account is None:
            return _refused(401, "invalid_token")
        if not found.scopes & {"openid", "profile"}:
            return _refused(403, "insufficient_scope", 'scope="openid"')
        return json_answer(claims_about(account, found.scopes))


def _refused(status: int, error: str | None, more: str = "") -> Response:
    """Return a refusal; who showed nothing is not told what was wrong (RFC 6750 section 3.1)."""
    parts = ['realm="polaris"'] + ([f'error="{error}"'] if error else [])
    challenge = "Bearer " + ", ".join(parts + ([more] if more else []))
    body = {"error": error} if error else {"error": "invalid_token"}
    return json_answer(body, status, {"www-authenticate": challenge})
