"""The document: what every route of an application does, told from their descriptions.

Source: OpenAPI Specification 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from starlette.routing import BaseRoute

from polaris.domain.artifact import library_version
from polaris_adapters.hub_server.guarded import acts_of
from polaris_adapters.hub_server.openapi.describing import Described, Json, Reply
from polaris_adapters.hub_server.openapi.native_accounts import ACCOUNT_OPERATIONS
from polaris_adapters.hub_server.openapi.native_catalogue import CATALOGUE
from polaris_adapters.hub_server.openapi.native_objects import OBJECT_OPERATIONS
from polaris_adapters.hub_server.openapi.operating import OPERATING
from polaris_adapters.hub_server.openapi.pages import PAGES
from polaris_adapters.hub_server.openapi.parameters import HEADERS, PARAMETERS
from polaris_adapters.hub_server.openapi.problems import (
    EVERYWHERE,
    PROBLEMS,
    problem_name,
    security_of,
    security_schemes,
)
from polaris_adapters.hub_server.openapi.released import RELEASED
from polaris_adapters.hub_server.openapi.released_s3 import S3_OPERATIONS
from polaris_adapters.hub_server.openapi.schemas_accounts import ACCOUNTS, OAUTH, OPERATION
from polaris_adapters.hub_server.openapi.schemas_artifacts import ARTIFACTS, OBJECTS
from polaris_adapters.hub_server.openapi.schemas_values import VALUES
from polaris_adapters.hub_server.openapi.sign_in import OAUTH_OPERATIONS

__all__ = ["OPERATIONS", "document_of", "template_of"]

OPERATIONS: Mapping[tuple[str, str], Described] = {
    **OPERATING,
    **CATALOGUE,
    **OBJECT_OPERATIONS,
    **ACCOUNT_OPERATIONS,
    **OAUTH_OPERATIONS,
    **PAGES,
    **RELEASED,
    **S3_OPERATIONS,
}

_TAGS = {
    "operation": "What the hub is, and how it is.",
    "catalogue": "Artifacts: lists, records, versions; publishing, deleting, restoring.",
    "objects": "The bytes of artifacts.",
    "accounts": "Users, organizations, personal tokens.",
    "sign-in": "OAuth 2 and OpenID Connect, for clients.",
    "pages": "What people see in a browser.",
    "released": "The wires of released clients, as they are; new programs use the others.",
}
_ABOUT = (
    "The native wire below `/api/v3`, signing in, operation, and the wires of released clients. "
    "`GET` is answered for `HEAD` too, without a body. Errors are problem documents (RFC 9457) "
    "with a stable `code`; those of OAuth and of the dialect of S3 are as these have them. "
    "`x-polaris-acts` are the rows of the hub's table of who may do what that a call is about; "
    "what may not be read is not there. Every reply has `X-Request-Id`."
)
_CONVERTED = re.compile(r"\{(\w+)(?::\w+)?\}")
_REF = re.compile(r"#/components/(\w+)/([\w.-]+)")
_ALWAYS = ("X-Request-Id",)


def template_of(path: str) -> str:
    """Return the path of a route as the document has it: without converters."""
    return _CONVERTED.sub(r"{\1}", path)


def document_of(routes: Iterable[BaseRoute], *, base: str) -> dict[str, Any]:
    """Return the document of an application.

    Args:
        routes: Its routes; those of others than the hub, which nobody has described, are left out.
        base: Address of the application, without a ``/`` at its end.
    """
    acts = acts_of(routes)
    paths: dict[str, Any] = {}
    for (method, path), described in OPERATIONS.items():
        if (method, path) not in acts:
            continue
        own = acts[method, path]
        security = described.security
        if security is None:
            security = security_of(own, by_oauth=("POST", "/oauth2/token") in acts)
        told = {"security": list(security), "x-polaris-acts": [act.value for act in own]}
        item = paths.setdefault(template_of(path), {})
        item[method.lower()] = {**_operation(path, described), **told}
        if described.has_head:
            item["head"] = {**_operation(path, described, is_head=True), **told}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Polaris Hub", "version": library_version(), "description": _ABOUT},
        "servers": [{"url": base}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "paths": paths,
    }
    return {**document, "components": _components(document, base)}


def _operation(path: str, described: Described, *, is_head: bool = False) -> dict[str, Any]:
    names = [f"path.{name}" for name in _CONVERTED.findall(path)] + list(described.parameters)
    found: dict[str, Any] = {
        "operationId": described.id + ("Head" if is_head else ""),
        "tags": [described.tag],
        "summary": described.summary,
        **({"description": described.about} if described.about else {}),
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
        "responses": dict(_responses(described, is_head=is_head)),
    }
    if described.body is not None:
        body = {kind: {"schema": schema} for kind, schema in described.body.items()}
        found["requestBody"] = {"required": described.body_required, "content": body}
    return found


def _responses(described: Described, *, is_head: bool) -> Iterator[tuple[str, Json]]:
    problems = {*described.problems, *EVERYWHERE}
    for status in sorted({*described.replies, *problems}):
        own = described.replies.get(status)
        if own is None:
            name = problem_name(status) + ("Head" if is_head else "")
            yield str(status), {"$ref": f"#/components/responses/{name}"}
        else:
            other = PROBLEMS[status] if status in problems else None
            yield str(status), _response(own, other, is_head=is_head)


def _response(own: Reply, other: Reply | None = None, *, is_head: bool = False) -> Json:
    """Return a reply; another one may come under the same status."""
    required = set(own.required) if other is None else set(own.required) & set(other.required)
    headers = {*_ALWAYS, *own.headers, *own.required, *(other.required if other else ())}
    bodies = {**own.content, **(other.content if other else {})}
    told: dict[str, Any] = {
        "description": own.about,
        "headers": {name: _header(name, is_required=name in required) for name in sorted(headers)},
    }
    if bodies and not is_head:
        told["content"] = {kind: {"schema": schema} for kind, schema in bodies.items()}
    if own.links and not is_head:
        told["links"] = dict(own.links)
    return told


def _header(name: str, *, is_required: bool) -> Json:
    is_required = is_required or name in _ALWAYS
    return {"$ref": f"#/components/headers/{name}{'.Required' if is_required else ''}"}


def _components(document: Json, base: str) -> dict[str, Any]:
    """Return what the document names, and what that names in turn."""
    responses = {problem_name(status): _response(reply) for status, reply in PROBLEMS.items()}
    responses |= {
        f"{problem_name(status)}Head": _response(reply, is_head=True)
        for status, reply in PROBLEMS.items()
    }
    headers = {**HEADERS, **{f"{n}.Required": {**h, "required": True} for n, h in HEADERS.items()}}
    known: dict[str, Mapping[str, Json]] = {
        "schemas": {**VALUES, **ARTIFACTS, **OBJECTS, **ACCOUNTS, **OAUTH, **OPERATION},
        "parameters": PARAMETERS,
        "headers": headers,
        "responses": responses,
    }
    found: dict[str, Any] = {section: {} for section in known}
    waiting = list(_named(document))
    while waiting:
        section, name = waiting.pop()
        if name not in found[section]:
            found[section][name] = known[section][name]
            waiting += _named(known[section][name])
    told = {section: dict(sorted(parts.items())) for section, parts in found.items()}
    return {**told, "securitySchemes": _schemes(document, base)}


def _schemes(document: Json, base: str) -> dict[str, Any]:
    used = {
        name
        for item in document["paths"].values()
        for operation in item.values()
        for way in operation["security"]
        for name in way
    }
    return {name: scheme for name, scheme in security_schemes(base).items() if name in used}


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what of the components a part of the document names."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            found = _REF.fullmatch(inner) if key == "$ref" and isinstance(inner, str) else None
            if found:
                yield found[1], found[2]
            else:
                yield from _named(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _named(inner)
