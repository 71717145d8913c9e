"""What the document says of one operation, and of its parts.

Source: OpenAPI Specification 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

__all__ = [
    "JSON_TYPE",
    "Described",
    "Json",
    "Reply",
    "content",
    "json_of",
    "member",
    "one_of",
    "page_of",
    "parameter",
    "record",
    "schema",
]

Json = Mapping[str, Any]

JSON_TYPE = "application/json"


def schema(name: str) -> Json:
    """Return a reference to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: Json, /, *, about: str = "", optional: Json | None = None) -> Json:
    """Return the schema of an object.

    Args:
        required: Schemas of the fields that it always has, by name.
        about: What it is.
        optional: Schemas of those that it may have.
    """
    found: dict[str, Any] = {"type": "object"}
    if about:
        found["description"] = about
    if required:
        found["required"] = list(required)
    return {**found, "properties": {**required, **(optional or {})}}


def one_of(*schemas: Json) -> Json:
    """Return the schema of a value that is any of these."""
    return {"anyOf": list(schemas)}


def page_of(name: str, metadata: Json | None = None) -> Json:
    """Return the schema of a page of a listing, whose entries have a schema of the components."""
    found = {"data": {"type": "array", "items": schema(name)}}
    return record(found if metadata is None else {**found, "metadata": metadata})


def content(body: Json, *types: str) -> Mapping[str, Json]:
    """Return a body, which has a schema, by its media types."""
    return dict.fromkeys(types, body)


def json_of(body: str | Json) -> Mapping[str, Json]:
    """Return a body of JSON; a text names a schema of the components."""
    return {JSON_TYPE: schema(body) if isinstance(body, str) else body}


def member(source: str, field: str) -> str:
    """Return the runtime expression for a field of a body: ``response`` or ``request``."""
    return f"${source}.body#/{field}"


def parameter(
    name: str, body: Json, about: str, *, place: str = "query", required: bool = False, **more: Any
) -> Json:
    """Return a parameter.

    Args:
        name: Its name.
        body: Its schema.
        about: What it is.
        place: ``query``, ``header``, ``path`` or ``cookie``.
        required: Whether it has to be there.
        **more: Further fields, such as ``style``.
    """
    found: dict[str, Any] = {"name": name, "in": place, "description": about}
    if required or place == "path":
        found["required"] = True
    return {**found, "schema": body, **more}


@attrs.frozen
class Reply:
    """What comes back under one status.

    Attributes:
        about: When, and what it is.
        content: Schemas of its body by media type; none for no body.
        headers: Its headers: names of those in the components.
        required: Those of them that it always has.
        links: Where to go on: targets of the Link objects by their names.
    """

    about: str
    content: Mapping[str, Json] = attrs.field(factory=dict)
    headers: Sequence[str] = ()
    required: Sequence[str] = ()
    links: Mapping[str, Json] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Described:
    """An operation as the document tells it. Who may call it is taken from its route.

    Attributes:
        id: Its name for programs.
        tag: What it belongs to.
        summary: What it does.
        about: More of that.
        parameters: Names of parameters in the components; those of its path are added.
        body: Schemas of the request's body by media type; None for no body.
        body_required: Whether there has to be one.
        replies: What comes back when nothing is wrong, or what is wrong is not told by a problem
            document.
        problems: Statuses under which problem documents come back, besides those of every
            operation.
        has_head: Whether ``HEAD`` is told too, which every ``GET`` answers.
        security: Ways to be let in, which are not those of the access table; None for those.
    """

    id: str
    tag: str
    summary: str
    about: str = ""
    parameters: Sequence[str] = ()
    body: Mapping[str, Json] | None = None
    body_required: bool = True
    replies: Mapping[int, Reply]
    problems: Sequence[int] = ()
    has_head: bool = False
    security: Sequence[Json] | None = None
