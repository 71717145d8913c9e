"""Addresses that the hub signs: good without a token, for one thing, for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
import httpx
import pytest

from polaris.ports.artifacts import ArtifactRecord
from polaris.ports.storage import Read
from polaris.testing import ManualClock
from polaris_adapters.hub_server import Hub, KnownTokens

Ask = Callable[..., Awaitable[httpx.Response]]
Published = Callable[..., Awaitable[ArtifactRecord]]
PathOf = Callable[[ArtifactRecord], str]

DATA = b"content of an object"
SHA = hashlib.sha256(DATA).hexdigest()
PUT = {"method": "PUT", "key": "new", "size": len(DATA), "sha256": SHA}
GET = {"method": "GET", "key": "table"}
TABLE = b"the table of the first"


async def _signed(ask: Ask, path: str, *requests: Any, **body: Any) -> list[dict[str, Any]]:
    reply = await ask("POST", f"{path}/sign", json={"requests": requests, **body})
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "no-store"
    found: list[dict[str, Any]] = reply.json()["signed"]
    return found


def _changed(url: str, **query: str | None) -> str:
    parts = urlsplit(url)
    pairs = dict(parse_qsl(parts.query)) | query
    return f"{parts.path}?{urlencode({k: v for k, v in pairs.items() if v is not None})}"


async def test_an_address_reads_one_private_object(
    ask: Ask, published: Published, path_of: PathOf
) -> None:
    record = await published("molecules")
    [signed] = await _signed(ask, path_of(record), GET)
    assert signed["throughHub"] is True
    url = signed["url"]
    reply = await ask("GET", url, who="anonymous")
    assert (reply.status_code, reply.content) == (200, TABLE)
    head = await ask("HEAD", url, who="anonymous")
    assert head.headers["content-length"] == str(len(TABLE))
    part = await ask("GET", url, who="anonymous", headers={"range": "bytes=4-8"})
    assert (part.status_code, part.content) == (206, b"table")


async def test_an_address_writes_what_it_was_signed_for_and_nothing_else(
    ask: Ask, hub: Hub, published: Published, path_of: PathOf
) -> None:
    record = await published("molecules")
    [signed] = await _signed(ask, path_of(record), PUT)
    url = signed["url"]
    for content in (b"other bytes", DATA[:-1], DATA.upper()):
        reply = await ask("PUT", url, who="anonymous", content=content)
        assert reply.status_code in (403, 422)
    store = await hub.storage.open(record.location)
    assert await store.get([Read("new")]) == [None]
    assert (await ask("PUT", url, who="anonymous", content=DATA)).status_code == 201
    assert await store.get([Read("new")]) == [DATA]
    [only_new] = await _signed(ask, path_of(record), {**PUT, "onlyNew": True})
    assert (await ask("PUT", only_new["url"], who="anonymous", content=DATA)).status_code == 412


@pytest.mark.parametrize(
    "query",
    [
        {"method": "PUT"},
        {"expires": "99999999999"},
        {"signature": "0" * 64},
        {"signature": "é"},
        {"signature": None},
        {"expires": None},
        {"size": "1"},
        {"sha256": "0" * 64},
        {"new": "1"},
    ],
)
async def test_a_changed_address_is_not_good(
    ask: Ask, published: Published, path_of: PathOf, query: dict[str, str | None]
) -> None:
    [signed] = await _signed(ask, path_of(await published("molecules")), GET)
    reply = await ask("GET", _changed(signed["url"], **query), who="anonymous")
    assert (reply.status_code, reply.json()["code"]) == (403, "access_denied")


async def test_an_address_is_for_one_object_one_revision_and_one_method(
    ask: Ask, published: Published, path_of: PathOf
) -> None:
    first = await published("molecules")
    second = await published("molecules", "second")
    [signed] = await _signed(ask, path_of(first), GET)
    url = signed["url"]
    others = [
        ("GET", url.replace("/table?", "/other?")),
        ("GET", url.replace(first.location.revision, second.location.revision)),
        ("GET", url.replace("/molecules/", "/another/")),
        ("PUT", url),
    ]
    for method, other in others:
        assert other != url or method == "PUT"
        assert (await ask(method, other, who="anonymous")).status_code == 403
    assert (await ask("GET", url, who="anonymous")).content == TABLE


async def test_an_address_ends(
    ask: Ask, clock: ManualClock, published: Published, path_of: PathOf
) -> None:
    path = path_of(await published("molecules"))
    short, long = await _signed(ask, path, GET, seconds=60), await _signed(ask, path, GET)
    clock.advance(61)
    assert (await ask("GET", short[0]["url"], who="anonymous")).status_code == 403
    assert (await ask("GET", long[0]["url"], who="anonymous")).status_code == 200
    clock.advance(900)
    assert (await ask("GET", long[0]["url"], who="anonymous")).status_code == 403


@pytest.mark.parametrize("who", ["stranger", "anonymous"])
async def test_who_may_not_read_or_write_gets_no_address(
    ask: Ask, published: Published, path_of: PathOf, who: str
) -> None:
    private = path_of(await published("molecules"))
    reply = await ask("POST", f"{private}/sign", json={"requests": [GET]}, who=who)
    assert (reply.status_code, reply.json()["code"]) == (404, "artifact_not_found")
    public = path_of(await published("public-ones", access="public"))
    reply = await ask("POST", f"{public}/sign", json={"requests": [GET]}, who=who)
    assert reply.status_code == 200
    reply = await ask("POST", f"{public}/sign", json={"requests": [GET, PUT]}, who=who)
    assert reply.status_code == (401 if who == "anonymous" else 403)


async def test_an_address_is_good_at_a_hub_that_wants_tokens_for_all_else(
    ask: Ask, hub: Hub, published: Published, path_of: PathOf
) -> None:
    [signed] = await _signed(ask, path_of(await published("molecules")), GET)
    assert isinstance(hub.callers, KnownTokens)
    hub.callers.anonymous = False
    assert (await ask("GET", signed["url"], who="anonymous")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": [GET] * 1001},
        {"requests": [{"method": "DELETE", "key": "table"}]},
        {"requests": [{"method": "GET", "key": "../table"}]},
        {"requests": [{"method": "PUT", "key": "new"}]},
        {"requests": [{**PUT, "sha256": "0"}]},
        {"requests": [{**PUT, "size": 2**21}]},
        {"requests": [GET], "seconds": 3601},
        {"requests": [GET], "seconds": 0},
    ],
    ids=str,
)
async def test_what_cannot_be_signed_is_refused(
    ask: Ask, published: Published, path_of: PathOf, body: Any
) -> None:
    path = path_of(await published("molecules"))
    reply = await ask("POST", f"{path}/sign", json=body)
    assert reply.status_code == 400
    assert reply.json()["hint"] or reply.json()["errors"]


async def test_a_thousand_are_signed_by_one_call(
    ask: Ask, published: Published, path_of: PathOf
) -> None:
    path = path_of(await published("molecules"))
    found = await _signed(ask, path, *([GET, PUT] * 500))
    assert [signed["method"] for signed in found] == ["GET", "PUT"] * 500


async def test_a_hub_with_another_key_does_not_know_the_address(
    hub: Hub, ask: Ask, published: Published, path_of: PathOf
) -> None:
    from polaris_adapters.hub_server import create_app
    from polaris_adapters.hub_server.tickets import Tickets

    [signed] = await _signed(ask, path_of(await published("molecules")), GET)
    app = create_app(attrs.evolve(hub, tickets=Tickets(b"k" * 32)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.example") as client:
        assert (await client.get(signed["url"])).status_code == 403
