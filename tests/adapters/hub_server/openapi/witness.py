"""Watches the replies of hubs, and tells which of them their document does not."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import attrs
import jsonschema_rs
from starlette.applications import Starlette
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from polaris_adapters.hub_server.guarded import acts_of
from polaris_adapters.hub_server.openapi import document_of, template_of
from tests.adapters.hub_server.openapi.closing import closed

__all__ = ["Witness", "watched"]

_PARSED = re.compile(r"application/([\w.]+\+)?json")


@attrs.define
class Witness:
    """Knows one document.

    Attributes:
        document: The document, whose replies have no other fields than those that it tells.
    """

    document: dict[str, Any]
    _validators: dict[Any, Any] = attrs.field(factory=dict)

    def objections(
        self, path: str, method: str, status: int, headers: dict[str, str], body: bytes
    ) -> Iterator[str]:
        """Yield what a reply has that is not in the document.

        Args:
            path: The path as the document has it.
            method: Of the request.
            status: Of the reply.
            headers: Its headers, by name in lower case.
            body: Its body.
        """
        item = self.document["paths"].get(path)
        if item is None:
            return  # A route that a test has added.
        # A HEAD that is not told is its GET without a body, which servers leave out.
        operation = item.get(method.lower()) or item["get"]
        reply = self._found(operation["responses"].get(str(status)))
        if reply is None:
            yield f"{status} is not told"
            return
        for name, header in reply["headers"].items():
            value, told = headers.get(name.lower()), self._found(header)
            if value is None and told.get("required") and method != "HEAD":
                yield f"{status} comes without {name}"
            if value is not None and told["schema"].get("type") == "string":
                yield from self._wrong((path, name, status), told["schema"], value, name)
        media = headers.get("content-type", "").partition(";")[0]
        told = reply.get("content", {})
        if method == "HEAD":
            return
        if not told:
            if body:
                yield f"{status} has a body"
        elif media not in told:
            yield f"{status} comes as {media!r}"
        elif _PARSED.fullmatch(media):
            key = (path, method, status, media)
            yield from self._wrong(key, told[media]["schema"], json.loads(body), "the body")

    def _found(self, part: Any) -> Any:
        while isinstance(part, dict) and "$ref" in part:
            section, name = part["$ref"].removeprefix("#/components/").split("/")
            part = self.document["components"][section][name]
        return part

    def _wrong(self, key: Any, schema: Any, value: Any, what: str) -> Iterator[str]:
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        for error in self._validators[key].iter_errors(value):
            yield f"{what} of {key[-1]}: {list(error.instance_path)}: {error.message}"


_WITNESSES: dict[frozenset[Any], Witness] = {}
_Call = Callable[[Starlette, Scope, Receive, Send], Awaitable[None]]


def watched(call: _Call, objections: list[str]) -> _Call:
    """Return what serves as an application does, and notes what its document leaves out."""

    async def serving(self: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
        place = _place(self, scope) if scope["type"] == "http" else None
        if place is None:
            await call(self, scope, receive, send)
            return
        started: Message = {}
        body = bytearray()

        async def told(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    objections.extend(_objections(self, scope, place, started, bytes(body)))
            await send(message)

        await call(self, scope, receive, told)

    return serving


def _place(app: Starlette, scope: Scope) -> str | None:
    """Return the path as the document of a hub has it; None where there is no route for it."""
    fresh = {**scope, "path_params": {}, "app": app}
    for route in app.routes:
        if route.matches(fresh)[0] is Match.FULL:
            return template_of(getattr(route, "path", ""))
    return None


def _objections(
    app: Starlette, scope: Scope, path: str, started: Message, body: bytes
) -> Iterator[str]:
    routes = frozenset(acts_of(app.routes))
    if routes not in _WITNESSES:
        document = closed(document_of(app.routes, base="https://hub.example"))
        _WITNESSES[routes] = Witness(document)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in started["headers"]}
    witness, method = _WITNESSES[routes], scope["method"]
    for objection in witness.objections(path, method, started["status"], headers, body):
        yield f"{method} {path}: {objection}"
