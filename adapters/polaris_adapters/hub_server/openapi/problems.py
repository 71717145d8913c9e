"""Problem documents by status, and how callers are let in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from polaris.application.accounts.oauth_scopes import SCOPES
from polaris.application.native_wire.problems import PROBLEM_TYPE
from polaris_adapters.hub_server.access import TABLE, Act, Standing
from polaris_adapters.hub_server.oauth.browser import cookie_name
from polaris_adapters.hub_server.openapi.describing import Json, Reply, content, schema

__all__ = ["EVERYWHERE", "PROBLEMS", "problem_name", "security_of", "security_schemes"]

_ABOUT = {
    400: ("BadRequest", "A part of the request is not what it has to be."),
    401: ("Unauthorized", "Nobody has signed in, or the token is not good."),
    403: ("Forbidden", "Who calls may not, or not with this token."),
    404: ("NotFound", "It is not there, or is not shown to who calls."),
    408: ("TooSlow", "The body came too slowly."),
    409: ("Conflict", "It does not fit what is there: it exists, was deleted, or is incomplete."),
    412: ("PreconditionFailed", "What the request says of what is there does not hold."),
    413: ("TooLong", "The body is too long."),
    415: ("Encoded", "The body is encoded; it has to be sent as it is."),
    416: ("NoSuchPart", "The object has no such part."),
    421: ("Misdirected", "The hub is not found under this name."),
    422: ("NotAccepted", "It is understood, and wrong: a checksum, or what it is about."),
    429: ("TooMany", "Too many requests."),
    500: ("OwnFailure", "The hub could not do it; its log tells why, under the id of the request."),
    502: ("NotReached", "What the hub needs for it did not answer."),
    503: ("Busy", "The hub cannot do it now."),
}
_REQUIRED = {
    401: ("WWW-Authenticate",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

# What stands before the routes gives these, whatever is asked for.
EVERYWHERE = (400, 408, 413, 421, 429, 500, 502, 503)

PROBLEMS = {
    status: Reply(
        about,
        content(schema("Problem"), PROBLEM_TYPE),
        headers=("RateLimit",) if status == 429 else (),
        required=_REQUIRED.get(status, ()),
    )
    for status, (_, about) in _ABOUT.items()
}


def problem_name(status: int) -> str:
    """Return the name of the problem documents of a status in the components."""
    return _ABOUT[status][0]


def security_of(acts: Sequence[Act], *, by_oauth: bool) -> list[Json]:
    """Return the ways to be let in that the access table has for a route.

    Where an anonymous caller may do one of its acts, one of the ways is to show nothing.

    Args:
        acts: The acts of the route.
        by_oauth: Whether the hub is an OAuth provider.
    """
    ways: list[Json] = []
    for act in acts:
        rule = TABLE[act]
        scopes = [] if rule.scope is None else [rule.scope.value]
        found: list[Json] = [{}] if Standing.ANONYMOUS in rule.standings else []
        if not found or scopes:
            found += [{"bearer": scopes}, *([{"oauth2": scopes}] if by_oauth else [])]
        ways += [way for way in found if way not in ways]
    return ways


def security_schemes(base: str) -> dict[str, Any]:
    """Return the ways to be let in.

    Args:
        base: Address of the hub, without a ``/`` at its end.
    """
    token = f"{base}/oauth2/token"
    scopes = dict(SCOPES)
    code = {"authorizationUrl": f"{base}/oauth2/authorize", "tokenUrl": token}
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, which users make on the page of their account, or an "
            "access token (RFC 6750). The scopes are those that the token has to have.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "With PKCE (S256), which every client needs. Programs without a browser "
            "use device codes (RFC 8628), which the metadata of the provider announces.",
            "flows": {"authorizationCode": {**code, "refreshUrl": token, "scopes": scopes}},
        },
        "openid": {
            "type": "openIdConnect",
            "openIdConnectUrl": f"{base}/.well-known/openid-configuration",
        },
        "client": {
            "type": "http",
            "scheme": "basic",
            "description": "Id and secret of an OAuth client (RFC 6749 section 2.3.1); they may be "
            "sent in the form instead.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name("session", base),
            "description": "A browser in which somebody has signed in.",
        },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "AWS Signature Version 4, with the keys that come with a storage token.",
        },
    }
