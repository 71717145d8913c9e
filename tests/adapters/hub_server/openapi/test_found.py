"""What schemathesis has found, so that it does not come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from polaris.ports.artifacts import ArtifactRecord

Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v3/dataset/acme/molecules", "DELETE, GET, HEAD"),
        ("POST", "/api/v3/dataset/acme/molecules", "DELETE, GET, HEAD"),
        ("OPTIONS", "/api/v3/dataset/acme/molecules/restore", "POST"),
        # Not the list of artifacts of a kind "sign-out".
        ("GET", "/api/v3/sign-out", "POST"),
        ("DELETE", "/api/v3/me", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("authorization", ["", "nonsense", "Bearer good-for-nothing"])
async def test_what_is_allowed_at_a_path_is_told_whole_and_before_who_calls_is_looked_at(
    ask: Ask, method: str, path: str, allowed: str, authorization: str
) -> None:
    reply = await ask(method, path, who="anonymous", headers={"authorization": authorization})
    assert reply.status_code == 405, reply.text
    assert reply.headers.get_list("allow") == [allowed]
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v3/molecules", "/api/v3/no-kind/acme/molecules"])
async def test_there_is_nothing_where_there_is_no_such_kind(ask: Ask, path: str) -> None:
    reply = await ask("GET", path)
    assert (reply.status_code, reply.json()["status"]) == (404, 404)


@pytest.mark.parametrize("condition", ['"9"', '"9", *', "", "nothing"])
async def test_a_condition_on_a_new_object_that_is_not_understood_is_not_passed_over(
    ask: Ask,
    published: Callable[..., Awaitable[ArtifactRecord]],
    path_of: Callable[[ArtifactRecord], str],
    condition: str,
) -> None:
    path = f"{path_of(await published('molecules'))}/objects/table"
    before: Any = (await ask("GET", path)).content
    reply = await ask("PUT", path, content=b"x", headers={"if-none-match": condition})
    assert reply.status_code == 400, reply.text
    assert (await ask("GET", path)).content == before
