"""Schemas of accounts, tokens, and what OAuth clients are told."""

from __future__ import annotations

from polaris.application.accounts.personal_tokens import DEFAULT_LIFE, LONGEST_LIFE
from polaris_adapters.hub_server.openapi.describing import Json, page_of, record, schema
from polaris_adapters.hub_server.openapi.schemas_values import FLAG, NUMBER, TEXT, TIME, or_null

__all__ = ["ACCOUNTS", "OAUTH", "OPERATION"]

_TEXTS: Json = {"type": "array", "items": TEXT}
_URL: Json = {"type": "string", "format": "uri"}
_TYPE: Json = {"type": "string", "enum": ["user", "organization"]}
_LABEL: Json = {"type": "string", "minLength": 1, "maxLength": 200}
_SECRET: Json = {**TEXT, "description": "Told this once."}
_OWNER: Json = {
    "slug": schema("Slug"),
    "type": _TYPE,
    "name": or_null(TEXT),
    "createdAt": TIME,
    "isClosed": FLAG,
}
_ACCOUNT: Json = {
    **_OWNER,
    "id": TEXT,
    "email": or_null(TEXT),
    "isAdministrator": FLAG,
    "closedAt": or_null(TIME),
}
_TOKEN: Json = {
    "id": TEXT,
    "name": or_null(TEXT),
    "scopes": {"type": "array", "items": schema("Scope")},
    "createdAt": TIME,
    "expiresAt": or_null(TIME),
    "revokedAt": or_null(TIME),
}
_GIVEN: Json = {"name": or_null(_LABEL), "email": or_null({"type": "string", "maxLength": 254})}

ACCOUNTS: Json = {
    "Me": record(
        {
            "username": schema("Slug"),
            "user_id": or_null(TEXT),
            "type": or_null(_TYPE),
            "email": or_null(TEXT),
            "owners": {"type": "array", "items": schema("Slug")},
            "roles": {"type": "object", "additionalProperties": schema("Role")},
            "scopes": {"type": "array", "items": schema("Scope")},
            "is_administrator": FLAG,
        },
        about="Who calls, with names that user infos of OpenID providers have too.",
    ),
    "Owner": record(_OWNER, about="What everybody may know of an account."),
    "Account": record(_ACCOUNT),
    "NewAccount": record({**_ACCOUNT, "password": _SECRET}),
    "AccountPage": record(
        {
            "data": {"type": "array", "items": schema("Account")},
            "after": {**or_null(TEXT), "description": "Goes on behind this page."},
        }
    ),
    "AccountAsked": record({"slug": schema("Slug")}, optional={**_GIVEN, "isAdministrator": FLAG}),
    "AccountChange": record({}, optional={**_GIVEN, "isAdministrator": FLAG, "isClosed": FLAG}),
    "Password": record({"password": _SECRET}),
    "PasswordChange": record({"current": TEXT, "new": {"type": "string", "minLength": 12}}),
    "Token": record(_TOKEN, about="What is kept of a personal token."),
    "TokenList": page_of("Token"),
    "NewToken": record({"token": _SECRET, **_TOKEN}),
    "TokenAsked": record(
        {
            "name": {"type": "string", "minLength": 1, "maxLength": 100},
            "scopes": {"type": "array", "items": schema("Scope"), "minItems": 1},
        },
        optional={
            "days": {
                "type": "number",
                "exclusiveMinimum": 0,
                "maximum": LONGEST_LIFE.days,
                "default": DEFAULT_LIFE.days,
            }
        },
    ),
    "OrganizationAsked": record({"slug": schema("Slug")}, optional={"name": or_null(_LABEL)}),
    "Member": record({"user": schema("Slug"), "role": schema("Role")}),
    "MemberList": page_of("Member"),
    "RoleChange": record({"role": schema("Role")}),
}

OAUTH: Json = {
    "OAuthError": record(
        {"error": TEXT},
        optional={"error_description": TEXT, "error_uri": TEXT},
        about="RFC 6749 section 5.2.",
    ),
    "OAuthTokens": record(
        {
            "access_token": TEXT,
            "token_type": TEXT,
            "expires_in": {"type": "integer", "minimum": 1},
        },
        optional={
            "scope": TEXT,
            "refresh_token": TEXT,
            "id_token": TEXT,
            "issued_token_type": TEXT,
        },
        about="RFC 6749 section 5.1, RFC 8693 section 2.2.1.",
    ),
    "DeviceCodes": record(
        {
            "device_code": TEXT,
            "user_code": TEXT,
            "verification_uri": _URL,
            "verification_uri_complete": _URL,
            "expires_in": NUMBER,
            "interval": NUMBER,
        },
        about="RFC 8628 section 3.2.",
    ),
    "Introspection": record(
        {"active": FLAG},
        optional={
            "iss": _URL,
            "sub": TEXT,
            "scope": TEXT,
            "iat": NUMBER,
            "exp": NUMBER,
            "username": TEXT,
            "client_id": TEXT,
            "token_type": TEXT,
            "aud": TEXT,
        },
        about="RFC 7662 section 2.2.",
    ),
    "UserInfo": record(
        {"sub": TEXT},
        optional={
            "preferred_username": schema("Slug"),
            "username": schema("Slug"),
            "user_id": TEXT,
            "name": TEXT,
            "email": TEXT,
            "email_verified": FLAG,
        },
        about="OpenID Connect Core section 5.3.",
    ),
    "JsonWebKeys": record(
        {
            "keys": {
                "type": "array",
                "items": {
                    **record({"kty": TEXT, "kid": TEXT, "use": TEXT, "alg": TEXT}),
                    "additionalProperties": TEXT,
                },
            }
        },
        about="RFC 7517 section 5.",
    ),
    "ProviderMetadata": {
        **record(
            {
                "issuer": _URL,
                "authorization_endpoint": _URL,
                "token_endpoint": _URL,
                "device_authorization_endpoint": _URL,
                "revocation_endpoint": _URL,
                "introspection_endpoint": _URL,
                "userinfo_endpoint": _URL,
                "end_session_endpoint": _URL,
                "jwks_uri": _URL,
                "scopes_supported": _TEXTS,
                "response_types_supported": _TEXTS,
                "grant_types_supported": _TEXTS,
                "code_challenge_methods_supported": _TEXTS,
                "subject_types_supported": _TEXTS,
                "id_token_signing_alg_values_supported": _TEXTS,
            },
            about="RFC 8414, OpenID Connect Discovery section 3.",
        ),
        "additionalProperties": True,
    },
}

OPERATION: Json = {
    "HubDescription": record(
        {
            "generation": {"type": "integer", "const": 3},
            "api": {"type": "string", "const": "/api/v3"},
            "version": TEXT,
        },
        optional={"login": record({"issuer": _URL, "client_id": TEXT, "scopes": TEXT})},
    ),
    "Alive": record({"status": {"type": "string", "const": "alive"}}),
    "Readiness": record(
        {"status": {"type": "string", "enum": ["ready", "not ready", "stopping"]}},
        optional={
            "checks": {
                "type": "object",
                "additionalProperties": {"type": "string", "enum": ["ok", "failed"]},
            }
        },
    ),
    "Software": record({"name": TEXT, "version": TEXT, "wires": _TEXTS}),
    "OpenApiDocument": {
        **record({"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}}),
        "additionalProperties": True,
    },
}
