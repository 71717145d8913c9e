"""The document: it is of the routes that are there, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
import httpx
import jsonschema_rs
import pytest
import schemathesis

from polaris_adapters.hub_server import Hub, create_app
from polaris_adapters.hub_server.access import TABLE, Act, Standing
from polaris_adapters.hub_server.guarded import acts_of
from polaris_adapters.hub_server.openapi import OPERATIONS, document_of, template_of
from tests.adapters.hub_server.openapi.running import BASE, World

METHODS = {"get", "head", "put", "post", "delete", "patch"}
NO_STORE = {"POST /api/v3/{kind}/{owner}/{slug}/revisions/{revision}/credentials"}


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return document_of(world.app.routes, base=BASE)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_each_route_has_one_operation_and_the_reverse(
    world: World, document: dict[str, Any]
) -> None:
    mounted = {(m, template_of(p)): acts for (m, p), acts in acts_of(world.app.routes).items()}
    told = {(m, p): o["x-polaris-acts"] for m, p, o in _operations(document)}
    assert len(told) > 110
    # HEAD is told where it is of use; every GET answers it.
    heads = {route for route in mounted if route[0] == "HEAD"} - told.keys()
    assert {
        route: [act.value for act in mounted[route]] for route in mounted.keys() - heads
    } == told
    assert all(("GET", path) in told for _, path in heads)


def test_descriptions_that_no_hub_serves_are_those_of_a_store_of_its_own(
    document: dict[str, Any],
) -> None:
    told = {f"{method} {path}" for method, path, _ in _operations(document)}
    assert {f"{m} {template_of(p)}" for m, p in OPERATIONS} - told == NO_STORE


def test_scopes_are_those_of_the_table(document: dict[str, Any]) -> None:
    own = {template_of(p) for (_, p), described in OPERATIONS.items() if described.security is None}
    seen = set()
    for method, path, operation in _operations(document):
        if path not in own or OPERATIONS.get((method, path), _SOME).security is not None:
            continue
        acts = [Act(text) for text in operation["x-polaris-acts"]]
        ways = operation["security"]
        is_open = any(Standing.ANONYMOUS in TABLE[act].standings for act in acts)
        assert ({} in ways) == is_open, (method, path)
        scopes = {scope for way in ways for found in way.values() for scope in found}
        assert scopes == {TABLE[act].scope for act in acts} - {None}, (method, path)
        seen.update(acts)
    assert seen >= set(Act) - {Act.SIGN_IN, Act.USE_ADDRESS}


_SOME = next(iter(OPERATIONS.values()))


def test_it_is_valid(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )


def test_names_are_of_one_thing_each_and_of_something(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    schemes = document["components"]["securitySchemes"]
    for _, path, operation in _operations(document):
        assert set(operation["tags"]) <= tags
        assert {name for way in operation["security"] for name in way} <= schemes.keys()
        names = {
            p["$ref"].rpartition(".")[2]
            for p in operation["parameters"]
            if ".path." in p["$ref"].replace("/", ".")
        }
        assert set(re.findall(r"\{(\w+)\}", path)) == names
        for reply in operation["responses"].values():
            for link in reply.get("links", {}).values():
                assert link["operationId"] in ids
    used = {name for _, _, o in _operations(document) for way in o["security"] for name in way}
    assert schemes.keys() == used


async def test_it_is_served_to_anybody(world: World) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url=BASE) as http:
        reply = await http.get("/api/openapi.json")
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "application/json"
        assert reply.json() == document_of(world.app.routes, base=BASE)
        assert reply.json()["servers"] == [{"url": BASE}]
        tag = {"if-none-match": reply.headers["etag"]}
        again = await http.get("/api/openapi.json", headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        other = await http.get("/api/openapi.json", headers={"if-none-match": '"other"'})
        assert other.content == reply.content


async def test_a_smaller_hub_tells_what_it_has(hub: Hub) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(hub)), base_url="http://localhost:8000"
    ) as http:
        told = (await http.get("/api/openapi.json")).json()
    assert told["servers"] == [{"url": "http://localhost:8000"}]
    assert "/api/v3/accounts" not in told["paths"]
    assert "/oauth2/token" not in told["paths"]
    assert "getOwner" not in str(told["paths"].values())
    assert set(told["components"]["securitySchemes"]) == {"bearer"}


def test_a_store_that_gives_credentials_is_told(hub: Hub) -> None:
    class Store:
        pass

    given = attrs.evolve(hub, temporary=Store())  # type: ignore[arg-type]
    told = document_of(create_app(given).routes, base=BASE)
    assert {f"{m} {p}" for m, p, _ in _operations(told)} >= NO_STORE
