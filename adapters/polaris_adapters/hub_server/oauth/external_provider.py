"""Asking an OpenID provider elsewhere who somebody is.

Source: OpenID Connect Core sections 3.1.2 and 3.1.3.7, OpenID Connect Discovery section 4,
RFC 7636, RFC 9207.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

import attrs
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from polaris.domain.secret import Secret
from polaris.ports.clock import Clock
from polaris_adapters.hub_server.oauth.external_metadata import ProviderMetadata, unusable
from polaris_adapters.hub_server.oauth.fetching import Fetch
from polaris_adapters.hub_server.oauth.settings import ExternalProvider

__all__ = ["OutsideProvider"]

# Signatures that only the provider can make; not those by a secret that is also ours.
_ALGS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
# How far its clock may be from ours, seconds.
_LEEWAY = 60
_LONGEST_LIFE = 86_400


@attrs.frozen
class OutsideProvider:
    """A provider elsewhere.

    Attributes:
        settings: What operators have said of it.
        fetch: Makes calls.
        clock: Tells the time.
    """

    settings: ExternalProvider
    fetch: Fetch
    clock: Clock

    async def metadata(self) -> ProviderMetadata:
        """Return what the provider says of itself.

        Raises:
            HubReplyError: It says nothing, is another one, or names addresses that are not to be
                followed.
            HubUnreachableError: It does not answer.
        """
        issuer = self.settings.issuer
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        return ProviderMetadata.of(await self._json("GET", url), issuer=issuer)

    def authorization_url(
        self,
        metadata: ProviderMetadata,
        *,
        redirect_uri: str,
        state: str,
        nonce: str,
        verifier: str,
    ) -> str:
        """Return where the browser is sent."""
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self.settings.client_id,
                "code",
                redirect_uri,
                self.settings.scopes,
                state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(
        self, metadata: ProviderMetadata, *, code: str, redirect_uri: str, nonce: str, verifier: str
    ) -> dict[str, Any]:
        """Return what is said of the user whom a code stands for.

        Raises:
            HubReplyError: The code was refused, or the ID token is not to be believed.
            HubUnreachableError: The provider does not answer.
        """
        reply = await self._redeemed(metadata, code, redirect_uri, verifier)
        token = reply.get("id_token")
        if not isinstance(token, str):
            raise unusable("it gave no ID token")
        claims = await self._verified(metadata, token, nonce)
        access = reply.get("access_token")
        if metadata.userinfo_endpoint is not None and isinstance(access, str):
            bearer = {"authorization": f"Bearer {access}"}
            info = await self._json("GET", metadata.userinfo_endpoint, headers=bearer)
            # Of somebody else it would be put in place of the right one (section 5.3.2).
            if info.get("sub") == claims["sub"]:
                claims = {**info, **claims}
        return claims

    async def _redeemed(
        self, metadata: ProviderMetadata, code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        client_id, secret = self.settings.client_id, self.settings.client_secret
        headers = {"accept": "application/json"}
        if secret is None:
            form["client_id"] = client_id
        elif metadata.takes_post:
            form |= {"client_id": client_id, "client_secret": secret.reveal()}
        else:
            headers["authorization"] = _basic(client_id, secret)
        return await self._json("POST", metadata.token_endpoint, headers=headers, form=form)

    async def _verified(self, metadata: ProviderMetadata, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token (section 3.1.3.7)."""
        keys = await self._json("GET", metadata.jwks_uri)
        now = int(self.clock.now().timestamp())
        rules = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set(_usable(keys)), _ALGS).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as cause:
            raise unusable(f"its ID token is not good ({type(cause).__name__})") from cause
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        azp = claims.get("azp", self.settings.client_id if len(audiences) == 1 else None)
        if azp != self.settings.client_id:
            raise unusable("its ID token is for another client")
        if now - claims["iat"] > _LONGEST_LIFE or not claims["sub"]:
            raise unusable("its ID token is old, or about nobody")
        return dict(claims)

    async def _json(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        reply = await self.fetch(method, url, headers=headers, form=form)
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or reply.status != 200:
            said = found.get("error") if isinstance(found, dict) else None
            more = f", {said!r:.80}" if isinstance(said, str) else ""
            raise unusable(f"{urlsplit(url).path!r} answered with status {reply.status}{more}")
        return found


def _usable(keys: Mapping[str, Any]) -> Any:
    """Return a key set without keys that are for encryption or of unknown kinds."""
    listed = keys.get("keys")
    kept = [
        key
        for key in (listed if isinstance(listed, list) else [])
        if isinstance(key, dict)
        and key.get("kty") in ("RSA", "EC")
        and key.get("use", "sig") == "sig"
        and "k" not in key
    ]
    return {"keys": kept}


def _basic(id: str, secret: Secret) -> str:
    text = f"{quote_plus(id)}:{quote_plus(secret.reveal())}"
    return f"Basic {base64.b64encode(text.encode()).decode()}"
