"""Calls of the native wire: bodies with digests, replies that are checked, errors as they were."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import attrs

from polaris.application.native_wire.bundle import BUNDLE_TYPE
from polaris.application.native_wire.content_digests import check_content_digest, content_digest
from polaris.application.native_wire.fields import Fields, encoded
from polaris.application.native_wire.problems import PROBLEM_TYPE, error_of_problem
from polaris.errors import HubReplyError, InvalidInputError, PolarisError
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.retry_after import seconds_to_wait
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["NativeCalls", "fields_of", "parsed"]

R = TypeVar("R")

# Longer ones hash for long enough to keep other tasks waiting.
_HASHED_ASIDE = 2**20


@attrs.frozen
class NativeCalls:
    """Makes calls of the native wire.

    Every call may be made again: those that change something carry a key, by which the hub does
    them once.

    Attributes:
        session: Makes the calls.
    """

    session: HttpSession

    async def ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fields:
        """Make a call with JSON, or none, as its body, and return the object in the reply.

        Args:
            method: HTTP method.
            path: Below the base of the API.
            what: What it does, to follow "Cannot".
            params: Query.
            body: What becomes JSON.
            headers: Further headers.

        Raises:
            InvalidInputError: The body cannot become JSON.
            PolarisError: What the hub said, or what befell the call.
        """
        content = None if body is None else encoded(body)
        kind = "application/json"
        reply = await self.send(
            method, path, what, params=params, content=content, kind=kind, headers=headers
        )
        return fields_of(reply)

    async def send(
        self,
        method: str,
        path: str,
        what: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        kind: str = BUNDLE_TYPE,
        headers: Mapping[str, str] | None = None,
        expect: Collection[int] | None = None,
        largest: int | None = 64 * 2**20,
    ) -> httpx.Response:
        """Make a call and return its reply, whose body is what the hub sent.

        Args:
            method: HTTP method.
            path: Below the base of the API.
            what: What it does, to follow "Cannot".
            params: Query.
            content: Body.
            kind: Media type of the body.
            headers: Further headers.
            expect: Statuses that are an answer; None for any from 200 to 299.
            largest: As in `Call`; None for data, which may take its time.

        Raises:
            PolarisError: What the hub said, or what befell the call.
        """
        # Digests are of the bytes as they are stored.
        sent = {"accept-encoding": "identity", **(headers or {})}
        if method not in ("GET", "HEAD"):
            sent["idempotency-key"] = str(uuid.uuid4())
        if content is not None:
            sent["content-type"] = kind
            sent["content-digest"] = await _aside(content_digest, content)
        call = Call(
            method,
            path,
            what,
            params=params,
            content=content,
            headers=sent,
            repeatable=True,
            expect=expect,
            largest=largest,
            refusal=_refusal,
        )
        reply = await self.session.send(call)
        try:
            header = reply.headers.get("content-digest")
            where = f"The answer of {path}"
            if method == "HEAD":
                return reply
            await _aside(
                lambda body: check_content_digest(body, header, where=where), reply.content
            )
        except InvalidInputError as cause:
            raise HubReplyError(f"Cannot {what}: {cause.message}", hint=cause.hint) from cause
        return reply


async def _aside(work: Callable[[bytes], R], content: bytes) -> R:
    """Return what some work makes of bytes; of many, without keeping the event loop from others."""
    if len(content) < _HASHED_ASIDE:
        return work(content)
    return await asyncio.to_thread(work, content)


def fields_of(reply: httpx.Response) -> Fields:
    """Return the JSON object in a reply.

    Raises:
        HubReplyError: The body is something else.
    """
    with parsed(reply.request.url.path):
        return Fields.parse(reply.content, where="reply")


@contextmanager
def parsed(where: str) -> Iterator[None]:
    """Tell what is wrong with a reply as the hub's failure and not as the caller's.

    Args:
        where: What the reply is to.
    """
    try:
        yield
    except InvalidInputError as cause:
        raise HubReplyError(
            f"The hub's answer on {where} is not what the wire says: {cause.message}",
            hint="Check hub_url and api_url, or ask the operators of the hub.",
        ) from cause


def _refusal(reply: httpx.Response, now: datetime) -> PolarisError | None:
    """Return the error that a problem document of a hub of ours tells."""
    if not reply.headers.get("content-type", "").startswith(PROBLEM_TYPE):
        return None
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError):
        return None
    limited = reply.status_code == 429
    wait = seconds_to_wait(reply.headers, now=now, limited=limited)
    return error_of_problem(
        body, response_text=reply.text, status=reply.status_code, retry_after=wait
    )
