"""What the hub is, and who calls."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from polaris.domain.artifact import library_version
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import token_of
from polaris_adapters.hub_server.replies import json_reply

__all__ = ["describe", "get_me", "known", "sign_out"]


async def describe(request: Request) -> Response:
    """Answer ``GET /.well-known/polaris-hub``, to anybody.

    Where people sign in is told by what is in the application's state under ``login``, if it is
    there: a function from the request to JSON.
    """
    told: dict[str, Any] = {"generation": 3, "api": "/api/v3", "version": library_version()}
    login = getattr(request.app.state, "login", None)
    if login is not None:
        told["login"] = login(request)
    return json_reply(told)


async def get_me(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/me``, with names that user infos of OpenID providers have too."""
    found = known(hub, caller, Act.OWN_ACCOUNT, "say who you are")
    user = found.identity.user
    return json_reply(
        {
            "username": user.slug,
            "user_id": user.external_id,
            "type": user.type,
            "email": found.identity.email if _may_tell_email(found) else None,
            "owners": sorted(found.all_owners),
            "roles": {owner: found.role_in(owner) for owner in sorted(found.all_owners)},
            "scopes": sorted(found.scopes),
            "is_administrator": found.is_administrator,
        }
    )


def _may_tell_email(caller: Caller) -> bool:
    """Say whether a token was given for that, too; programs of others ask for it by a scope."""
    shown = caller.credential
    return shown is None or shown.client is None or "email" in shown.scopes


async def sign_out(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/sign-out``: the token of the call is good no more."""
    known(hub, caller, Act.OWN_ACCOUNT, "sign out")
    token = token_of(request)
    assert token is not None, "who is known has a token"
    await hub.callers.forget(token)
    return json_reply({})


def known(hub: Hub, caller: Caller | None, act: Act, what: str) -> Caller:
    """Return who calls, if the act that anonymous callers may not do is allowed."""
    hub.allow(caller, act, what=what)
    assert caller is not None, "the table allows nobody what needs an account"
    return caller
