"""The endpoints that clients call: tokens, device codes, revocation and introspection.

Source: RFC 6749 section 3.2, RFC 7009, RFC 7662, RFC 8628 section 3.1.
"""

from __future__ import annotations

from typing import Any

import attrs
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    UnauthorizedClientError,
    UnsupportedGrantTypeError,
)
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.oauth_clients import CODE, DEVICE, EXCHANGE, REFRESH, Client
from polaris.application.accounts.secrets import digest_of_secret
from polaris.domain.secret import Secret
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.answers import json_answer
from polaris_adapters.hub_server.oauth.client_authentication import client_of
from polaris_adapters.hub_server.oauth.device_codes import new_device_code
from polaris_adapters.hub_server.oauth.grant_code import by_code
from polaris_adapters.hub_server.oauth.grant_device import by_device
from polaris_adapters.hub_server.oauth.grant_exchange import by_exchange
from polaris_adapters.hub_server.oauth.grant_refresh import by_refresh
from polaris_adapters.hub_server.oauth.issuing import revoke_family
from polaris_adapters.hub_server.oauth.parameters import form_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import asked_scopes, in_order

__all__ = ["DEFAULT_SCOPES", "ClientEndpoints", "UnsupportedTokenTypeError"]

# What a client gets that asks for nothing in particular.
DEFAULT_SCOPES = frozenset({"openid", "profile", "email", "read"})
_KINDS = (CredentialKind.REFRESH, CredentialKind.ACCESS, CredentialKind.PERSONAL)


class UnsupportedTokenTypeError(OAuth2Error):  # type: ignore[misc]  # authlib has no types
    """Tokens of this kind are taken back elsewhere (RFC 7009 section 2.2.1)."""

    error = "unsupported_token_type"


@attrs.frozen
class ClientEndpoints:
    """Answers clients.

    Attributes:
        provider: Who gives.
    """

    provider: Provider

    async def token(self, request: Request) -> Response:
        """Answer ``POST /oauth2/token``."""
        provider, form = self.provider, await form_of(request)
        client = await client_of(provider, request, form)
        grant, base = form.required("grant_type"), provider.base(request)
        if grant not in (CODE, REFRESH, DEVICE, EXCHANGE):
            raise UnsupportedGrantTypeError(grant)
        if grant not in client.grants:
            raise UnauthorizedClientError("The client may not use this grant")
        reply: dict[str, Any]
        if grant == CODE:
            reply = await by_code(provider, client, form, base)
        elif grant == REFRESH:
            key = request.headers.get("idempotency-key")
            reply = await by_refresh(provider, client, form, key)
        elif grant == DEVICE:
            reply = await by_device(provider, client, form, base)
        else:
            reply = await by_exchange(provider, client, form, base)
        return json_answer(reply)

    async def device_authorization(self, request: Request) -> Response:
        """Answer ``POST /oauth2/device_authorization`` (RFC 8628 section 3.1)."""
        provider, form = self.provider, await form_of(request)
        client = await client_of(provider, request, form)
        if DEVICE not in client.grants:
            raise UnauthorizedClientError("The client may not use device codes")
        asked = asked_scopes(form.get("scope"), allowed=client.scopes)
        scopes = (asked or DEFAULT_SCOPES & client.scopes) | client.implied
        code = await new_device_code(provider, client, scopes)
        page = f"{provider.base(request)}/device"
        return json_answer(
            {
                "device_code": code.secret.reveal(),
                "user_code": code.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={code.user_code}",
                "expires_in": provider.settings.lifetimes.device,
                "interval": provider.settings.poll_interval,
            }
        )

    async def revoke(self, request: Request) -> Response:
        """Answer ``POST /oauth2/revoke`` (RFC 7009).

        With a refresh token, all that came of the sign-in goes. What is not there counts as taken
        back (section 2.2).
        """
        form = await form_of(request)
        client = await client_of(self.provider, request, form)
        found = await self._found(Secret(form.required("token")))
        if found is None:
            return json_answer({})
        if found.kind is CredentialKind.PERSONAL:
            raise UnsupportedTokenTypeError("Personal tokens are taken back on the account page")
        if found.client != client.id:
            raise UnauthorizedClientError("The token is not of this client")
        if found.kind is CredentialKind.REFRESH:
            await revoke_family(self.provider, found.family)
        else:
            await self.provider.credentials.revoke(
                now=self.provider.now(), kind=found.kind, digest=found.digest
            )
        return json_answer({})

    async def introspect(self, request: Request) -> Response:
        """Answer ``POST /oauth2/introspect`` (RFC 7662), to clients that have a secret.

        Those that guard resources are told of all tokens, others of their own.
        """
        form = await form_of(request)
        client = await client_of(self.provider, request, form, public=False)
        if client.is_public:
            raise InvalidClientError("The client has no secret", status_code=401)
        found = await self._found(Secret(form.required("token")))
        if found is None or not await self._is_active(found, client):
            return json_answer({"active": False})
        return json_answer(await self._told(found, self.provider.base(request)))

    async def _found(self, secret: Secret) -> Credential | None:
        """Return what a token stands for; ``token_type_hint`` would only tell where to look."""
        digest = digest_of_secret(secret)
        for kind in _KINDS:
            found = await self.provider.credentials.find(kind, digest)
            if found is not None and found.account is not None:
                return found
        return None

    async def _is_active(self, found: Credential, client: Client) -> bool:
        if not client.may_introspect and found.client != client.id:
            return False
        if not found.is_good(self.provider.now()):
            return False
        return await self.provider.open_account(found.account) is not None

    async def _told(self, found: Credential, base: str) -> dict[str, Any]:
        account = await self.provider.open_account(found.account)
        told: dict[str, Any] = {
            "active": True,
            "iss": base,
            "sub": found.account,
            "scope": " ".join(in_order(found.scopes)),
            "iat": int(found.created_at.timestamp()),
        }
        if account is not None:
            told["username"] = account.slug
        if found.client is not None:
            told["client_id"] = found.client
        if found.expires_at is not None:
            told["exp"] = int(found.expires_at.timestamp())
        if found.kind is not CredentialKind.REFRESH:
            told |= {"token_type": "Bearer", "aud": f"{base}/api"}
        return told
