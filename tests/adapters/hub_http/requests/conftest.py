"""A session of a hub whose replies are scripted, on a clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from polaris.application.retry import RetryPolicy
from polaris.domain.secret import Secret
from polaris.testing import ManualClock
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.options import parse_options
from polaris_adapters.hub_http.session import HttpSession

API = "https://hub.example/api"
SETTINGS = {"default_timeout": (10, 200), "ca_bundle": None}


@attrs.define
class Script:
    """Answers with one reply after the other; the last one is repeated.

    Attributes:
        replies: Statuses, replies, exceptions, or what is called with the request.
        requests: What was asked, in order.
    """

    replies: list[Any]
    requests: list[httpx.Request] = attrs.field(factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, int):
            return httpx.Response(reply, json={"message": f"status {reply}"})
        if callable(reply):
            reply = await reply(request)
        assert isinstance(reply, httpx.Response)
        return reply

    def sent(self, header: str) -> list[str | None]:
        """A header of each request."""
        return [request.headers.get(header) for request in self.requests]


@attrs.define
class Tokens:
    """A bearer with tokens in store: each one that is refused is followed by the next."""

    left: list[str]
    rejected: list[str] = attrs.field(factory=list)

    async def current(self) -> Secret | None:
        return Secret(self.left[0]) if self.left else None

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        self.rejected.append(rejected.reveal())
        if len(self.left) < 2:
            return None
        self.left.pop(0)
        return Secret(self.left[0])


@attrs.frozen
class Made:
    """What a test works with."""

    session: HttpSession
    script: Script
    clock: ManualClock
    bearer: Tokens


@pytest.fixture
def make() -> Callable[..., Made]:
    """Makes a session of a hub that gives the replies.

    Takes the replies; by keyword what the user gives to the client, ``policy`` for the retry
    policy, ``tokens`` for the bearer's, and ``keys`` for whether the hub honours idempotency keys.
    """

    def opened(
        *replies: Any,
        policy: RetryPolicy | None = None,
        tokens: tuple[str, ...] = (),
        keys: bool = False,
        **given: Any,
    ) -> Made:
        script, clock, bearer = Script(list(replies)), ManualClock(), Tokens(list(tokens))
        options = parse_options({"transport": httpx.MockTransport(script), **given}, SETTINGS)
        session = HttpSession(
            API, options, clock, policy or RetryPolicy(), bearer, honours_keys=keys
        )
        return Made(session, script, clock, bearer)

    return opened
