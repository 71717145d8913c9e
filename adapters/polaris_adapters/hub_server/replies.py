"""Replies: JSON, and errors as problem documents."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.content_digests import content_digest
from polaris.application.native_wire.fields import encoded
from polaris.application.native_wire.problems import PROBLEM_TYPE, problem_of, status_of
from polaris.errors import InsufficientScopeError, PolarisError, PolarisHubError

__all__ = [
    "Refused",
    "encoded_reply",
    "json_reply",
    "problem_reply",
    "request_id_of",
    "unforeseen_reply",
]

_LOG = logging.getLogger(__name__)
# What one caller is shown, others must not be.
_UNSHARED = {"cache-control": "private, no-cache", "vary": "authorization"}


class Refused(Exception):
    """A call is refused with a status that its error alone would not have.

    Args:
        status: HTTP status.
        error: What the caller is told.
        headers: Further headers.
    """

    def __init__(
        self, status: int, error: PolarisError, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error.message)
        self.status, self.error, self.headers = status, error, dict(headers or {})


def request_id_of(request: Request) -> str:
    """Return the identifier of a request; `RequestIds` gave it one."""
    return str(request.scope.get("polaris.request_id", ""))


def json_reply(
    value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply of JSON with its digest."""
    return encoded_reply(encoded(value), status=status, headers=headers)


def encoded_reply(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply of what is JSON already, with its digest."""
    told = {**_UNSHARED, "content-digest": content_digest(body), **(headers or {})}
    return Response(body, status, told, media_type="application/json")


def problem_reply(
    request: Request,
    error: PolarisError,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a reply that tells an error.

    Of its own failures the hub tells the class alone: their texts name its folders and machines.
    They are logged under the identifier that the caller gets.
    """
    found = status_of(error) if status is None else status
    request_id = request_id_of(request)
    body = problem_of(error, status=found, request_id=request_id)
    if found >= 500:
        _LOG.error("request %s failed: %s", request_id, error, exc_info=error)
        body["detail"] = f"The hub could not do this; its log tells why (request {request_id})"
        body["hint"] = "Try again later; if it stays, tell its operators the request."
    told = {**_UNSHARED, **(headers or {})}
    if isinstance(error, InsufficientScopeError):
        told.setdefault("www-authenticate", 'Bearer realm="polaris", error="insufficient_scope"')
    if found == 401:
        told.setdefault("www-authenticate", 'Bearer realm="polaris"')
    if found == 503:
        told["retry-after"] = str(int(getattr(error, "retry_after", None) or 1))
    return Response(encoded(body), found, told, media_type=PROBLEM_TYPE)


def unforeseen_reply(request: Request, cause: Exception) -> Response:
    """Return the reply to a call that failed in a way which nobody foresaw."""
    error = PolarisHubError(f"{type(cause).__name__}: {cause}")
    error.__cause__ = cause
    return problem_reply(request, error, status=500)
