"""Calls of a hub over HTTP: tokens, tries, deadlines, and one client for each event loop."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import attrs

from polaris.application.retry import FurtherTry, RetryPolicy
from polaris.domain.secret import Secret
from polaris.errors import (
    HubReplyError,
    HubUnreachableError,
    PolarisHubError,
    PolarisUnauthorizedError,
)
from polaris.ports.clock import Clock
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.client_making import new_client, queries_unlogged, user_agent
from polaris_adapters.hub_http.failures import of_connection, of_reply
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.options import HttpOptions
from polaris_adapters.hub_http.origins import joined, same_origin

__all__ = ["Bearer", "HttpSession", "NoBearer"]

_log = logging.getLogger("polaris")

# Data may take longer than the deadline, if it comes at least this fast, in bytes a second.
_SLOWEST = 2**15

# Headers that describe the bytes on the wire; the body has been decoded.
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Bearer(Protocol):
    """Gives the token that calls of a hub carry."""

    async def current(self) -> Secret | None:
        """Return a token that is good now, renewed if need be; None where nobody is signed in."""
        ...

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        """Return another token after the hub refused one; None where there is none."""
        ...


class NoBearer:
    """Nobody is signed in."""

    async def current(self) -> Secret | None:
        """Return nothing."""
        return None

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        """Return nothing."""
        return None


@attrs.define(eq=False)
class HttpSession:
    """Makes calls of one hub's API.

    A call that may be repeated is tried again, by one policy, when connections fail or the hub says
    that it is busy; one that may not is tried again only when it has not reached the hub. The
    caller's token, and headers, cookies and parameters that the user gave to the client, go to the
    hub's own origin and no further. May be used from several event loops: each has connections of
    its own.

    All tries of a call together end with the retry policy's total time. Only data may take longer
    (calls whose answers may be of any length), as long as it comes fast enough.

    Attributes:
        api_url: Base of the API.
        options: How HTTP clients are made.
        clock: Tells and spends time.
        retry: How often, and for how long in all, a call is tried.
        bearer: Gives tokens; set once the sign-in is known.
        honours_keys: Whether the hub acts once on calls with one Idempotency-Key, so that they may
            be repeated whatever their method.
    """

    api_url: str
    options: HttpOptions
    clock: Clock
    retry: RetryPolicy
    bearer: Bearer = attrs.field(factory=NoBearer)
    honours_keys: bool = False
    _clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = attrs.field(
        factory=WeakKeyDictionary, init=False
    )

    def client(self) -> httpx.AsyncClient:
        """Return the HTTP client of the running event loop; made at first use."""
        loop = asyncio.get_running_loop()
        found = self._clients.get(loop)
        if found is None or found.is_closed:
            found = new_client(self.options)
            self._clients[loop] = found
        return found

    async def send(self, call: Call) -> httpx.Response:
        """Make a call, and return the reply that it asked for, read.

        Raises:
            PolarisUnauthorizedError: The hub wants a token, or a better one.
            PolarisHubError: The hub refused, failed or did not answer; by what happened.
        """
        return await self._tried(call, accept_any=False)

    async def send_raw(self, call: Call) -> httpx.Response:
        """Make a call, and return the reply whatever its status.

        Raises:
            PolarisHubError: There was no reply.
        """
        return await self._tried(call, accept_any=True)

    async def _tried(self, call: Call, *, accept_any: bool) -> httpx.Response:
        policy = call.retry or self.retry
        deadline = self.clock.monotonic() + policy.total
        key = {"idempotency-key": str(uuid.uuid4())} if call.method in ("POST", "PATCH") else {}
        repeatable = call.may_repeat or bool(key and self.honours_keys)

        async def attempt() -> httpx.Response:
            left = max(deadline - self.clock.monotonic(), 0.001)
            try:
                async with asyncio.timeout(left + _time_for(len(call.content or b""), call)) as end:
                    return await self._once(call, key, end, accept_any=accept_any)
            except TimeoutError as cause:
                url = self._url(call)
                error: PolarisHubError = of_connection(cause, what=call.what, url=url)
            except PolarisHubError as found:
                error = found
            if error.retryable and not (repeatable or _never_arrived(error)):
                error.given_up = True
            raise error

        def tell(next_try: FurtherTry) -> None:
            _log_further_try(call, next_try)

        return await policy.call(attempt, clock=self.clock, before_wait=tell)

    async def _once(
        self, call: Call, extra: dict[str, str], end: asyncio.Timeout, *, accept_any: bool
    ) -> httpx.Response:
        url = self._url(call)
        token = await self._token(call, url)
        reply = await self._exchange(call, url, extra, token, end)
        if reply.status_code == 401 and token is not None:
            better = await self.bearer.after_rejection(token)
            if better is not None and better != token:
                token = better
                reply = await self._exchange(call, url, extra, token, end)
        if accept_any or call.is_answered_by(reply):
            return reply
        now = self.clock.now()
        told = None if call.refusal is None else call.refusal(reply, now)
        raise told or of_reply(reply, what=call.what, token=token, now=now)

    def _url(self, call: Call) -> str:
        return joined(self.api_url.rstrip("/") + "/", call.url.lstrip("/"))

    async def _token(self, call: Call, url: str) -> Secret | None:
        if not (call.authorize or call.require_token) or not same_origin(url, self.api_url):
            return None
        token = await self.bearer.current()
        if token is None and call.require_token:
            raise PolarisUnauthorizedError(
                f"Cannot {call.what}: nobody is signed in",
                hint="Sign in first: polaris auth login, or client.login().",
            )
        return token

    async def _exchange(
        self,
        call: Call,
        url: str,
        extra: dict[str, str],
        token: Secret | None,
        end: asyncio.Timeout,
    ) -> httpx.Response:
        headers = {**extra, **{name.lower(): value for name, value in call.headers.items()}}
        client = self.client()
        try:
            try:
                request = self._request(client, call, url, headers)
            except (TypeError, ValueError, AttributeError) as cause:
                raise PolarisHubError(
                    f"Cannot {call.what}: the request cannot be written: {cause}",
                    hint="Headers hold plain ASCII, and documents no NaN.",
                ) from cause
            if token is not None:
                # By the address as the HTTP library reads it: that is where the request goes.
                if not same_origin(str(request.url), self.api_url):
                    raise HubReplyError(f"Cannot {call.what}: {url!r:.200} is ambiguous")
                request.headers["authorization"] = f"Bearer {token.reveal()}"
            with queries_unlogged():
                reply = await client.send(request, stream=True, auth=_as_it_is)
                try:
                    return await _read(reply, call, end)
                finally:
                    await reply.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as cause:
            raise of_connection(cause, what=call.what, url=url) from cause

    def _request(
        self, client: httpx.AsyncClient, call: Call, url: str, headers: dict[str, str]
    ) -> httpx.Request:
        """Return a request; only to the hub's own origin, with what the user gave to the client."""
        given = {"content": call.content, "data": call.form, "json": call.json}
        body: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if same_origin(url, self.api_url):
            return client.build_request(
                call.method, url, params=call.params, headers=headers, **body
            )
        return httpx.Request(
            call.method,
            url,
            params=call.params,
            headers={"user-agent": user_agent(), "accept": "*/*", **headers},
            extensions={"timeout": client.timeout.as_dict()},
            **body,
        )

    async def aclose(self) -> None:
        """Close the connections of this event loop, and drop those of others."""
        here = asyncio.get_running_loop()
        for loop, client in list(self._clients.items()):
            if loop is here:
                await client.aclose()
        self._clients.clear()


def _as_it_is(request: httpx.Request) -> httpx.Request:
    """Send a request as it is; without this, a user name in the URL would be sent as well."""
    return request


def _time_for(size: int, call: Call) -> float:
    """Return the seconds that so many bytes of data may take beyond the deadline."""
    return size / _SLOWEST if call.largest is None else 0.0


def _log_further_try(call: Call, next_try: FurtherTry) -> None:
    """Tell of a further try; never of what was sent or said, which may be secret."""
    error = next_try.after
    status = getattr(error, "status", None)
    _log.info(
        "Could not %s (%s%s); try %d of %d in %.1f s",
        call.what,
        error.code,
        "" if status is None else f", HTTP status {status}",
        next_try.number,
        next_try.of,
        next_try.wait,
    )


def _never_arrived(error: PolarisHubError) -> bool:
    """Say whether the hub has not acted on the call: no connection, or turned away at the door."""
    if isinstance(error, HubUnreachableError):
        return not error.may_have_arrived
    return error.status == 429


async def _read(reply: httpx.Response, call: Call, end: asyncio.Timeout) -> httpx.Response:
    """Return a reply with its body, unless that is too long to be one."""
    parts, size = [], 0
    until = end.when()
    async for part in reply.aiter_bytes():
        parts.append(part)
        size += len(part)
        if call.largest is not None and size > call.largest:
            raise HubReplyError(
                f"Cannot {call.what}: the answer is longer than {call.largest} bytes",
                hint="Check hub_url and api_url: this is no answer of a hub.",
                status=reply.status_code,
            )
        if until is not None and not end.expired():
            end.reschedule(until + _time_for(size, call))
    # To HEAD, the length is part of the answer.
    gone = _OF_THE_WIRE - ({"content-length"} if call.method == "HEAD" else set())
    # As bytes: servers put more into headers than ASCII.
    headers = [(k, v) for k, v in reply.headers.raw if k.decode("latin-1").lower() not in gone]
    return httpx.Response(
        reply.status_code,
        headers=headers,
        content=b"".join(parts),
        request=reply.request,
        extensions={k: v for k, v in reply.extensions.items() if k != "network_stream"},
    )
