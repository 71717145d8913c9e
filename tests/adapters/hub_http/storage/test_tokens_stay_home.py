"""The caller's token goes to the hub, not to where its files lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from polaris.errors import PolarisError

OpenClient = Callable[..., Any]
SECRET = "very-secret-token"


class Hub:
    """A hub whose files lie elsewhere; keeps all requests."""

    def __init__(self, **by_path: Any) -> None:
        self.by_path = by_path
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host != "hub.example":
            return httpx.Response(404)
        reply = self.by_path.get(request.url.path.removeprefix("/api/").replace("/", "__"), 404)
        if isinstance(reply, int):
            return httpx.Response(reply)
        if isinstance(reply, httpx.Response):
            return reply
        return httpx.Response(200, content=json.dumps(reply).encode())

    def check(self) -> None:
        """Look for the token in all that went elsewhere."""
        for request in self.requests:
            everything = f"{request.url}{request.headers.raw!r}{request.read()!r}"
            is_at_home = str(request.url).startswith("https://hub.example/")
            assert is_at_home or SECRET not in everything


# Places that only look like the hub's, or are somebody else's.
ELSEWHERE = [
    "https://files.example/x", "http://hub.example/x", "https://hub.example:8443/x",
    "//files.example/x", "https://hub.example.evil.example/x", "https://hub.example@files.example/x",
    "https://files.example\\@hub.example/x", "HTTPS://FILES.EXAMPLE/x", "https:///files.example/x",
    "https://files.example#@hub.example/x", "\thttps://files.example/x",
]  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("key", ["root", "extension"])
def test_addresses_of_datasets(open_client: OpenClient, key: str, place: str) -> None:
    document: dict[str, Any] = {"name": "data", "root": "https://files.example/t", key: place}
    if key == "extension":
        document |= {"annotations": {"x": {"isPointer": True}}}
    hub = Hub(v1__dataset__acme__data=document)
    client = open_client(hub, token=SECRET, generation="g2")
    with pytest.raises(PolarisError):
        client.get_dataset("acme", "data")
    hub.check()


@pytest.mark.parametrize("place", ELSEWHERE)
def test_addresses_of_index_sets(open_client: OpenClient, place: str) -> None:
    split = {"training": place, "test": place}
    document = {"dataset": {"artifactId": "acme/data"}, "split": split, "targetCols": ["y"]}
    hub = Hub(v2__benchmark__acme__bench=document)
    client = open_client(hub, token=SECRET, generation="g2")
    with pytest.raises(PolarisError):
        client.get_benchmark("acme", "bench")
    hub.check()


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("step", ["table", "signed"])
def test_addresses_of_older_hubs(open_client: OpenClient, step: str, place: str) -> None:
    table = place if step == "table" else "/storage/dataset/acme/data/t"
    signed = {"url": place, "method": "GET", "headers": {}}
    hub = Hub(
        v1__dataset__acme__data={"name": "data", "tableContent": {"url": table}},
        v1__storage__dataset__acme__data__t=httpx.Response(307, json=signed),
    )
    client = open_client(hub, token=SECRET, generation="g1")
    with pytest.raises(PolarisError):
        client.get_dataset("acme", "data")
    hub.check()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(open_client: OpenClient, status: int) -> None:
    moved = httpx.Response(status, headers={"location": "https://files.example/x"})
    hub = Hub(v1__dataset=moved, v2__dataset=moved)
    client = open_client(hub, token=SECRET, generation="g2")
    with pytest.raises(PolarisError):
        client.list_datasets()
    hub.check()
    assert all(request.url.host == "hub.example" for request in hub.requests)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_storage_tokens_name_a_place_and_get_no_token(open_client: OpenClient, place: str) -> None:
    extra = {"key": "k", "secret": "s", "endpoint": place, "paths": {"root": "polarisfs://b/t"}}
    hub = Hub(
        v1__dataset__acme__data={"name": "data"},
        auth__token={"access_token": "sto", "extra_data": extra},
    )
    client = open_client(hub, token=SECRET, generation="g2")
    with pytest.raises(PolarisError):
        client.get_dataset("acme", "data")
    hub.check()


@pytest.mark.parametrize("place", ELSEWHERE)
def test_pages_are_shown_and_not_opened(open_client: OpenClient, place: str) -> None:
    from polaris.model import Model

    headers = {"content-location": place.strip().replace("\\", "%5C")}
    hub = Hub(v2__model__acme__mine=httpx.Response(200, json={}, headers=headers))
    client = open_client(hub, token=SECRET, generation="g2")
    record = client.upload_model(Model(name="mine", owner="acme"))
    assert len(hub.requests) == 1
    assert record.page is None or record.page.startswith("https://")
