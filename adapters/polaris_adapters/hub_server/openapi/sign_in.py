"""The operations of OAuth and OpenID clients."""

from __future__ import annotations

from polaris.application.accounts.oauth_clients import CODE, DEVICE, EXCHANGE, REFRESH
from polaris_adapters.hub_server.openapi.describing import (
    JSON_TYPE,
    Described,
    Json,
    Reply,
    content,
    json_of,
    record,
    schema,
)
from polaris_adapters.hub_server.openapi.schemas_values import TEXT

__all__ = ["FORM_TYPE", "OAUTH_OPERATIONS", "OWN_FAILURES", "form", "oauth_error"]

FORM_TYPE = "application/x-www-form-urlencoded"

_TAG = "sign-in"
_CLIENT = {"client_id": TEXT, "client_secret": TEXT}
_AS_CLIENT: tuple[Json, ...] = ({}, {"client": []})
_UNSTORED = ("Cache-Control",)


def form(required: Json, optional: Json | None = None) -> dict[str, Json]:
    """Return the body of a form."""
    return {FORM_TYPE: record(required, optional=optional)}


def oauth_error(about: str, *, required: tuple[str, ...] = ()) -> Reply:
    """Return a reply that tells an error as OAuth does."""
    return Reply(about, json_of("OAuthError"), headers=("Retry-After",), required=required)


OWN_FAILURES = {
    500: oauth_error("The hub could not do it."),
    502: oauth_error("What the hub needs for it did not answer."),
    503: oauth_error("The hub cannot do it now."),
}
_FAILURES = {
    400: oauth_error("RFC 6749 section 5.2."),
    401: oauth_error("The client is not known.", required=("WWW-Authenticate",)),
    **OWN_FAILURES,
}
_METADATA = {
    200: Reply("The metadata.", json_of("ProviderMetadata"), required=("Cache-Control",)),
    400: oauth_error("The call does not say under which name it found the hub."),
    **OWN_FAILURES,
}


def _asked(id: str, summary: str, about: str, body: dict[str, Json], told: str) -> Described:
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        about=about,
        body=body,
        replies={200: Reply("The answer.", json_of(told), required=_UNSTORED), **_FAILURES},
        security=_AS_CLIENT,
    )


def _user_info(id: str) -> Described:
    refused = {
        400: oauth_error("The header Authorization is not understood."),
        401: oauth_error("The token is not good.", required=("WWW-Authenticate",)),
        403: oauth_error("The token does not allow it.", required=("WWW-Authenticate",)),
    }
    told = Reply("The user.", json_of("UserInfo"), required=_UNSTORED)
    return Described(
        id=id,
        tag=_TAG,
        summary="Get who the user of an access token is",
        about="The token needs the scope openid or profile.",
        replies={200: told, **OWN_FAILURES, **refused},
    )


OAUTH_OPERATIONS: dict[tuple[str, str], Described] = {
    ("POST", "/oauth2/token"): _asked(
        "getTokens",
        "Get tokens",
        "By a code (RFC 6749 section 4.1.3), a refresh token (section 6), a device code (RFC 8628 "
        "section 3.4) or another token (RFC 8693).",
        form(
            {"grant_type": {"type": "string", "enum": [CODE, REFRESH, DEVICE, EXCHANGE]}},
            {
                **_CLIENT,
                **dict.fromkeys(
                    (
                        "code", "redirect_uri", "code_verifier", "refresh_token", "device_code",
                        "scope", "subject_token", "subject_token_type", "requested_token_type",
                        "audience", "resource", "expires_in",
                    ),
                    TEXT,
                ),
            },
        ),
        "OAuthTokens",
    ),
    ("POST", "/oauth2/device_authorization"): _asked(
        "getDeviceCode",
        "Get a code that a user enters elsewhere",
        "RFC 8628 section 3.1.",
        form({}, {**_CLIENT, "scope": TEXT}),
        "DeviceCodes",
    ),
    ("POST", "/oauth2/revoke"): _asked(
        "revokeOAuthToken",
        "Take a token back",
        "RFC 7009; with a refresh token, all that came of its sign-in.",
        form({"token": TEXT}, {**_CLIENT, "token_type_hint": TEXT}),
        "Nothing",
    ),
    ("POST", "/oauth2/introspect"): _asked(
        "introspect",
        "See what a token is good for",
        "RFC 7662; for clients with a secret.",
        form({"token": TEXT}, {**_CLIENT, "token_type_hint": TEXT}),
        "Introspection",
    ),
    ("GET", "/oauth2/userinfo"): _user_info("getUserInfo"),
    ("POST", "/oauth2/userinfo"): _user_info("postUserInfo"),
    ("GET", "/oauth2/jwks.json"): Described(
        id="getKeys",
        tag=_TAG,
        summary="Get the keys by which ID tokens are verified",
        replies={
            200: Reply("The keys.", content(schema("JsonWebKeys"), JSON_TYPE), required=_UNSTORED),
            **OWN_FAILURES,
        },
    ),
    ("GET", "/.well-known/openid-configuration"): Described(
        id="getProviderMetadata",
        tag=_TAG,
        summary="See what the hub is as an OpenID provider",
        replies=_METADATA,
    ),
    ("GET", "/.well-known/oauth-authorization-server"): Described(
        id="getServerMetadata",
        tag=_TAG,
        summary="See what the hub is as an OAuth 2 server",
        replies=_METADATA,
    ),
}  # fmt: skip
