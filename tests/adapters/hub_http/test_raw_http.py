"""Calls of a hub's API that users make by themselves."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from polaris.errors import HubUnreachableError, InvalidInputError, PolarisHubError
from polaris.hub.client import AsyncPolarisHubClient, PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris_adapters.hub_http.family import httpx as family

OpenClient = Callable[..., Any]


class Echo:
    """Answers with what it was sent."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = statuses or (200,)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses[min(len(self.requests), len(self.statuses)) - 1]
        if status == 0:
            raise httpx.ReadError("broken")
        body = {
            "method": request.method, "url": str(request.url), "body": request.read().decode(),
            "headers": dict(request.headers),
        }  # fmt: skip
        return httpx.Response(status, json=body, headers={"x-of-the-hub": "1"})


@pytest.mark.parametrize("verb", ["get", "post", "put", "delete"])
def test_a_verb_goes_below_the_api_with_the_token(open_client: OpenClient, verb: str) -> None:
    client = open_client(Echo(), token="secret", generation="g2")
    reply = getattr(client, verb)("v2/thing", params={"a": "b c"}, headers={"X-Mine": "yes"})
    assert isinstance(reply, family.Response)
    sent = reply.json()
    assert (sent["method"], sent["url"]) == (
        verb.upper(), "https://hub.example/api/v2/thing?a=b+c",
    )  # fmt: skip
    assert sent["headers"]["authorization"] == "Bearer secret"
    assert sent["headers"]["x-mine"] == "yes"
    assert reply.headers["x-of-the-hub"] == "1"


def test_without_a_sign_in_there_is_no_token(open_client: OpenClient) -> None:
    assert "authorization" not in open_client(Echo()).get("/v1/x").json()["headers"]


@pytest.mark.parametrize(
    ("keywords", "kind", "body"),
    [
        ({"json": {"a": 1}}, "application/json", '{"a":1}'),
        ({"data": {"a": "b c"}}, "application/x-www-form-urlencoded", "a=b+c"),
        ({"content": b"raw"}, None, "raw"),
        ({"content": "text"}, None, "text"),
        ({"content": iter([b"in ", b"parts"])}, None, "in parts"),
        ({"files": {"f": ("n.txt", b"data")}}, "multipart/form-data", None),
    ],
)
def test_bodies_are_made_as_the_http_library_makes_them(
    open_client: OpenClient, keywords: dict[str, Any], kind: str | None, body: str | None
) -> None:
    sent = open_client(Echo()).post("v2/thing", **keywords).json()
    assert (sent["headers"].get("content-type") or "").startswith(kind or "")
    assert "data" in sent["body"] if body is None else sent["body"] == body


def test_cookies_are_sent(open_client: OpenClient) -> None:
    assert open_client(Echo()).get("x", cookies={"a": "b"}).json()["headers"]["cookie"] == "a=b"


@pytest.mark.parametrize("status", [204, 302, 400, 401, 403, 404, 409, 422, 500])
def test_a_refusal_is_an_answer_as_well(open_client: OpenClient, status: int) -> None:
    reply = open_client(Echo(status)).post("v2/thing", json={})
    assert reply.status_code == status
    assert reply.json()["method"] == "POST"


def test_what_may_be_repeated_is_tried_again(open_client: OpenClient) -> None:
    hub = Echo(503, 503, 200)
    assert open_client(hub, max_attempts=3).get("x").status_code == 200
    assert len(hub.requests) == 3


def test_the_last_refusal_comes_back(open_client: OpenClient) -> None:
    hub = Echo(503)
    assert open_client(hub, max_attempts=2).put("x", json={}).status_code == 503
    assert len(hub.requests) == 2


def test_what_may_not_be_repeated_is_sent_once(open_client: OpenClient) -> None:
    hub = Echo(503)
    assert open_client(hub, max_attempts=3).post("x", json={}).status_code == 503
    assert len(hub.requests) == 1


def test_a_broken_connection_is_an_error(open_client: OpenClient) -> None:
    with pytest.raises(HubUnreachableError):
        open_client(Echo(503, 0), max_attempts=2).get("x")


def test_another_origin_gets_no_token(open_client: OpenClient) -> None:
    client = open_client(Echo(), token="secret")
    sent = client.get("https://elsewhere.example/x").json()
    assert sent["url"] == "https://elsewhere.example/x"
    assert "secret" not in str(sent)


def test_credentials_that_the_user_brings_along_are_meant(open_client: OpenClient) -> None:
    client = open_client(Echo(), token="secret")
    sent = client.get("x", headers={"Authorization": "Basic mine"}).json()
    assert sent["headers"]["authorization"] == "Basic mine"


@pytest.mark.parametrize(
    ("method", "keywords"),
    [
        ("GET", {"follow_redirects": True}), ("GET", {"auth": ("a", "b")}), ("GET", {"timeout": 1}),
        ("GET", {"bogus": 1}), ("GET", {"params": 3}), ("POST", {"json": {1, 2}}),
        ("POST", {"content": 3}), ("POST", {"json": float("nan")}), ("G T", {}), ("", {}),
        ("GÉT", {}), ("GET", {"headers": 3}), ("GET", {"headers": {"a": "\u2028"}}),
    ],
)  # fmt: skip
def test_what_no_request_can_be_made_of_is_refused(
    open_client: OpenClient, method: str, keywords: dict[str, Any]
) -> None:
    hub = Echo()
    with pytest.raises(InvalidInputError) as caught:
        open_client(hub).request(method, "x", **keywords)
    assert caught.value.hint
    assert hub.requests == []


@pytest.mark.parametrize("url", ["ftp://x/y", "http://", "https://[", "//\\x"])
def test_what_is_no_address_is_refused(open_client: OpenClient, url: str) -> None:
    hub = Echo()
    with pytest.raises(PolarisHubError):
        open_client(hub).get(url)
    assert hub.requests == []


@pytest.mark.parametrize("url", [None, 5, b"v2/thing"])
def test_what_is_no_text_is_no_address(open_client: OpenClient, url: Any) -> None:
    hub = Echo()
    with pytest.raises(InvalidInputError, match="no address"):
        open_client(hub).get(url)
    assert hub.requests == []


async def test_the_client_for_event_loops_has_them_too(tmp_path: Path) -> None:
    settings = PolarisHubSettings(hub_url="https://hub.example", cache_dir=tmp_path)
    transport = httpx.MockTransport(Echo())
    async with AsyncPolarisHubClient(settings, transport=transport, token="t") as client:
        reply = await client.get("v2/thing")
    assert reply.json()["headers"]["authorization"] == "Bearer t"


def test_hubs_without_http_say_so() -> None:
    with PolarisHubClient(PolarisHubSettings(hub_url="memory://raw")) as client:
        with pytest.raises(PolarisHubError) as caught:
            client.get("v2/dataset")
        assert "HTTP" in caught.value.message
        assert caught.value.hint


def test_both_clients_have_the_same_methods() -> None:
    def public(cls: type) -> set[str]:
        return {name for name, _ in inspect.getmembers(cls) if not name.startswith("_")}

    assert public(AsyncPolarisHubClient) - public(PolarisHubClient) == {"check_open"}
    # The asynchronous one has them as a plain attribute.
    assert public(PolarisHubClient) - public(AsyncPolarisHubClient) == {"settings"}
