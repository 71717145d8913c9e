"""What the hub is, and who calls."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from polaris.domain.artifact import library_version
from polaris_adapters.hub_server.access import ALLOWED, Act, Standing, refusal
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import token_of
from polaris_adapters.hub_server.replies import json_reply

__all__ = ["describe", "get_me", "sign_out"]


async def describe(request: Request) -> Response:
    """Answer ``GET /.well-known/polaris-hub``, to anybody."""
    return json_reply({"generation": 3, "api": "/api/v3", "version": library_version()})


async def get_me(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/me``, with names that user infos of OpenID providers have too."""
    found = _known(caller, "say who you are")
    user = found.identity.user
    return json_reply(
        {
            "username": user.slug,
            "user_id": user.external_id,
            "type": user.type,
            "email": found.identity.email,
            "owners": sorted(found.all_owners),
        }
    )


async def sign_out(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/sign-out``: the token of the call is good no more."""
    _known(caller, "sign out")
    token = token_of(request)
    assert token is not None, "who is known has a token"
    await hub.callers.forget(token)
    return json_reply({})


def _known(caller: Caller | None, what: str) -> Caller:
    standing = Standing.ANONYMOUS if caller is None else Standing.STRANGER
    if caller is None or standing not in ALLOWED[Act.ACCOUNT]:
        raise refusal(caller, what)
    return caller
