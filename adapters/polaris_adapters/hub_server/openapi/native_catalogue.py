"""The operations of the catalogue: lists, records, versions, publishing, deleting."""

from __future__ import annotations

from typing import Any

from polaris_adapters.hub_server.openapi.describing import Described, Json, Reply, json_of, member

__all__ = ["CATALOGUE"]

_ARTIFACT = "/api/v3/{kind}/{owner}/{slug}"
_TAG = "catalogue"
_PAGE = ("query.limit", "query.cursor")
_SAME: Json = {name: f"$request.path.{name}" for name in ("kind", "owner", "slug")}
_NAMED: Json = {name: member("response", name) for name in ("kind", "owner", "slug")}
_DIGEST = ("Content-Digest",)


def _link(operation: str, about: str, given: Json, **more: Any) -> Json:
    return {"operationId": operation, "description": about, "parameters": given, **more}


def _of_record(named: Json, operation: str, about: str) -> dict[str, Json]:
    return {operation: _link(operation, about, named)}


_REVISION: Json = {**_NAMED, "revision": member("response", "revision")}
_RECORD_LINKS: Json = {
    **_of_record(_NAMED, "getRecord", "The same record."),
    **_of_record(_NAMED, "listVersions", "What it was before."),
    **_of_record(_NAMED, "deleteArtifact", "Delete it."),
    **_of_record(_REVISION, "listObjects", "The objects of this revision."),
}
_RECORD = Reply("The record.", json_of("Record"), required=("ETag", *_DIGEST), links=_RECORD_LINKS)
_UNCHANGED = Reply("It has not changed.", required=("ETag",))
_DRAFT_LINKS: Json = {
    "commit": _link("commit", "Publish what has arrived.", _REVISION, requestBody="$request.body"),
    "writeObject": _link("writeObject", "Put an object there.", _REVISION),
    "writeObjects": _link("writeObjects", "Put several there.", _REVISION),
}


def _page(name: str, about: str) -> Reply:
    return Reply(about, json_of(name), headers=("Link",), required=_DIGEST)


CATALOGUE: dict[tuple[str, str], Described] = {
    ("GET", "/api/v3/{kind}"): Described(
        id="listArtifacts",
        tag=_TAG,
        summary="List and search artifacts",
        about="What is private is listed to those alone who may see it, and is counted for nobody "
        "else.",
        parameters=(
            *_PAGE,
            *(
                f"query.{name}"
                for name in (
                    "offset", "owner", "subject", "text", "tag", "version", "createdSince",
                    "updatedSince", "sort", "order", "withTotal", "privateOf",
                )
            ),
        ),
        replies={200: _page("RecordPage", "A page.")},
        problems=(401, 404),
    ),
    ("GET", _ARTIFACT): Described(
        id="getRecord",
        tag=_TAG,
        summary="Get the record of the newest revision",
        parameters=("header.If-None-Match",),
        replies={200: _RECORD, 304: _UNCHANGED},
        problems=(401, 404),
    ),
    ("GET", _ARTIFACT + "/jobs"): Described(
        id="listJobs",
        tag=_TAG,
        summary="List how far scoring has come",
        about="Of what is not shown to who calls, and of what is not there, there are none.",
        replies={200: Reply("The jobs, the newest first.", json_of("JobList"), required=_DIGEST)},
        problems=(401, 404),
    ),
    ("GET", _ARTIFACT + "/versions"): Described(
        id="listVersions",
        tag=_TAG,
        summary="List the published revisions",
        parameters=_PAGE,
        replies={200: _page("VersionPage", "A page, the newest first.")},
        problems=(401, 404),
    ),
    ("GET", _ARTIFACT + "/versions/{version}"): Described(
        id="getVersion",
        tag=_TAG,
        summary="Get the record of a published revision",
        parameters=("header.If-None-Match",),
        replies={200: _RECORD, 304: _UNCHANGED},
        problems=(401, 404),
    ),
    ("POST", _ARTIFACT + "/publications"): Described(
        id="beginPublication",
        tag=_TAG,
        summary="Begin to publish",
        about="Nothing is visible before the commit. Done again, it answers the same.",
        parameters=("query.ifExists", "header.Idempotency-Key", "header.Content-Digest"),
        body=json_of("Draft"),
        replies={
            201: Reply(
                "Where the objects are to be put.",
                json_of("Publication"),
                required=_DIGEST,
                links=_DRAFT_LINKS,
            )
        },
        problems=(401, 403, 404, 409, 415, 422),
    ),
    ("POST", _ARTIFACT + "/publications/{revision}/commit"): Described(
        id="commit",
        tag=_TAG,
        summary="Publish what has arrived",
        about="The revision is the SHA-256 over the document and the manifest among the objects; "
        "what is missing or differs is told with 409, and can be put there and committed again.",
        parameters=(
            "header.Idempotency-Key",
            "header.Content-Digest",
            "header.If-Match",
            "header.If-None-Match-Any",
        ),
        body=json_of("Draft"),
        replies={
            200: Reply("The record.", json_of("Record"), required=_DIGEST, links=_RECORD_LINKS)
        },
        problems=(401, 403, 404, 409, 412, 415, 422),
    ),
    ("DELETE", _ARTIFACT): Described(
        id="deleteArtifact",
        tag=_TAG,
        summary="Delete an artifact",
        about="A tombstone stays, from which it can be restored.",
        parameters=("header.Idempotency-Key", "header.If-Match"),
        replies={
            200: Reply(
                "What is left of it.",
                json_of("Tombstone"),
                required=_DIGEST,
                links={
                    **_of_record(_SAME, "restoreArtifact", "Bring it back."),
                    **_of_record(_SAME, "getTombstone", "The same."),
                },
            )
        },
        problems=(401, 403, 404, 409, 412),
    ),
    ("POST", _ARTIFACT + "/restore"): Described(
        id="restoreArtifact",
        tag=_TAG,
        summary="Bring back what was deleted",
        parameters=("header.Idempotency-Key",),
        replies={
            200: Reply("The record.", json_of("Record"), required=_DIGEST, links=_RECORD_LINKS)
        },
        problems=(401, 403, 404, 409),
    ),
    ("GET", _ARTIFACT + "/tombstone"): Described(
        id="getTombstone",
        tag=_TAG,
        summary="See whether an artifact was deleted",
        replies={200: Reply("What is left of it.", json_of("Tombstone"), required=_DIGEST)},
        problems=(401, 403, 404),
    ),
    ("GET", "/api/v3/tombstones"): Described(
        id="listTombstones",
        tag=_TAG,
        summary="List what an owner has deleted",
        parameters=("query.ownerOfTombstones", *_PAGE),
        replies={200: _page("TombstonePage", "A page, the latest first.")},
        problems=(401, 403, 404),
    ),
}  # fmt: skip
