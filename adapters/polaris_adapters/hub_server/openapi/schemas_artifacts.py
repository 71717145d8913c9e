"""Schemas of what a catalogue holds: records, drafts, versions, tombstones, jobs, objects."""

from __future__ import annotations

from polaris.application.native_wire.bundle import BUNDLE_OBJECTS
from polaris.application.native_wire.signing import LONGEST, MOST_SIGNED
from polaris.ports.jobs import JobState
from polaris_adapters.hub_server.openapi.describing import Json, one_of, page_of, record, schema
from polaris_adapters.hub_server.openapi.schemas_values import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    or_null,
    urn_of,
)

__all__ = ["ARTIFACTS", "OBJECTS"]

_NAMED: Json = {"kind": schema("Kind"), "owner": schema("Slug"), "slug": schema("Slug")}
_DOCUMENT: Json = {
    "type": "object",
    "additionalProperties": True,
    "description": "What the artifact says of itself; kept as it was sent.",
}
_COUNT: Json = {"type": "integer", "minimum": 1}
_NEXT: Json = {**or_null(TEXT), "description": "Goes on behind this page; null on the last one."}
_CURSOR: Json = record({"nextCursor": _NEXT})
_OBJECT: Json = {"key": schema("Key"), "size": NUMBER}
_KEYS: Json = {"type": "array", "items": schema("Key"), "maxItems": BUNDLE_OBJECTS}
_SECONDS: Json = {"type": "integer", "minimum": 1, "maximum": LONGEST, "default": 900}


def _each_or_null(name: str) -> Json:
    """Return the schema of a list with an entry for each key that was asked for."""
    entry = one_of(schema(name), {"type": "null"})
    return record({"objects": {"type": "array", "items": entry}})


ARTIFACTS: Json = {
    "Record": record(
        {
            **_NAMED,
            "revision": schema("Revision"),
            "number": {**_COUNT, "description": "Counts the revisions of the artifact."},
            "access": schema("Access"),
            "createdAt": TIME,
            "updatedAt": TIME,
            "subject": one_of(schema("Urn"), {"type": "null"}),
            "document": _DOCUMENT,
        },
        optional={
            "ticket": {
                **TEXT,
                "description": "Lets who has it read this revision when it is the newest no more.",
            }
        },
        about="An artifact at one of its revisions.",
    ),
    "RecordPage": page_of(
        "Record",
        record(
            {
                "total": {
                    **or_null(NUMBER),
                    "description": "How many match; null where that was not asked for.",
                },
                "nextCursor": _NEXT,
            }
        ),
    ),
    "Draft": record(
        {"document": _DOCUMENT, "access": schema("Access"), "revision": schema("Revision")},
        optional={
            "subject": {
                **one_of(schema("Urn"), {"type": "null"}),
                "description": "What it is about: the dataset of a benchmark, say.",
            },
            "evaluate": {
                **FLAG,
                "description": "Whether the hub is to score it.",
                "default": False,
            },
        },
        about="What is to be published.",
    ),
    "Publication": record(
        {**_NAMED, "revision": schema("Revision")}, about="Where its objects are to be put."
    ),
    "Version": record(
        {
            **_NAMED,
            "number": _COUNT,
            "revision": schema("Revision"),
            "access": schema("Access"),
            "publishedAt": TIME,
        }
    ),
    "VersionPage": page_of("Version", _CURSOR),
    "Tombstone": record(
        {
            **_NAMED,
            "revision": schema("Revision"),
            "number": _COUNT,
            "access": schema("Access"),
            "deletedAt": TIME,
            "deletedBy": or_null(TEXT),
        },
        about="What is left of an artifact that was deleted.",
    ),
    "TombstonePage": page_of("Tombstone", _CURSOR),
    "Job": record(
        {
            "submission": urn_of("prediction", "competition-prediction"),
            "revision": schema("Revision"),
            "state": {"type": "string", "enum": [state.value for state in JobState]},
            "attempts": NUMBER,
            "queuedAt": TIME,
            "finishedAt": or_null(TIME),
            "results": one_of(schema("Urn"), {"type": "null"}),
            "reason": {**or_null(TEXT), "description": "Why it failed."},
        },
        about="The scoring of a submission.",
    ),
    "JobList": page_of("Job"),
}

OBJECTS: Json = {
    "ObjectStat": record({**_OBJECT, "modified": or_null(TIME)}),
    "ObjectDigest": record({**_OBJECT, "md5": schema("Md5"), "sha256": schema("Sha256")}),
    "ObjectListing": record(
        {
            "objects": {"type": "array", "items": schema("ObjectStat")},
            "after": {**or_null(TEXT), "description": "Goes on behind this page."},
        }
    ),
    "Folder": record(
        {
            "folders": {"type": "array", "items": TEXT},
            "objects": {"type": "array", "items": schema("ObjectStat")},
        }
    ),
    "Keys": record({"keys": _KEYS}),
    "ObjectStats": _each_or_null("ObjectStat"),
    "ObjectDigests": _each_or_null("ObjectDigest"),
    "Reads": record(
        {
            "reads": {
                "type": "array",
                "items": record(
                    {"key": schema("Key")},
                    optional={
                        "start": {**or_null({"type": "integer"}), "description": "First byte."},
                        "stop": {
                            **or_null({"type": "integer"}),
                            "description": "The byte behind the last; to the end when omitted.",
                        },
                    },
                ),
                "maxItems": BUNDLE_OBJECTS,
            }
        },
        optional={"most": {**NUMBER, "description": "Most bytes that come back."}},
    ),
    "Written": record(
        {
            "written": {
                "type": "array",
                "items": FLAG,
                "description": "For each object whether it was written; ifExists=skip passes over.",
            }
        }
    ),
    "Bundle": {
        "type": "string",
        "format": "binary",
        "description": "Four bytes tell the length of the index, highest byte first. The index is "
        "a JSON array in UTF-8. An entry with a `size` has so many bytes behind the index, in the "
        "order of the entries. To be written, entries have `key` and `size`; what is read has "
        "`size`, or `left` with the size of what did not fit, or is null where there is none.",
    },
    "Bytes": {"type": "string", "format": "binary", "description": "The bytes of one object."},
    "SignRequests": record(
        {
            "requests": {
                "type": "array",
                "items": one_of(
                    record({"method": {"type": "string", "const": "GET"}, "key": schema("Key")}),
                    record(
                        {
                            "method": {"type": "string", "const": "PUT"},
                            "key": schema("Key"),
                            "size": {**NUMBER, "maximum": 2**40},
                            "sha256": schema("Sha256"),
                        },
                        optional={"onlyNew": FLAG},
                    ),
                ),
                "maxItems": MOST_SIGNED,
            }
        },
        optional={"seconds": _SECONDS},
    ),
    "SignedRequests": record(
        {
            "signed": {
                "type": "array",
                "items": record(
                    {
                        "method": {"type": "string", "enum": ["GET", "PUT"]},
                        "url": {**TEXT, "description": "A path where the hub itself serves it."},
                        "headers": {"type": "object", "additionalProperties": TEXT},
                        "expiresAt": TIME,
                        "throughHub": FLAG,
                    }
                ),
            }
        }
    ),
    "StoreAsked": record({}, optional={"write": FLAG, "seconds": _SECONDS}),
    "StoreCredentials": record(
        {
            "endpoint": or_null(TEXT),
            "region": or_null(TEXT),
            "bucket": TEXT,
            "prefix": TEXT,
            "accessKey": TEXT,
            "secretKey": TEXT,
            "sessionToken": or_null(TEXT),
            "expiresAt": or_null(TIME),
        },
        about="Keys of the store, for one revision.",
    ),
}
