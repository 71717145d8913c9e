"""Parts of a request: path, query, token and body; whatever comes, the error is ours."""

from __future__ import annotations

import asyncio
import re
from typing import TypeVar

from starlette.requests import Request

from polaris.application.native_wire.bundle import BUNDLE_BYTES, BUNDLE_OBJECTS
from polaris.application.native_wire.content_digests import check_content_digest
from polaris.application.native_wire.fields import Fields, check_revision
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import InvalidInputError, PolarisHubError
from polaris.ports.artifacts import ArtifactLocation
from polaris.ports.storage import IfExists
from polaris_adapters.hub_server.replies import Refused
from polaris_adapters.hub_server.streamed_body import declared_length

__all__ = [
    "at_most",
    "body_of",
    "bundle_of",
    "if_exists_of",
    "json_of",
    "keys_of",
    "kind_of",
    "location_of",
    "number_of",
    "ref_of",
    "token_of",
]

T = TypeVar("T")

# Longer ones hash for long enough to keep other calls waiting.
_HASHED_ASIDE = 2**20
# Of a bundle, besides its contents.
_INDEX = 16 * 2**20


def token_of(request: Request) -> Secret | None:
    """Return the token that a request carries (RFC 6750 section 2.1).

    Raises:
        InvalidInputError: It carries other credentials.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    found = re.fullmatch(r"bearer +([\x21-\x7e]{1,16384}) *", header, re.IGNORECASE)
    if found is None:
        raise InvalidInputError(
            "The header Authorization is not understood", hint="Send: Authorization: Bearer TOKEN."
        )
    return Secret(found[1])


def kind_of(request: Request) -> ArtifactKind:
    """Return the kind of artifact in a path."""
    text = request.path_params["kind"]
    try:
        return ArtifactKind(text)
    except ValueError as cause:
        known = ", ".join(ArtifactKind)
        raise Refused(
            404, PolarisHubError(f"There are no {text!r:.80}", hint=f"There are {known}.")
        ) from cause


def ref_of(request: Request) -> ArtifactRef:
    """Return the artifact in a path.

    Raises:
        InvalidNameError: Its owner or slug cannot be one.
    """
    return ArtifactRef(kind_of(request), request.path_params["owner"], request.path_params["slug"])


def location_of(request: Request) -> ArtifactLocation:
    """Return the revision in a path; errors as above."""
    return ArtifactLocation(ref_of(request), check_revision(request.path_params["revision"]))


def number_of(request: Request, name: str, *, default: int, most: int | None = None) -> int:
    """Return a whole number in the query.

    Raises:
        InvalidInputError: There is something else.
    """
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,100}", text) or (most is not None and int(text) > most):
        bound = "" if most is None else f" to {most}"
        raise InvalidInputError(
            f"{name} cannot be {text!r:.80}", hint=f"Give a whole number from 0{bound}."
        )
    return int(text)


def if_exists_of(request: Request) -> IfExists:
    """Return what is to be done with what is there already."""
    text = request.query_params.get("ifExists", IfExists.REPLACE)
    try:
        return IfExists(text)
    except ValueError as cause:
        raise InvalidInputError(
            f"ifExists cannot be {text!r:.80}", hint="Give 'raise', 'replace' or 'skip'."
        ) from cause


async def json_of(request: Request, *, largest: int) -> Fields:
    """Return the JSON object in the body; errors as for `body_of`."""
    body = await body_of(request, largest=largest)
    if len(body) < _HASHED_ASIDE:
        return Fields.parse(body, where="body")
    return await asyncio.to_thread(Fields.parse, body, where="body")


async def bundle_of(request: Request) -> bytes:
    """Return the bundle in the body; errors as for `body_of`."""
    return await body_of(request, largest=BUNDLE_BYTES + _INDEX)


async def body_of(request: Request, *, largest: int) -> bytes:
    """Return the body, whole and as it was sent.

    Raises:
        Refused: It is too long, or encoded.
        InvalidInputError: It was cut.
        PolarisChecksumError: It is not what its digest says.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        error = InvalidInputError("The body is encoded", hint="Send it without Content-Encoding.")
        raise Refused(415, error)
    declared = declared_length(request)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if max(size, declared or 0) > largest:
            hint = f"At most {largest} bytes are taken; send less at a time."
            raise Refused(413, InvalidInputError("The body is too long", hint=hint))
        parts.append(part)
    if declared is not None and size != declared:
        raise InvalidInputError(
            f"The body has {size} bytes where {declared} were announced", hint="Send it again."
        )
    body = b"".join(parts)
    for name in ("content-digest", "repr-digest"):
        header = request.headers.get(name)
        if header is not None and size < _HASHED_ASIDE:
            check_content_digest(body, header, where="The body")
        elif header is not None:
            await asyncio.to_thread(check_content_digest, body, header, where="The body")
    return body


def keys_of(fields: Fields) -> list[str]:
    """Return the keys of objects in a body.

    Raises:
        InvalidInputError: They are too many at once.
    """
    return at_most(fields.texts("keys"))


def at_most(entries: list[T]) -> list[T]:
    """Return entries unless they are too many at once."""
    if len(entries) > BUNDLE_OBJECTS:
        raise InvalidInputError(
            f"The call has {len(entries)} entries", hint=f"Send at most {BUNDLE_OBJECTS} at once."
        )
    return entries
