"""Replies of the OAuth endpoints: JSON that nobody keeps, and errors.

Source: RFC 6749 sections 5.1 and 5.2.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from polaris.application.native_wire.fields import encoded
from polaris.application.native_wire.problems import status_of
from polaris.errors import PolarisError
from polaris_adapters.hub_server.oauth.parameters import in_words
from polaris_adapters.hub_server.replies import Refused, request_id_of

__all__ = ["UNSTORED", "Endpoint", "json_answer", "refusing"]

_LOG = logging.getLogger(__name__)

UNSTORED = {"cache-control": "no-store", "pragma": "no-cache"}

Endpoint = Callable[[Request], Awaitable[Response]]


def json_answer(
    told: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a reply of JSON, not to be kept unless its headers say so."""
    given = dict(headers or {})
    kept = {} if "cache-control" in given else UNSTORED
    return Response(encoded(told), status, {**kept, **given}, media_type="application/json")


def refusing(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that answers errors as OAuth clients expect them; it raises nothing."""

    async def answering(request: Request) -> Response:
        try:
            return await endpoint(request)
        except OAuth2Error as error:
            status, body, _ = error()
            told = {"www-authenticate": 'Basic realm="polaris"'} if status == 401 else {}
            return json_answer(body, status, told)
        except (PolarisError, Refused) as error:
            return _own(request, error)
        except ClientDisconnect:
            return json_answer({"error": "invalid_request"}, 400)
        except Exception as error:
            _LOG.exception("request %s failed", request_id_of(request))
            told = {"error": "server_error", "error_description": type(error).__name__}
            return json_answer(told, 500)

    return answering


def _own(request: Request, error: PolarisError | Refused) -> Response:
    found = error.error if isinstance(error, Refused) else error
    status = error.status if isinstance(error, Refused) else status_of(error)
    if status < 500:
        description = in_words(found.message)[:300]
        return json_answer({"error": "invalid_request", "error_description": description}, status)
    _LOG.error("request %s failed: %s", request_id_of(request), found, exc_info=found)
    name = "temporarily_unavailable" if status == 503 else "server_error"
    return json_answer({"error": name, "error_description": "Try again later"}, status)
