"""The operations of released clients: two older generations of the wire, and their storage.

What their bodies hold is said by these clients; here is what can be relied on.
"""

from __future__ import annotations

from collections.abc import Sequence

from polaris_adapters.hub_server.openapi.describing import (
    Described,
    Json,
    Reply,
    json_of,
    record,
    schema,
)
from polaris_adapters.hub_server.openapi.native_objects import OCTETS
from polaris_adapters.hub_server.openapi.schemas_values import NUMBER, TEXT, or_null
from polaris_adapters.hub_server.openapi.sign_in import form, oauth_error

__all__ = ["RELEASED"]

_TAG = "released"
_NAME = "{owner}/{name}"
_DIGEST = ("Content-Digest",)
_OBJECT: Json = {"type": "object", "additionalProperties": True}
_PUBLISH = (401, 403, 404, 409, 412, 415, 422)
_ANYBODY: tuple[Json, ...] = ({},)
_FILES = {
    media: schema("Bytes")
    for media in ("application/octet-stream", "application/vnd.apache.parquet",
                  "application/vnd.roaringbitmap")
}  # fmt: skip
_NO_PART = Reply("The object has no such part.", required=("Content-Range",))
_SERVED = ("ETag", "Accept-Ranges")

_LIST = record(
    {
        "data": {"type": "array", "items": _OBJECT},
        "metadata": record(
            {"total": or_null(NUMBER), "count": NUMBER, "limit": NUMBER, "offset": NUMBER}
        ),
    }
)
_PUBLISHED = record(
    {"id": TEXT, "slug": TEXT, "artifactId": TEXT, "urn": TEXT},
    optional={"tableContent": record({"url": TEXT})},
)
_SIGNED = record(
    {"url": TEXT, "method": {"type": "string", "enum": ["GET", "PUT"]}, "headers": _OBJECT}
)
_ENTRIES: Json = {
    "type": "array",
    "items": record(
        {"name": TEXT, "size": NUMBER, "type": {"type": "string", "enum": ["file", "directory"]}}
    ),
}
_TOKEN = record(
    {"access_token": TEXT, "token_type": TEXT, "issued_token_type": TEXT, "expires_in": NUMBER},
    optional={"extra_data": _OBJECT, "scope": TEXT},
)


def _list(kind: str, version: int) -> Described:
    return Described(
        id=f"releasedList{kind.title()}V{version}",
        tag=_TAG,
        summary=f"List {kind} artifacts",
        parameters=("query.limitOfReleased", "query.offset"),
        replies={200: Reply("A page.", json_of(_LIST), required=_DIGEST)},
        problems=(401,),
    )


def _one(kind: str, version: int) -> Described:
    return Described(
        id=f"releasedGet{kind.title()}V{version}",
        tag=_TAG,
        summary=f"Get the document of a {kind}",
        replies={200: Reply("The document.", json_of(_OBJECT), required=_DIGEST)},
        problems=(401, 403, 404, 409, 422),
    )


def _publish(id: str, summary: str, status: int = 200) -> Described:
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        body=json_of(_OBJECT),
        replies={status: Reply("It was taken.", json_of(_PUBLISHED), required=_DIGEST)},
        problems=_PUBLISH,
    )


def _served(
    id: str, summary: str, problems: Sequence[int], *parameters: str, folders: bool = False
) -> Described:
    whole = {**_FILES, "text/html": TEXT} if folders else _FILES
    told = Reply(
        "The object; of a folder, a page of links." if folders else "The object.",
        whole,
        headers=("Last-Modified", *(_SERVED if folders else ())),
        required=() if folders else _SERVED,
    )
    part = Reply("A part.", _FILES, ("Last-Modified",), (*_SERVED, "Content-Range"))
    return Described(
        id=id,
        tag=_TAG,
        summary=summary,
        parameters=(*parameters, "header.Range"),
        replies={200: told, 206: part, 416: _NO_PART},
        problems=problems,
        has_head=True,
        security=_ANYBODY,
    )


def _storage(head: str, name: str) -> dict[tuple[str, str], Described]:
    listed = Reply("What is in the folder.", json_of(_ENTRIES), required=_DIGEST)
    signed = Reply("An address, which stands in the body.", json_of(_SIGNED))

    def described(id: str, summary: str, reply: dict[int, Reply]) -> Described:
        return Described(
            id=f"{name}{id}",
            tag=_TAG,
            summary=summary,
            replies=reply,
            problems=(401, 403, 404, 409, 422),
        )

    return {
        ("GET", f"{head}/{_NAME}/ls"): described("List", "List what a dataset has", {200: listed}),
        ("GET", f"{head}/{_NAME}/ls/{{key:path}}"): described(
            "ListFolder", "List a folder of a dataset", {200: listed}
        ),
        ("GET", f"{head}/{_NAME}/{{key:path}}"): described(
            "SignGet", "Get an address to read an object", {307: signed}
        ),
        ("PUT", f"{head}/{_NAME}/{{key:path}}"): described(
            "SignPut", "Get an address to write an object", {307: signed}
        ),
    }


RELEASED: dict[tuple[str, str], Described] = {
    **{
        ("GET", f"/api/v{version}/{kind}"): _list(kind, version)
        for version, kind in (
            (1, "dataset"), (2, "dataset"), (1, "benchmark"), (2, "benchmark"), (2, "model"),
            (1, "competition"),
        )
    },
    **{
        ("GET", f"/api/v{version}/{kind}/{_NAME}"): _one(kind, version)
        for version, kind in (
            (1, "dataset"), (2, "dataset"), (1, "benchmark"), (2, "benchmark"), (2, "model"),
            (1, "competition"),
        )
    },
    **{
        ("PUT", f"/api/v{version}/{kind}/{_NAME}"): _publish(
            f"releasedPut{kind.title()}V{version}", f"Publish a {kind}"
        )
        for version, kind in (
            (1, "dataset"), (2, "dataset"), (1, "benchmark"), (2, "benchmark"), (2, "prediction"),
            (2, "model"),
        )
    },
    ("POST", "/api/v2/model"): _publish("releasedPostModel", "Publish a model"),
    ("POST", "/api/v1/result"): _publish("releasedPostResultV1", "Publish results", 201),
    ("POST", "/api/v2/result"): _publish("releasedPostResultV2", "Publish results", 201),
    ("POST", "/api/v1/competition-prediction"): _publish(
        "releasedPostPrediction", "Submit predictions to a competition", 201
    ),
    **_storage("/api/v1/storage/dataset", "releasedStorage"),
    **_storage("/api/storage/dataset", "releasedOldStorage"),
    ("POST", "/api/auth/token"): Described(
        id="releasedGetToken",
        tag=_TAG,
        summary="Get a token for calls, or for storage",
        body=form(
            {"grant_type": TEXT},
            dict.fromkeys(
                ("username", "password", "subject_token", "subject_token_type", "resource",
                 "scope", "requested_token_type", "audience"),
                TEXT,
            ),
        ),
        replies={
            200: Reply("The token.", json_of(_TOKEN), required=("Cache-Control",)),
            400: oauth_error("RFC 6749 section 5.2."),
            403: oauth_error("Who asks may not change it."),
        },
        problems=(401, 404, 422),
        security=_ANYBODY,
    ),
    ("GET", "/signed/{key:path}"): _served(
        "releasedReadSigned",
        "Read an object by a signed address",
        (401, 403, 404, 422),
        "query.sig",
    ),
    ("PUT", "/signed/{key:path}"): Described(
        id="releasedWriteSigned",
        tag=_TAG,
        summary="Write an object by a signed address",
        parameters=("query.sig",),
        body=OCTETS,
        body_required=False,
        replies={200: Reply("It was written.")},
        problems=_PUBLISH,
        security=_ANYBODY,
    ),
    ("GET", "/files/{kind}/{owner}/{slug}/{revision}/{ticket}/{key:path}"): _served(
        "releasedReadFile",
        "Read a public object, or list a public folder",
        (401, 403, 404, 409),
        folders=True,
    ),
}  # fmt: skip
