"""From a handler to an endpoint: who calls, what goes wrong, and what was answered before."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris.errors import (
    InvalidInputError,
    PolarisError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris_adapters.hub_server.access import refusal
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.guarded import allowed_at
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import token_of
from polaris_adapters.hub_server.remembered import RememberedReplies
from polaris_adapters.hub_server.replies import Refused, problem_reply, unforeseen_reply

__all__ = [
    "Endpoint",
    "Handler",
    "RequestIds",
    "acting",
    "answering",
    "answering_anybody",
    "on_no_route",
]

Handler = Callable[[Hub, Caller | None, Request], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


def answering(hub: Hub, handler: Handler) -> Endpoint:
    """Return the endpoint of a handler; it raises nothing, and a call may be made twice."""

    async def endpoint(request: Request) -> Response:
        return await _told(request, lambda: _called(hub, handler, request))

    return endpoint


def answering_anybody(hub: Hub, handler: Handler) -> Endpoint:
    """Return the endpoint of a handler that lets callers in by itself; it gets none."""

    async def endpoint(request: Request) -> Response:
        return await _told(request, lambda: handler(hub, None, request))

    return endpoint


def acting(hub: Hub, handler: Handler, replies: RememberedReplies) -> Endpoint:
    """Return the endpoint of a handler that changes something: once for one Idempotency-Key."""

    async def once(request: Request) -> Response:
        # Who calls is asked first: what was answered before is for nobody else.
        caller = await _caller(hub, request)
        key = request.headers.get("idempotency-key")
        # Whoever is not known is refused, whatever is asked: of that, nothing has to be kept.
        if key is None or caller is None:
            return await handler(hub, caller, request)
        begun = await replies.begin(caller.identity.user.slug, key, _call_of(request, caller))
        if isinstance(begun, Response):
            return begun
        reply: Response | None = None
        try:
            async with replies.renewed(begun):
                reply = await handler(hub, caller, request)
        except (PolarisError, Refused) as error:
            reply = _reply_to(request, error)
        finally:
            # Also when it was cancelled: then another try has to be made in earnest.
            await asyncio.shield(replies.end(begun, reply))
        return reply

    async def endpoint(request: Request) -> Response:
        return await _told(request, lambda: once(request))

    return endpoint


def _call_of(request: Request, caller: Caller) -> str:
    # What a token may do is part of it: one for less is not told what one for more was told.
    digest = request.headers.get("content-digest") or request.headers.get("content-length")
    scopes = " ".join(sorted(caller.scopes))
    return f"{request.method} {request.url.path}?{request.url.query} {digest} {scopes}"


async def _called(hub: Hub, handler: Handler, request: Request) -> Response:
    return await handler(hub, await _caller(hub, request), request)


async def _caller(hub: Hub, request: Request) -> Caller | None:
    token = token_of(request)
    caller = None if token is None else await hub.callers.find(token)
    if token is not None and caller is None:
        unknown = PolarisUnauthorizedError(
            "This token is not good at this hub",
            hint="Sign in again: polaris auth login. If the settings give the token "
            "(POLARIS_TOKEN, token=), give another.",
        )
        header = {"www-authenticate": 'Bearer realm="polaris", error="invalid_token"'}
        raise Refused(401, unknown, header)
    if caller is None and not hub.callers.anonymous:
        raise refusal(None, "answer")
    if caller is not None:
        # For the log, and for who counts requests.
        request.scope["polaris.caller"] = caller.identity.user.slug
    return caller


async def _told(request: Request, work: Callable[[], Awaitable[Response]]) -> Response:
    """Return the reply of some work, whatever it raises."""
    try:
        return await work()
    except (PolarisError, Refused) as error:
        return _reply_to(request, error)
    except ClientDisconnect:
        cut = InvalidInputError("The body was cut", hint="Send it again.")
        return problem_reply(request, cut)
    except Exception as cause:
        return unforeseen_reply(request, cause)


def _reply_to(request: Request, error: PolarisError | Refused) -> Response:
    if isinstance(error, Refused):
        return problem_reply(request, error.error, status=error.status, headers=error.headers)
    return problem_reply(request, error)


async def on_no_route(request: Request, error: Exception) -> Response:
    """Return the reply to what no route is for."""
    assert isinstance(error, HTTPException)
    what = PolarisHubError(
        f"There is nothing at {request.method} {request.url.path!r:.200}",
        hint="The paths are those of the native wire, below /api/v3.",
    )
    headers = error.headers
    if error.status_code == 405:
        headers = {"allow": allowed_at(request)}
    return problem_reply(request, what, status=error.status_code, headers=headers)


class RequestIds:
    """Gives every request an identifier, the caller's own if it is one, and tells it in the reply.

    Args:
        app: The application behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope.get("polaris.request_id") or _given(scope) or uuid.uuid4().hex
        scope["polaris.request_id"] = request_id

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # A copy: a reply that is given again keeps its own headers.
                message = {**message, "headers": list(message["headers"])}
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        await self._app(scope, receive, told)


def _given(scope: Scope) -> str | None:
    found = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return found if _REQUEST_ID.fullmatch(found) else None
