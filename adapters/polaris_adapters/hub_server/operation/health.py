"""Whether the hub lives, whether it can serve, and what it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from polaris.domain.artifact import library_version
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.guarded import GuardedRoute

__all__ = ["Check", "Readiness", "health_routes"]

_LOG = logging.getLogger("polaris.health")
_UNSTORED = {"cache-control": "no-store"}

Check = Callable[[], Awaitable[None]]
"""Raises where something that the hub needs does not answer."""


@attrs.define(eq=False)
class Readiness:
    """Whether the hub can serve.

    Attributes:
        checks: What has to answer, by its name.
        monotonic: Tells seconds since some moment.
        timeout: Seconds that each check may take.
        good_for: Seconds for which an answer is given again: who asks often costs nothing.
        is_stopping: Whether the server is about to end; to be set.
    """

    checks: Mapping[str, Check]
    monotonic: Callable[[], float]
    timeout: float = 5.0
    good_for: float = 1.0
    is_stopping: bool = False
    _found: tuple[float, Mapping[str, str]] | None = attrs.field(default=None, init=False)

    async def look(self) -> Mapping[str, str]:
        """Return ``ok`` or ``failed`` for each check; why one failed is in the log alone."""
        now = self.monotonic()
        if self._found is None or now - self._found[0] >= self.good_for:
            words = await asyncio.gather(*(self._word(*entry) for entry in self.checks.items()))
            self._found = now, dict(zip(self.checks, words, strict=True))
        return self._found[1]

    async def _word(self, name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(self.timeout):
                await check()
        except Exception as error:  # Whatever it is, the hub cannot serve.
            _LOG.warning("%s does not answer: %s: %s", name, type(error).__name__, error)
            return "failed"
        return "ok"


def health_routes(readiness: Readiness) -> list[BaseRoute]:
    """Return ``/healthz``, ``/readyz`` and ``/version``, which are for everybody."""

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=_UNSTORED)

    async def ready(request: Request) -> Response:
        if readiness.is_stopping:
            return JSONResponse({"status": "stopping"}, 503, _UNSTORED)
        found = await readiness.look()
        good = all(word == "ok" for word in found.values())
        body = {"status": "ready" if good else "not ready", "checks": found}
        return JSONResponse(body, 200 if good else 503, _UNSTORED)

    async def version(request: Request) -> Response:
        told = {"name": "polaris-hub", "version": library_version(), "wires": ["g1", "g2", "g3"]}
        return JSONResponse(told, headers=_UNSTORED)

    return [
        GuardedRoute("/healthz", alive, acts=Act.SEE_HUB, methods=["GET"]),
        GuardedRoute("/readyz", ready, acts=Act.SEE_HUB, methods=["GET"]),
        GuardedRoute("/version", version, acts=Act.SEE_HUB, methods=["GET"]),
    ]
