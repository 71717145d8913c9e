"""The operations on the objects of a revision: one or many at a time, and by signed addresses."""

from __future__ import annotations

from polaris.application.native_wire.bundle import BUNDLE_TYPE
from polaris_adapters.hub_server.openapi.describing import (
    Described,
    Json,
    Reply,
    content,
    json_of,
    schema,
)

__all__ = ["OBJECT_OPERATIONS", "OCTETS", "PART", "WHOLE", "unchanged"]

_REVISION = "/api/v3/{kind}/{owner}/{slug}/revisions/{revision}"
_SIGNED = "/api/v3/signed/{kind}/{owner}/{slug}/revisions/{revision}/objects/{key:path}"
_TAG = "objects"
_DIGEST = ("Content-Digest",)
_TICKET = ("query.ticket",)
# What the hub has signed.
_ADDRESS = tuple(
    f"query.{name}" for name in ("method", "expires", "signature", "size", "sha256", "new")
)
_SENT = ("header.Content-Digest",)
_READ = (401, 404, 415, 422)
_WRITE = (401, 403, 404, 409, 415, 422)

OCTETS = content(schema("Bytes"), "application/octet-stream")
_BUNDLE = content(schema("Bundle"), BUNDLE_TYPE)
_SAME: Json = {
    name: f"$request.path.{name}" for name in ("kind", "owner", "slug", "revision", "key")
}

WHOLE = Reply(
    "The object.",
    OCTETS,
    headers=("Content-Digest", "Last-Modified"),
    required=("ETag", "Accept-Ranges"),
)
PART = Reply(
    "The part that was asked for.",
    OCTETS,
    headers=("Content-Digest", "Last-Modified"),
    required=("ETag", "Accept-Ranges", "Content-Range"),
)


def unchanged(about: str = "It has not changed.") -> Reply:
    """Return the reply to who has the present state already."""
    return Reply(about, required=("ETag",))


def _asked(
    id: str, summary: str, body: str, replies: dict[int, Reply], about: str = ""
) -> Described:
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        about=about,
        parameters=(*_TICKET, *_SENT),
        body=json_of(body),
        replies=replies,
        problems=_READ,
    )


def _told(name: str, about: str) -> dict[int, Reply]:
    return {200: Reply(about, json_of(name), required=_DIGEST)}


def _served(id: str, summary: str, problems: tuple[int, ...], *parameters: str) -> Described:
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        parameters=(*parameters, "header.Range", "header.If-None-Match", "header.If-Match-Object"),
        replies={200: WHOLE, 206: PART, 304: unchanged()},
        problems=problems,
        has_head=True,
    )


def _taken(id: str, summary: str, problems: tuple[int, ...], *parameters: str) -> Described:
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        about="Taken in piece by piece; what differs from its checksums is refused as a whole.",
        parameters=(
            *parameters,
            *_SENT,
            "header.Content-MD5",
            "header.If-Match-Object",
            "header.If-None-Match-Any",
        ),
        body=OCTETS,
        body_required=False,
        replies={
            201: Reply(
                "It was written.",
                json_of("Written"),
                required=_DIGEST,
                links={
                    "readObject": {
                        "operationId": "readObject",
                        "description": "Read it back.",
                        "parameters": _SAME,
                    }
                },
            ),
            200: Reply("It was there already.", json_of("Written"), required=_DIGEST),
        },
        problems=problems,
    )


OBJECT_OPERATIONS: dict[tuple[str, str], Described] = {
    ("GET", _REVISION + "/objects"): Described(
        id="listObjects",
        tag=_TAG,
        summary="List the objects of a revision by key",
        parameters=("query.prefix", "query.after", "query.limitOfObjects", *_TICKET),
        replies=_told("ObjectListing", "A page."),
        problems=(401, 404),
    ),
    ("GET", _REVISION + "/folder"): Described(
        id="listFolder",
        tag=_TAG,
        summary="List one folder of a revision",
        parameters=("query.prefix", *_TICKET),
        replies=_told("Folder", "What is in it."),
        problems=(401, 404),
    ),
    ("POST", _REVISION + "/stat"): _asked(
        "statObjects", "Get sizes of objects", "Keys", _told("ObjectStats", "In their order.")
    ),
    ("POST", _REVISION + "/digest"): _asked(
        "digestObjects",
        "Get checksums of objects",
        "Keys",
        _told("ObjectDigests", "In their order."),
    ),
    ("POST", _REVISION + "/read"): _asked(
        "readObjects",
        "Read many objects, or parts of them",
        "Reads",
        {200: Reply("What fits.", _BUNDLE, required=_DIGEST)},
        about="What would make the reply too long is left, with its size, for another call.",
    ),
    ("POST", _REVISION + "/sign"): Described(
        id="signRequests",
        tag=_TAG,
        summary="Get addresses that are good for a while, without a token",
        about="Of the store where it signs, else of the hub. Who asks to write has to be let in.",
        parameters=(*_TICKET, *_SENT),
        body=json_of("SignRequests"),
        replies=_told("SignedRequests", "In their order."),
        problems=(403, *_READ),
    ),
    ("POST", _REVISION + "/credentials"): Described(
        id="storeCredentials",
        tag=_TAG,
        summary="Get keys of the store for this revision",
        parameters=(*_TICKET, *_SENT),
        body=json_of("StoreAsked"),
        replies=_told("StoreCredentials", "The keys."),
        problems=(403, *_READ),
    ),
    ("GET", _REVISION + "/objects/{key:path}"): _served(
        "readObject", "Read an object", (401, 404, 412, 416), *_TICKET
    ),
    ("PUT", _REVISION + "/objects/{key:path}"): _taken(
        "writeObject",
        "Write an object",
        (*_WRITE, 412),
        "query.ifExists",
        "header.Idempotency-Key",
    ),
    ("POST", _REVISION + "/write"): Described(
        id="writeObjects",
        tag=_TAG,
        summary="Write many objects",
        parameters=("query.ifExists", "header.Idempotency-Key", *_SENT),
        body=_BUNDLE,
        replies=_told("Written", "In their order."),
        problems=(*_WRITE, 412),
    ),
    ("POST", _REVISION + "/delete"): Described(
        id="deleteObjects",
        tag=_TAG,
        summary="Delete objects",
        about="Those that are not there are passed over.",
        parameters=("header.Idempotency-Key", *_SENT),
        body=json_of("Keys"),
        replies=_told("Nothing", "Done."),
        problems=_WRITE,
    ),
    ("POST", _REVISION + "/hidden"): Described(
        id="depositTargets",
        tag=_TAG,
        summary="Hide test targets",
        about="Nobody reads them again but the scoring.",
        parameters=("header.Idempotency-Key", *_SENT),
        body=_BUNDLE,
        replies=_told("Nothing", "Done."),
        problems=(*_WRITE, 412),
    ),
    ("PUT", _REVISION + "/hidden/{key:path}"): Described(
        id="depositTarget",
        tag=_TAG,
        summary="Hide the targets of one test set",
        parameters=("header.Idempotency-Key", *_SENT),
        body=OCTETS,
        body_required=False,
        replies=_told("Nothing", "Done."),
        problems=(*_WRITE, 412),
    ),
    ("GET", _SIGNED): _served(
        "readSigned", "Read an object by a signed address", (403, 404, 412, 416), *_ADDRESS
    ),
    ("PUT", _SIGNED): _taken(
        "writeSigned", "Write an object by a signed address", (403, 404, 409, 412, 415, 422),
        *_ADDRESS,
    ),
}  # fmt: skip
