"""Our errors as problem documents, and back.

Source: RFC 9457.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polaris.errors as errors
from polaris.errors import (
    IncompleteUploadError,
    InvalidInputError,
    InvalidZarrCodec,
    MissingExtraError,
    ObjectExistsError,
    PolarisError,
    PolarisHubError,
    Problem,
)

__all__ = ["ERRORS_BY_CODE", "PROBLEM_TYPE", "error_of_problem", "problem_of", "status_of"]

PROBLEM_TYPE = "application/problem+json"

_MOST_SHOWN = 2000
_MOST_ENTRIES = 1000

ERRORS_BY_CODE: dict[str, type[PolarisError]] = {
    found.code: found
    for found in (getattr(errors, name) for name in errors.__all__)
    if isinstance(found, type) and issubclass(found, PolarisError)
}

# The first class that an error is one of decides.
_STATUSES: tuple[tuple[type[PolarisError], int], ...] = (
    (errors.AccessDeniedError, 403),
    (errors.TestAccessError, 403),
    (errors.PolarisUnauthorizedError, 401),
    (errors.ArtifactNotFoundError, 404),
    (errors.AccountNotFoundError, 404),
    (errors.AccountExistsError, 409),
    (errors.IncompleteUploadError, 409),
    (errors.ObjectNotFoundError, 404),
    (errors.ArtifactExistsError, 409),
    (errors.LeaseLostError, 409),
    (errors.ArtifactChangedError, 412),
    (errors.ObjectExistsError, 412),
    (errors.PolarisChecksumError, 422),
    (errors.PolarisCreateArtifactError, 422),
    (errors.InvalidInputError, 400),
    (errors.HubBusyError, 503),
    (errors.HubUnavailableError, 503),
    (errors.StorageUnavailableError, 503),
    (errors.HubUnreachableError, 502),
    (errors.HubReplyError, 502),
    (errors.PolarisSSLError, 502),
)


def status_of(error: PolarisError) -> int:
    """Return the HTTP status of an error; what the hub has to answer for is 500 and more."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)


def problem_of(error: PolarisError, *, status: int, request_id: str) -> dict[str, Any]:
    """Return an error as a problem document.

    Args:
        error: The error.
        status: The HTTP status of the reply.
        request_id: The hub's identifier of the request.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": type(error).__name__,
        "status": status,
        "detail": error.message,
        "code": error.code,
        "hint": error.hint,
        "requestId": request_id,
    }
    if isinstance(error, InvalidInputError):
        body["errors"] = [p._asdict() for p in error.problems[:_MOST_ENTRIES]]
    if isinstance(error, ObjectExistsError | IncompleteUploadError):
        body["keys"] = list(error.keys[:_MOST_ENTRIES])
    if isinstance(error, InvalidZarrCodec):
        body["codecId"] = error.codec_id
    if isinstance(error, MissingExtraError):
        body["extra"] = error.extra
    return body


def error_of_problem(
    body: Any,
    *,
    response_text: str = "",
    status: int | None = None,
    retry_after: float | None = None,
) -> PolarisError | None:
    """Return the error that a problem document tells; None where it has no code that we know.

    Its texts are shortened to what can be shown in a line.

    Args:
        body: What came, whatever it is.
        response_text: The same as text.
        status: HTTP status of the reply.
        retry_after: Seconds that the hub asks callers to stay away.
    """
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        return None
    kind = ERRORS_BY_CODE.get(body["code"])
    if kind is None:
        return None
    # Not by their constructors, which differ, and make up texts of their own.
    error = kind.__new__(kind)
    hint = _line(body.get("hint"))
    PolarisError.__init__(error, _line(body.get("detail")) or "The hub does not say why", hint=hint)
    if isinstance(error, PolarisHubError):
        error.response_text = response_text[:_MOST_SHOWN]
        error.request_id = _line(body.get("requestId")) or None
        error.status = status
        error.retry_after = retry_after
    if isinstance(error, InvalidInputError):
        error.problems = tuple(_problems(body)) or (Problem("", error.message, hint),)
    if isinstance(error, ObjectExistsError | IncompleteUploadError):
        keys = body.get("keys")
        found = keys if isinstance(keys, list) else []
        error.keys = tuple(key for key in found[:_MOST_ENTRIES] if isinstance(key, str))
    if isinstance(error, InvalidZarrCodec):
        error.codec_id = _line(body.get("codecId"))
    if isinstance(error, MissingExtraError):
        error.extra = _line(body.get("extra"))
    return error


def _problems(body: dict[str, Any]) -> Iterator[Problem]:
    found = body.get("errors")
    for entry in found[:_MOST_ENTRIES] if isinstance(found, list) else ():
        if isinstance(entry, dict):
            yield Problem(*(_line(entry.get(name)) for name in ("path", "message", "hint")))


def _line(text: Any) -> str:
    """Return a text of the hub as one line without control characters, which terminals obey."""
    if not isinstance(text, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in text[:_MOST_SHOWN])
