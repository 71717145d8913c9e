"""What a request asks of the catalogue: which artifacts, and under which conditions."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import cast, get_args

from starlette.requests import Request
from starlette.responses import Response

from polaris.application.native_wire.fields import parse_urn
from polaris.domain.identity import ArtifactKind, check_slug
from polaris.errors import InvalidInputError
from polaris.ports.artifacts import ArtifactQuery, Sort
from polaris_adapters.hub_server.reading import number_of

__all__ = ["expected_revision_of", "link_next", "must_be_new", "owners_of", "query_of"]

# The revision, and what our own tags have behind it.
_TAG = re.compile(r'"([0-9a-f]{64})(?:-[0-9a-f]{16})?"')
_MOST_VALUES = 32
_OWNER = re.compile(r"[a-z0-9-]{1,64}")
_ORDERS = {"asc": False, "desc": True}


def query_of(
    request: Request, kind: ArtifactKind, *, private_of: frozenset[str] | None
) -> ArtifactQuery:
    """Return the query in a request.

    Args:
        request: The request.
        kind: Of the artifacts.
        private_of: The owners whose private artifacts the caller is shown; None for all.

    Raises:
        InvalidInputError: A part of the query cannot be what it is.
    """
    asked = request.query_params
    owner, subject, order = asked.get("owner"), asked.get("subject"), asked.get("order")
    if order is not None and order not in _ORDERS:
        raise _wrong("order", order, "asc or desc")
    sort = asked.get("sort", "created")
    if sort not in get_args(Sort):
        raise _wrong("sort", sort, "created, updated or name")
    total = asked.get("withTotal", "false")
    if total not in ("true", "false"):
        raise _wrong("withTotal", total, "true or false")
    return ArtifactQuery(
        kind,
        limit=number_of(request, "limit", default=100, most=1000),
        offset=number_of(request, "offset", default=0),
        cursor=asked.get("cursor"),
        owner=None if owner is None else check_slug(owner),
        subject=None if subject is None else parse_urn(subject),
        private_of=private_of,
        text=asked.get("text"),
        tags=frozenset(_several(request, "tag")),
        sort=cast("Sort", sort),
        descending=None if order is None else _ORDERS[order],
        created_since=_moment(request, "createdSince"),
        updated_since=_moment(request, "updatedSince"),
        versions=_versions(request),
        with_total=total == "true",
    )


def owners_of(text: str) -> frozenset[str]:
    """Return the owners in a list that commas separate; what can be none is passed over."""
    return frozenset(owner for owner in text.split(",") if _OWNER.fullmatch(owner))


def link_next(reply: Response, request: Request, cursor: str | None) -> Response:
    """Say in a reply where the next page is (RFC 8288); returns the reply."""
    if cursor is not None:
        url = request.url.include_query_params(cursor=cursor)
        reply.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
    return reply


def expected_revision_of(request: Request) -> str | None:
    """Return the revision that has to be the newest one, by ``If-Match`` (RFC 9110 13.1.1).

    The tag of a record is compared as far as it names the revision.

    Raises:
        InvalidInputError: The header is not one tag of a record.
    """
    header = request.headers.get("if-match")
    if header is None:
        return None
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise InvalidInputError(
            "If-Match is not understood", hint="Send one ETag, as the record had it."
        )
    return found[1]


def must_be_new(request: Request) -> bool:
    """Say whether the artifact may not be there yet, by ``If-None-Match: *`` (RFC 9110 13.1.2).

    Raises:
        InvalidInputError: The header says something else.
    """
    header = request.headers.get("if-none-match")
    if header is not None and header.strip() != "*":
        raise InvalidInputError(
            "If-None-Match is not understood", hint="Send * for what must not be there yet."
        )
    return header is not None


def _several(request: Request, name: str) -> list[str]:
    found = request.query_params.getlist(name)
    if len(found) > _MOST_VALUES:
        raise InvalidInputError(
            f"{name} is given {len(found)} times", hint=f"Give it at most {_MOST_VALUES} times."
        )
    return found


def _versions(request: Request) -> frozenset[int] | None:
    found = _several(request, "version")
    for text in found:
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            raise _wrong("version", text, "a whole number from 1")
    return frozenset(map(int, found)) if found else None


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError(text)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise _wrong(name, text, "a time with time zone (RFC 3339)") from cause
    return found


def _wrong(name: str, text: str, wanted: str) -> InvalidInputError:
    return InvalidInputError(f"{name} cannot be {text!r:.80}", hint=f"Give {wanted}.")
