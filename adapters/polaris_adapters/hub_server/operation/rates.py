"""How many requests each caller may make.

Counted by each process for itself: with several, a caller gets so many from each.

Source: draft-ietf-httpapi-ratelimit-headers; RFC 6585 section 4.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

import attrs
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from polaris.errors import HubBusyError
from polaris_adapters.hub_server.replies import problem_reply

__all__ = ["RateLimits"]

K = TypeVar("K")
V = TypeVar("V")

# Most callers that are remembered; who is forgotten begins anew.
_MOST = 100_000
_OPEN = frozenset({"/healthz", "/readyz", "/metrics"})


@attrs.define
class _Bucket:
    left: float
    at: float


class RateLimits:
    """Refuses requests of who makes too many, with 429, and tells everybody what is left.

    A caller whom the hub knows is counted by account, everybody else by address. Who a token
    belongs to is known once a request with it has been answered: made-up tokens are no way around
    the count.

    Args:
        app: The application behind; it notes who calls in ``scope["polaris.caller"]``.
        rate: Requests a second in the long run.
        burst: Requests at once.
        monotonic: Tells seconds since some moment.
    """

    def __init__(
        self, app: ASGIApp, *, rate: float, burst: int, monotonic: Callable[[], float]
    ) -> None:
        self._app, self._rate, self._burst, self._monotonic = app, rate, burst, monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._known: OrderedDict[bytes, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        token = _digest(Headers(scope=scope).get("authorization"))
        caller = self._known.get(token) if token else None
        client = scope.get("client")
        bucket = self._bucket(caller or f"address {client[0] if client else ''}")
        told = self._sending(bucket, send)
        if bucket.left < 1:
            error = HubBusyError(
                "Too many requests", hint="Wait a little, or make fewer at a time."
            )
            wait = {"retry-after": str(max(1, math.ceil((1 - bucket.left) / self._rate)))}
            await problem_reply(Request(scope), error, status=429, headers=wait)(
                scope, receive, told
            )
            return
        bucket.left -= 1
        await self._app(scope, receive, told)
        found = scope.get("polaris.caller")
        if token and found:
            _remember(self._known, token, f"caller {found}")

    def _bucket(self, name: str) -> _Bucket:
        now = self._monotonic()
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = _Bucket(float(self._burst), now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._rate)
        bucket.at = now
        _remember(self._buckets, name, bucket)
        return bucket

    def _sending(self, bucket: _Bucket, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": list(message["headers"])}
                headers = MutableHeaders(scope=message)
                full = math.ceil((self._burst - bucket.left) / self._rate)
                window = math.ceil(self._burst / self._rate)
                left = max(0, math.floor(bucket.left))
                headers["ratelimit-policy"] = f'"requests";q={self._burst};w={window}'
                # With nothing left, one is there again long before the bucket is full.
                reset = full if left else max(1, math.ceil((1 - bucket.left) / self._rate))
                headers["ratelimit"] = f'"requests";r={left};t={reset}'
            await send(message)

        return told


def _digest(header: str | None) -> bytes | None:
    return hashlib.sha256(header.encode("latin-1", "replace")).digest() if header else None


def _remember(entries: OrderedDict[K, V], key: K, value: V) -> None:
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > _MOST:
        entries.popitem(last=False)
