"""Versions, conditions, deleting and restoring on the native wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.ports.artifacts import ArtifactDraft
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.hub_server import Hub, create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from polaris.ports.artifacts import ArtifactRecord
    from tests.adapters.hub_server.conftest import Ask, Published

DATASET = "/api/v3/dataset/acme/molecules"
WHO = ("anonymous", "stranger", "owner")


async def test_versions_that_were_private_are_for_the_owner(ask: Ask, published: Published) -> None:
    secret = await published("molecules", "secret", access="private")
    shown = await published("molecules", "shown", access="public")
    for who in WHO:
        listed = (await ask("GET", f"{DATASET}/versions", who=who)).json()["data"]
        assert [v["number"] for v in listed] == ([2, 1] if who == "owner" else [2])
        odd = await ask("GET", f"{DATASET}/versions/%00", who=who)
        assert (odd.status_code, odd.json()["code"]) == (404, "artifact_not_found")
        for version in ("1", secret.location.revision):
            reply = await ask("GET", f"{DATASET}/versions/{version}", who=who)
            assert reply.status_code == (200 if who == "owner" else 404)
            if who != "owner":
                # The same, to the letter, as for one that there is none of.
                other = "9" if version == "1" else "0" * 64
                missing = (await ask("GET", f"{DATASET}/versions/{other}", who=who)).json()
                told = {**reply.json(), "requestId": ""}
                assert told == {
                    **missing, "requestId": "", "detail": missing["detail"].replace(other, version)
                }  # fmt: skip
        reply = await ask("GET", f"{DATASET}/versions/2", who=who)
        assert reply.json()["revision"] == shown.location.revision


async def test_what_is_private_now_has_no_versions_for_others(
    ask: Ask, published: Published
) -> None:
    await published("molecules", "shown", access="public")
    await published("molecules", "secret", access="private")
    for who in ("anonymous", "stranger"):
        for path in ("versions", "versions/1"):
            assert (await ask("GET", f"{DATASET}/{path}", who=who)).status_code == 404


async def test_an_earlier_public_version_can_be_read(
    ask: Ask, published: Published, path_of: Callable[[ArtifactRecord], str]
) -> None:
    first = await published("molecules", "first", access="public")
    await published("molecules", "second", access="public")
    body = (await ask("GET", f"{DATASET}/versions/1", who="anonymous")).json()
    path = f"{path_of(first)}/objects/table"
    assert (await ask("GET", path, who="anonymous")).status_code == 404
    read = await ask("GET", f"{path}?ticket={body['ticket']}", who="anonymous")
    assert read.content == b"the table of the first"


async def test_what_is_deleted_has_no_jobs(ask: Ask, published: Published) -> None:
    await published("first-try", kind=ArtifactKind.PREDICTION, evaluate=True)
    path = "/api/v3/prediction/acme/first-try"
    assert len((await ask("GET", f"{path}/jobs")).json()["data"]) == 1
    assert (await ask("DELETE", path)).status_code == 200
    assert (await ask("GET", f"{path}/jobs")).json() == {"data": []}


async def test_what_is_deleted_looks_as_if_it_had_never_been(
    ask: Ask, published: Published, path_of: Callable[[ArtifactRecord], str]
) -> None:
    record = await published("molecules", access="public")
    ticket = (await ask("GET", DATASET)).json()["ticket"]
    gone = [
        ("GET", DATASET), ("GET", f"{DATASET}/versions"), ("GET", f"{DATASET}/versions/1"),
        ("GET", f"{path_of(record)}/objects"), ("GET", f"{path_of(record)}/objects/table"),
        ("GET", f"{path_of(record)}/objects/table?ticket={ticket}"),
    ]  # fmt: skip
    assert (await ask("DELETE", DATASET)).status_code == 200
    for who in WHO:
        for method, path in gone:
            reply = await ask(method, path, who=who)
            assert (reply.status_code, reply.json()["code"]) == (404, "artifact_not_found")
        for query in ("", "?text=molecules"):
            listed = await ask("GET", f"/api/v3/dataset{query}", who=who)
            assert listed.json()["data"] == []
    assert (await ask("POST", f"{DATASET}/restore")).status_code == 200
    for who in WHO:
        for method, path in gone:
            assert (await ask(method, path, who=who)).status_code == 200


@pytest.mark.parametrize("exists", [True, False])
async def test_others_can_neither_delete_nor_restore_nor_see_what_is_deleted(
    ask: Ask, published: Published, hub: Hub, exists: bool
) -> None:
    if exists:
        await published("molecules")
    for who, status in (("anonymous", 401), ("stranger", 403)):
        for method, path in (
            ("DELETE", DATASET), ("POST", f"{DATASET}/restore"), ("GET", f"{DATASET}/tombstone"),
            ("GET", "/api/v3/tombstones?owner=acme"),
        ):  # fmt: skip
            assert (await ask(method, path, who=who)).status_code == status
    assert ((await ask("GET", DATASET)).status_code == 200) == exists


async def test_the_owner_sees_who_deleted_what(ask: Ask, published: Published) -> None:
    record = await published("molecules", access="public")
    deleted = (await ask("DELETE", DATASET)).json()
    assert deleted["deletedBy"] == "alice"
    assert deleted["revision"] == record.location.revision
    assert (await ask("GET", f"{DATASET}/tombstone")).json() == deleted
    listed = (await ask("GET", "/api/v3/tombstones?owner=acme")).json()
    assert listed == {"data": [deleted], "metadata": {"nextCursor": None}}
    for query, status in (("", 400), ("?owner=..", 400), ("?owner=acme&limit=0", 400),
                          ("?owner=mallory", 403)):  # fmt: skip
        assert (await ask("GET", f"/api/v3/tombstones{query}")).status_code == status


async def test_a_deletion_may_depend_on_the_revision(ask: Ask, published: Published) -> None:
    await published("molecules", "first")
    old = (await ask("GET", DATASET)).headers["etag"]
    await published("molecules", "second")
    reply = await ask("DELETE", DATASET, headers={"if-match": old})
    assert (reply.status_code, reply.json()["code"]) == (412, "artifact_changed")
    new = (await ask("GET", DATASET)).headers["etag"]
    assert (await ask("DELETE", DATASET, headers={"if-match": new})).status_code == 200


@pytest.mark.parametrize("header", ["*", "x", '"x"', 'W/"' + "0" * 64 + '"', '"a", "b"', ""])
async def test_a_condition_that_is_not_understood_is_refused(
    ask: Ask, published: Published, header: str
) -> None:
    record = await published("molecules")
    assert (await ask("DELETE", DATASET, headers={"if-match": header})).status_code == 400
    assert (await ask("GET", DATASET)).json()["number"] == record.number


async def test_a_commit_may_depend_on_the_revision(
    ask: Ask,
    hub: Hub,
    dataset: ArtifactRef,
    body_of: Callable[[ArtifactDraft], bytes],
) -> None:
    async def committed(content: str, **headers: str) -> int:
        draft = draft_of("molecules", content)
        begun = await ask("POST", f"{DATASET}/publications", content=body_of(draft))
        assert begun.status_code == 201
        path = f"{DATASET}/publications/{draft.revision}/commit"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await ask("POST", path, content=body_of(draft), headers=named)).status_code

    assert await committed("first", if_none_match="*") == 200
    first = (await ask("GET", DATASET)).headers["etag"]
    assert await committed("second", if_none_match="*") == 412
    assert await committed("second", if_match=f'"{"0" * 64}"') == 412
    assert await committed("second", if_none_match=first) == 400
    assert (await hub.artifacts.get(dataset)).number == 1
    assert await committed("second", if_match=first) == 200
    assert await committed("third", if_match=first) == 412


async def test_publishing_over_a_tombstone_says_what_to_do(
    ask: Ask, published: Published, body_of: Callable[[ArtifactDraft], bytes]
) -> None:
    await published("molecules")
    await ask("DELETE", DATASET)
    for query in ("", "?ifExists=replace", "?ifExists=raise", "?ifExists=skip"):
        body = body_of(draft_of("molecules", "second"))
        reply = await ask("POST", f"{DATASET}/publications{query}", content=body)
        assert (reply.status_code, reply.json()["code"]) == (409, "artifact_deleted")
        assert "Restore it" in reply.json()["hint"]


async def test_a_hub_without_a_history_says_so(hub: Hub) -> None:
    import httpx

    await publish(hub.artifacts, draft_of("molecules", access="public"))
    app = create_app(attrs.evolve(hub, history=None))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        reply = await client.get(f"{DATASET}/versions")
        assert (reply.status_code, reply.json()["code"]) == (404, "hub")
        assert (await client.get(DATASET)).status_code == 200
