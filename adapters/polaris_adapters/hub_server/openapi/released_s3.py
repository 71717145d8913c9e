"""The operations of released clients in the dialect of S3."""

from __future__ import annotations

from collections.abc import Mapping

from polaris_adapters.hub_server.openapi.describing import Described, Json, Reply, schema
from polaris_adapters.hub_server.openapi.native_objects import OCTETS
from polaris_adapters.hub_server.openapi.schemas_values import TEXT

__all__ = ["S3_OPERATIONS"]

_XML: dict[str, Json] = {"application/xml": TEXT}
_BUCKET, _OBJECT = "/s3/{bucket}", "/s3/{bucket}/{key:path}"
_WRONG = {
    400: "The call is not understood.",
    403: "The call is not let in.",
    404: "It is not there.",
    405: "The method is not for this.",
    412: "It is there already.",
    413: "The body is too long.",
    416: "The object has no such part.",
    500: "The hub could not do it.",
    503: "The hub cannot do it now.",
}
_FILES = {
    media: schema("Bytes")
    for media in ("application/octet-stream", "application/vnd.apache.parquet",
                  "application/vnd.roaringbitmap")
}  # fmt: skip


def _call(
    id: str,
    summary: str,
    good: Mapping[int, Reply] | None = None,
    *,
    parameters: tuple[str, ...] = (),
    body: Mapping[str, Json] | None = None,
    has_head: bool = False,
) -> Described:
    wrong = {status: Reply(about, _XML) for status, about in _WRONG.items()}
    return Described(
        id=id,
        tag="released",
        summary=summary,
        parameters=parameters,
        body=body,
        body_required=False,
        replies={**(good or {}), **wrong},
        has_head=has_head,
        security=({"signature": []},),
    )


_READ = {
    200: Reply("The object.", _FILES, ("Last-Modified",), ("ETag", "Accept-Ranges")),
    206: Reply("A part.", _FILES, ("Last-Modified",), ("ETag", "Accept-Ranges", "Content-Range")),
}

S3_OPERATIONS: dict[tuple[str, str], Described] = {
    ("GET", _BUCKET): _call(
        "s3List",
        "List objects (ListObjectsV2)",
        {200: Reply("A page.", _XML)},
        has_head=True,
    ),
    **{
        (method, _BUCKET): _call(f"s3{method.title()}Bucket", "Is refused: a bucket can be listed")
        for method in ("PUT", "POST", "DELETE")
    },
    ("GET", _OBJECT): _call(
        "s3Get", "Read an object", _READ, parameters=("header.Range",), has_head=True
    ),
    ("PUT", _OBJECT): _call(
        "s3Put",
        "Write an object, or a part of one",
        {200: Reply("It was written.", required=("ETag",))},
        body=OCTETS,
    ),
    ("POST", _OBJECT): _call(
        "s3Post",
        "Begin or end an upload in parts",
        {200: Reply("Which upload, or what it became.", _XML)},
        body=_XML,
    ),
    ("DELETE", _OBJECT): _call(
        "s3Delete", "Give up an upload in parts", {204: Reply("It is gone.")}
    ),
}
