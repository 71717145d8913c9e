"""Lists of the native wire: search, filters, orders and the links between pages."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from polaris_adapters.hub_server import Hub

if TYPE_CHECKING:
    from tests.adapters.hub_server.conftest import Ask, Published

LIST = "/api/v3/dataset"


async def _slugs(ask: Ask, query: str, who: str = "owner") -> list[str]:
    reply = await ask("GET", f"{LIST}?{query}", who=who)
    assert reply.status_code == 200, reply.text
    return [entry["slug"] for entry in reply.json()["data"]]


async def test_links_lead_through_all_pages(ask: Ask, published: Published) -> None:
    for number in range(5):
        await published(f"item-{number}", access="public")
    path: str | None = f"{LIST}?limit=2&sort=name&order=desc&text=item&withTotal=true"
    found, totals = [], []
    while path is not None:
        reply = await ask("GET", path, who="anonymous")
        body = reply.json()
        found += [entry["slug"] for entry in body["data"]]
        totals.append(body["metadata"]["total"])
        path = reply.links["next"]["url"] if "next" in reply.links else None
        assert (path is None) == (body["metadata"]["nextCursor"] is None)
    assert found == [f"item-{number}" for number in (4, 3, 2, 1, 0)]
    assert totals == [5, 5, 5]


async def test_a_total_is_told_to_those_who_ask(ask: Ask, published: Published) -> None:
    await published("molecules")
    told = [
        (await ask("GET", f"{LIST}{query}")).json()["metadata"]["total"]
        for query in ("", "?withTotal=false", "?withTotal=true", "?withTotal=true&limit=0")
    ]
    assert told == [None, None, 1, 1]


async def test_a_search_tells_nothing_of_what_is_private(ask: Ask, published: Published) -> None:
    await published("secret-kinases", access="private")
    await published("open-kinases", access="public")
    asked = {"text=kinases": 1, "text=secret": 0, "sort=updated": 1, "sort=name&text=s": 0}
    for who in ("anonymous", "stranger"):
        for query, total in asked.items():
            reply = await ask("GET", f"{LIST}?{query}&withTotal=true", who=who)
            slugs = [entry["slug"] for entry in reply.json()["data"]]
            assert slugs == ["open-kinases"] * total
            assert reply.json()["metadata"]["total"] == total
            assert b"secret" not in reply.content
    assert await _slugs(ask, "text=secret") == ["secret-kinases"]


@pytest.mark.parametrize(
    "query",
    ["sort=size", "order=up", "withTotal=yes", "text=", "text=%21", "createdSince=yesterday",
     "updatedSince=2024-01-01T00:00:00", "version=two", "version=-1", "cursor=x",
     "&".join(["tag=x"] * 33), "text=" + "+".join(f"w{i}" for i in range(40)),
     "owner=%00", "owner=A",
     "updatedSince=0001-01-01T00:00:00%2B14:00"],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(ask: Ask, query: str) -> None:
    reply = await ask("GET", f"{LIST}?{query}")
    assert reply.status_code == 400
    assert reply.json()["code"].startswith("invalid")


async def test_times_and_versions_are_filters(ask: Ask, published: Published) -> None:
    record = await published("molecules")
    moment = quote(record.created_at.isoformat())
    for query, found in (
        (f"createdSince={moment}", 1),
        (f"updatedSince={moment}", 1),
        ("createdSince=2999-01-01T00:00:00Z", 0),
        ("version=1", 1),
        ("version=2", 0),
        ("version=1&version=2&owner=acme&tag=none", 0),
    ):
        assert len(await _slugs(ask, query)) == found


async def test_cursors_are_of_one_order(ask: Ask, hub: Hub, published: Published) -> None:
    for number in range(3):
        await published(f"item-{number}")
    reply = await ask("GET", f"{LIST}?limit=1&sort=name")
    cursor = reply.json()["metadata"]["nextCursor"]
    assert await _slugs(ask, f"sort=name&cursor={cursor}") == ["item-1", "item-2"]
    assert (await ask("GET", f"{LIST}?cursor={cursor}")).status_code == 400
