"""Who signed in: what the login server's user info says, or the token itself."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from polaris.domain.identity import HubOwner, slugify
from polaris.domain.secret import Secret
from polaris.errors import (
    HubReplyError,
    PolarisHubError,
    PolarisUnauthorizedError,
    SignInError,
)
from polaris.ports.auth import Identity
from polaris.ports.tokens import SignIn
from polaris_adapters.hub_http.auth.token_endpoint import ANSWERS
from polaris_adapters.hub_http.call import Call, json_object
from polaris_adapters.hub_http.origins import same_origin
from polaris_adapters.hub_http.session import HttpSession

__all__ = [
    "account_of",
    "claims_of",
    "claims_of_token",
    "identity_of",
    "named",
    "refuse_ended",
]

# What user infos and tokens name users by, the best first.
_NAMES = ("username", "preferred_username", "nickname", "login", "name", "email", "sub")
_IDS = ("user_id", "sub", "id")


def identity_of(sign_in: SignIn) -> Identity:
    """Return who signed in."""
    ids = (sign_in.claims.get(name) for name in _IDS)
    user_id = next((value for value in ids if isinstance(value, str) and value), None)
    user = HubOwner(sign_in.account, external_id=user_id, type="user")
    return Identity(user, sign_in.email, dict(sign_in.claims))


def named(sign_in: SignIn, claims: Mapping[str, Any]) -> SignIn:
    """Return a sign-in with what was said of its user.

    Raises:
        HubReplyError: Nothing was said that could name the user.
    """
    email = claims.get("email")
    return attrs.evolve(
        sign_in,
        account=account_of(claims),
        email=email if isinstance(email, str) and email.isprintable() else None,
        claims=dict(claims),
    )


def account_of(claims: Mapping[str, Any]) -> str:
    """Return the slug of a user.

    Raises:
        HubReplyError: Nothing was said that could name the user.
    """
    for name in _NAMES:
        value = claims.get(name)
        if not isinstance(value, str):
            continue
        text = value.partition("@")[0] if name == "email" else value
        slug = re.sub(r"[^a-z0-9]+", "-", slugify(text)).strip("-")[:64].strip("-")
        if slug:
            # Login servers know shorter names than hubs.
            return slug if len(slug) >= 4 else f"{slug}-user"
    raise HubReplyError(
        "The login server does not say who signed in",
        hint="Its user info needs 'username' or 'email'; tell the operators of the hub.",
    )


async def claims_of(session: HttpSession, url: str, sign_in: SignIn) -> dict[str, Any]:
    """Return what is known of the user.

    The user info endpoint is asked with the token of the server that it belongs to: the login
    provider's, or the hub's if the endpoint is the hub's own. Where it does not answer, the token's
    own claims stand in. They are not verified: they name the user to the user, and decide nothing.
    Where there is no endpoint to ask, and the token is opaque, a hub of ours is asked itself.

    Raises:
        PolarisHubError: Neither says anything.
    """
    token: Secret | None = None
    if sign_in.external is not None:
        token = sign_in.external.access
    elif same_origin(url, session.api_url):
        token = sign_in.token.access
    failure: PolarisHubError | None = None
    if token is not None:
        try:
            return await _user_info(session, url, token)
        except PolarisHubError as error:
            failure = error
    for stored in (sign_in.hub, sign_in.external):
        claims = claims_of_token(stored.access) if stored is not None else {}
        if any(isinstance(claims.get(name), str) for name in _NAMES):
            return claims
    if failure is not None:
        raise failure
    return await _told_by_the_hub(session, sign_in.token.access)


async def _told_by_the_hub(session: HttpSession, token: Secret) -> dict[str, Any]:
    """Return whose a token is, as hubs of ours say; see docs/reference/wire.md."""
    try:
        return await _user_info(session, f"{session.api_url.rstrip('/')}/v3/me", token)
    except HubReplyError as error:
        if error.status == 401:
            raise PolarisUnauthorizedError(
                "This token is not good at this hub",
                hint="Sign in again, or give another token (POLARIS_TOKEN, token=).",
                status=401,
            ) from None
    raise HubReplyError(
        "Neither the hub nor its token says who signed in", hint="Set user_info_url."
    )


async def _user_info(session: HttpSession, url: str, token: Secret) -> dict[str, Any]:
    reply = await session.send(
        Call(
            "GET",
            url,
            "ask who signed in",
            headers={"authorization": f"Bearer {token.reveal()}", "accept": "application/json"},
            authorize=False,
            expect=ANSWERS,
        )
    )
    if not reply.is_success:
        raise HubReplyError(
            f"The user info endpoint answered with HTTP status {reply.status_code}",
            hint="Check user_info_url.",
            status=reply.status_code,
        )
    found = json_object(reply)
    account_of(found)
    return found


def claims_of_token(token: Secret) -> dict[str, Any]:
    """Return the claims in a token if it is a JWT (RFC 7519); none otherwise. Verifies nothing."""
    parts = token.reveal().split(".")
    if len(parts) != 3:
        return {}
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def refuse_ended(token: Secret, *, now: datetime) -> None:
    """Refuse a token that says of itself that it has ended; all else is for the hub to say.

    Raises:
        SignInError: It has ended.
    """
    end = claims_of_token(token).get("exp")
    if isinstance(end, int | float) and end <= now.timestamp():
        raise SignInError(
            "Cannot sign in by the token in the settings: it has ended",
            hint="Set POLARIS_TOKEN, or token=, to a new one.",
        )
