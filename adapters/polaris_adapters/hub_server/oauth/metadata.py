"""What the hub says of itself as a provider.

Source: RFC 8414, OpenID Connect Discovery section 3, RFC 9207, RFC 9728 section 4.
"""

from __future__ import annotations

from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.oauth_clients import CODE, DEVICE, EXCHANGE, POLARIS_CLI, REFRESH
from polaris_adapters.hub_server.oauth.answers import json_answer
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import SCOPES
from polaris_adapters.hub_server.oauth.signing import SIGNING_ALGS, SigningKeys

__all__ = ["Metadata", "login_of", "metadata_of"]

# Short, so that new keys are known before they sign.
_SHARED = {"cache-control": "public, max-age=300", "access-control-allow-origin": "*"}


def login_of(base: str) -> dict[str, str]:
    """Return what clients of ours need to know of signing in: the rest is in the metadata."""
    return {
        "issuer": base,
        "client_id": POLARIS_CLI.id,
        "scopes": "openid profile email offline_access read write",
    }


def metadata_of(base: str) -> dict[str, Any]:
    """Return the metadata of a hub.

    Args:
        base: Its issuer: its address, without a ``/`` at its end.
    """
    secrets = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "token_endpoint": f"{base}/oauth2/token",
        "device_authorization_endpoint": f"{base}/oauth2/device_authorization",
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "introspection_endpoint": f"{base}/oauth2/introspect",
        "userinfo_endpoint": f"{base}/oauth2/userinfo",
        "end_session_endpoint": f"{base}/oauth2/logout",
        "jwks_uri": f"{base}/oauth2/jwks.json",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [CODE, REFRESH, DEVICE, EXCHANGE],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*secrets, "none"],
        "revocation_endpoint_auth_methods_supported": [*secrets, "none"],
        "introspection_endpoint_auth_methods_supported": secrets,
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [f"{base}/api"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(SIGNING_ALGS),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "azp",
            "preferred_username", "name", "email", "email_verified",
        ],
        "prompt_values_supported": ["none", "login", "consent"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": ["en"],
    }  # fmt: skip


@attrs.frozen
class Metadata:
    """Tells what the hub is, and by which keys its ID tokens are verified.

    Attributes:
        provider: The hub.
    """

    provider: Provider

    async def describe(self, request: Request) -> Response:
        """Answer ``GET /.well-known/oauth-authorization-server`` and ``/openid-configuration``."""
        return json_answer(metadata_of(self.provider.base(request)), headers=_SHARED)

    async def jwks(self, request: Request) -> Response:
        """Answer ``GET /oauth2/jwks.json``."""
        keys = SigningKeys(self.provider.keys, self.provider.clock)
        return json_answer(await keys.published(), headers=_SHARED)
