"""From the reply of a token endpoint to a token (RFC 6749 section 5.1), whatever is in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from polaris.domain.secret import Secret
from polaris.errors import HubReplyError
from polaris.ports.tokens import StoredToken
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.call import json_object
from polaris_adapters.hub_http.failures import without_query
from polaris_adapters.hub_http.family import httpx

__all__ = ["as_token", "is_sendable", "object_of"]


def object_of(reply: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of a reply that is no refusal.

    An object without ``error`` is no success by that: polaris-lib takes one for a token, keeps it,
    and cannot be used until the file is removed.

    Raises:
        Refusal: The server refused.
        HubReplyError: The reply is no such object, or its status is no success.
    """
    where = without_query(reply.request.url)
    if 300 <= reply.status_code < 400:
        raise HubReplyError(
            f"{where} answered from another place, with HTTP status {reply.status_code}",
            hint="Check the addresses in the settings: redirects are not followed.",
            status=reply.status_code,
        )
    if reply.status_code == 404:
        raise HubReplyError(
            f"There is nothing at {where}", hint="Check the addresses in the settings.", status=404
        )
    body = json_object(reply)
    if "error" in body:
        raise Refusal.of(body, reply.status_code)
    if not reply.is_success:
        raise HubReplyError(
            f"{where} answered with HTTP status {reply.status_code} and does not say why",
            hint="Tell the operators of the hub.",
            status=reply.status_code,
        )
    return body


def as_token(reply: httpx.Response, *, now: datetime) -> StoredToken:
    """Return the token in a reply.

    When it ends is counted from now by ``expires_in``, so that a wrong clock does no harm;
    ``expires_at`` stands in for it, set right by the reply's ``Date``. What has another type than
    it should is passed over, unless it is needed.

    Args:
        reply: Of a token endpoint.
        now: The present moment, with time zone.

    Raises:
        Refusal: The server refused.
        HubReplyError: There is no token in it, or none that this client can use.
    """
    body = object_of(reply)
    where = without_query(reply.request.url)
    kind = body.get("token_type")
    if kind is not None and (not isinstance(kind, str) or kind.lower() != "bearer"):
        raise HubReplyError(f"{where} gave a token that is no bearer token: {kind!r:.60}")
    access, refresh, scope = (body.get(n) for n in ("access_token", "refresh_token", "scope"))
    if not is_sendable(access):
        raise HubReplyError(f"{where} gave no access token", hint="Tell the operators of the hub.")
    return StoredToken(
        access=Secret(str(access)),
        refresh=Secret(str(refresh)) if is_sendable(refresh) else None,
        issued_at=now,
        expires_at=_end(body, now, reply.headers),
        scope=scope if isinstance(scope, str) else "",
        issuer=where,
    )


def is_sendable(value: object) -> bool:
    """Say whether a value can stand in a header or a form as a token."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 65536
        and all(" " <= c <= "~" for c in value)
        and value.strip() == value
    )


def _end(body: Mapping[str, Any], now: datetime, headers: Mapping[str, str]) -> datetime | None:
    seconds = _number(body.get("expires_in"))
    try:
        if seconds is not None:
            return now + timedelta(seconds=max(seconds, 0.0))
        moment = _number(body.get("expires_at"))
        if moment is not None:
            return datetime.fromtimestamp(moment, UTC) - _skew(now, headers)
    except (OverflowError, ValueError, OSError):
        return None  # Later than there are dates.
    return None


def _skew(now: datetime, headers: Mapping[str, str]) -> timedelta:
    """Return how far the server's clock is ahead of ours."""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError):
        return timedelta()
    return theirs - now if theirs.tzinfo is not None else timedelta()


def _number(value: Any) -> float | None:
    """Return a number, also from a text that holds one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
