"""The personal tokens of who calls, and the own password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.passwords import change_password
from polaris.application.accounts.personal_tokens import (
    DEFAULT_LIFE,
    LONGEST_LIFE,
    issue_token,
    list_tokens,
    revoke_token,
    token_id,
)
from polaris.domain.accounts import Account
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, SignInError
from polaris.ports.credentials import Credential
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.replies import Refused, json_reply
from polaris_adapters.hub_server.routes.account import known
from polaris_adapters.hub_server.routes.accounts import UNSTORED, ports_of, small_json

__all__ = ["get_tokens", "post_token", "put_password", "revoke"]


async def get_tokens(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/me/tokens``: the newest first, those that have ended too."""
    account = await _own(hub, caller, Act.OWN_TOKENS, "list your tokens")
    found = await list_tokens(ports_of(hub), account)
    return json_reply({"data": [_told(credential) for credential in found]})


async def post_token(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/me/tokens`` with the secret, which is told this once.

    The reply is kept nowhere, also not for who repeats the call: that makes another token.
    """
    account = await _own(hub, caller, Act.OWN_TOKENS, "make a token")
    assert caller is not None, "it was looked at"
    body = await small_json(request)
    issued = await issue_token(
        ports_of(hub),
        account,
        name=body.text("name"),
        scopes=body.texts("scopes"),
        life=timedelta(days=_days(body.values.get("days", DEFAULT_LIFE.days))),
        granted=caller.scopes,
    )
    told = {"token": issued.secret.reveal(), **_told(issued.credential)}
    return json_reply(told, status=201, headers=UNSTORED)


async def revoke(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``DELETE /api/v3/me/tokens/{id}``; one that has ended already is no error."""
    account = await _own(hub, caller, Act.OWN_TOKENS, "revoke a token")
    try:
        revoked = await revoke_token(ports_of(hub), account, request.path_params["id"])
    except InvalidInputError as cause:
        raise Refused(404, cause) from cause
    return json_reply(_told(revoked))


async def put_password(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``PUT /api/v3/me/password``; all sign-ins end with it, personal tokens do not."""
    account = await _own(hub, caller, Act.OWN_PASSWORD, "change your password")
    body = await small_json(request)
    current, new = Secret(body.text("current")), Secret(body.text("new"))
    try:
        await change_password(ports_of(hub), account, current=current, new=new)
    except SignInError as cause:
        # 401 would say that the token of the call is not good.
        wait = cause.retry_after
        header = {} if wait is None else {"retry-after": str(int(wait))}
        raise Refused(cause.status or 403, cause, header) from cause
    return json_reply({})


async def _own(hub: Hub, caller: Caller | None, act: Act, what: str) -> Account:
    found = known(hub, caller, act, what)
    account = await ports_of(hub).accounts.find(found.identity.user.slug)
    assert account is not None, "whoever calls has an account"
    return account


def _days(found: Any) -> float:
    most = LONGEST_LIFE.days
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if not is_number or not 0 < found <= most:
        raise InvalidInputError(
            f"A token cannot be good for {found!r:.40} days", hint=f"Give a number up to {most}."
        )
    return float(found)


def _told(credential: Credential) -> dict[str, Any]:
    return {
        "id": token_id(credential),
        "name": credential.name,
        "scopes": sorted(credential.scopes),
        "createdAt": credential.created_at.isoformat(),
        "expiresAt": credential.expires_at and credential.expires_at.isoformat(),
        "revokedAt": credential.revoked_at and credential.revoked_at.isoformat(),
    }
