"""Schemas of single values, which everything else is made of."""

from __future__ import annotations

from polaris.application.native_wire.problems import ERRORS_BY_CODE
from polaris.domain.accounts import Role, Scope
from polaris.domain.identity import ArtifactKind
from polaris_adapters.hub_server.openapi.describing import Json, one_of, record, schema

__all__ = ["FLAG", "NUMBER", "TEXT", "TIME", "VALUES", "or_null", "urn_of"]

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "integer", "minimum": 0}
TIME: Json = {"type": "string", "format": "date-time"}

_SLUG = "[a-z0-9-]{4,64}"
_KINDS = [kind.value for kind in ArtifactKind]


def or_null(found: Json) -> Json:
    """Return the schema of a value that may be null."""
    kind = found.get("type")
    if kind is None or "enum" in found:
        return one_of(found, {"type": "null"})
    return {**found, "type": [kind, "null"]}


def urn_of(*kinds: str) -> Json:
    """Return the schema of the URN of an artifact of these kinds."""
    return {"type": "string", "pattern": f"^urn:polaris:({'|'.join(kinds)}):{_SLUG}:{_SLUG}$"}


VALUES: Json = {
    "Slug": {
        "type": "string",
        "pattern": f"^{_SLUG}$",
        "description": "Name of an owner or of an artifact: 4 to 64 of a-z, 0-9 and '-'.",
        "examples": ["acme"],
    },
    "Name": {
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{4,64}$",
        "description": "Name of an artifact on the older wires; its slug is in lower case.",
        "examples": ["molecules"],
    },
    "Kind": {"type": "string", "enum": _KINDS, "description": "Kind of an artifact."},
    "Urn": {**urn_of(*_KINDS), "examples": ["urn:polaris:dataset:acme:molecules"]},
    "Revision": {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "Names the content of an artifact: SHA-256, hex.",
    },
    "Sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "Md5": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "Access": {"type": "string", "enum": ["private", "public"]},
    "Role": {"type": "string", "enum": [role.value for role in Role]},
    "Scope": {
        "type": "string",
        "enum": [scope.value for scope in Scope],
        "description": "What a token allows of all that its user may do.",
    },
    "Key": {
        "type": "string",
        # Not all of it: no part is '.' or '..', longer than 240 bytes, or ends in '#' and digits.
        "pattern": "^[^/\\u0000-\\u001f\\u007f-\\u009f]+(/[^/\\u0000-\\u001f\\u007f-\\u009f]+)*$",
        "description": "Key of an object: a relative path with '/' between its parts.",
        "examples": ["data.zarr/fingerprints/0.0"],
    },
    "Nothing": record({}, about="An empty object."),
    "Problem": record(
        {
            "type": {"type": "string", "const": "about:blank"},
            "title": TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {**TEXT, "description": "What was tried, on what, and why it failed."},
            "code": {"type": "string", "enum": sorted(ERRORS_BY_CODE)},
            "hint": {**TEXT, "description": "What to do next."},
            "requestId": TEXT,
        },
        optional={
            "errors": {"type": "array", "items": schema("ProblemEntry")},
            "keys": {
                "type": "array",
                "items": TEXT,
                "description": "Objects that are there already, or missing.",
            },
            "codecId": {**TEXT, "description": "The Zarr codec that is not known."},
            "extra": {**TEXT, "description": "The extra that is not installed."},
        },
        about="What went wrong (RFC 9457).",
    ),
    "ProblemEntry": record(
        {"path": {**TEXT, "description": "Where in the request."}, "message": TEXT, "hint": TEXT}
    ),
}
