"""One call of a hub's API, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

import attrs

from polaris.application.retry import RetryPolicy
from polaris.errors import HubReplyError, PolarisError
from polaris_adapters.hub_http.failures import without_query
from polaris_adapters.hub_http.family import httpx

__all__ = ["Call", "json_object"]

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@attrs.frozen
class Call:
    """A call that is to be made.

    Attributes:
        method: HTTP method.
        url: Absolute, or a path below the base of the API.
        what: What it does, to follow "Cannot" in errors.
        params: Query.
        json: Body that becomes JSON.
        form: Body that becomes a form.
        content: Body as it is.
        headers: Further headers.
        authorize: Whether the caller's token goes along, if there is one; it goes to the hub's own
            origin only, whatever this says.
        require_token: Whether to fail, without a request, where nobody is signed in.
        repeatable: Whether the hub may be given the call twice; by its method where None.
        expect: Statuses that are an answer; None for any from 200 to 299.
        largest: The longest body that is read, bytes; None for any: replies of the API hold
            metadata, never data.
        refusal: Reads what a refusal says, where the wire has a form for it; by status where None,
            or where it finds nothing.
        retry: How often it is tried, where that is not as often as others.
    """

    method: str
    url: str
    what: str
    params: Mapping[str, Any] | None = None
    json: Any = None
    form: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    content: bytes | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    authorize: bool = True
    require_token: bool = False
    repeatable: bool | None = None
    expect: Collection[int] | None = None
    largest: int | None = 64 * 2**20
    refusal: Callable[[httpx.Response, datetime], PolarisError | None] | None = attrs.field(
        default=None, repr=False
    )
    retry: RetryPolicy | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether the hub may be given the call twice (RFC 9110 section 9.2.2)."""
        if self.repeatable is not None:
            return self.repeatable
        return self.method in _REPEATABLE

    def is_answered_by(self, reply: httpx.Response) -> bool:
        """Say whether a reply's status is one that was asked for."""
        if self.expect is not None:
            return reply.status_code in self.expect
        return reply.is_success


def json_object(reply: httpx.Response) -> dict[str, Any]:
    """Return the JSON object in a reply.

    Raises:
        HubReplyError: The body is something else.
    """
    where = without_query(reply.request.url)
    hint = "Check hub_url and api_url; a proxy or a sign-in page may stand in between."
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError) as cause:
        kind = reply.headers.get("content-type", "no content type")
        raise HubReplyError(
            f"The answer of {where} is not JSON but {len(reply.content)} bytes ({kind:.60})",
            reply.text[:2000],
            hint=hint,
            status=reply.status_code,
        ) from cause
    if not isinstance(body, dict):
        raise HubReplyError(
            f"The answer of {where} is a {type(body).__name__} where an object belongs",
            reply.text[:2000],
            hint=hint,
            status=reply.status_code,
        )
    return body
