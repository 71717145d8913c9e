"""Which generation of the wire a hub speaks: asked once, remembered, corrected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from polaris.errors import ArtifactNotFoundError, HubReplyError, PolarisHubError

OpenClient = Callable[..., Any]

EMPTY: dict[str, Any] = {"data": [], "metadata": {"total": 0}}


class Hub:
    """Answers with documents by path; 404 for all others."""

    def __init__(self, **by_path: Any) -> None:
        self.replies = {path.replace("__", "/"): reply for path, reply in by_path.items()}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        reply = self.replies.get(request.url.path.removeprefix("/api/"), 404)
        if isinstance(reply, httpx.Response):
            return reply
        if isinstance(reply, int):
            return httpx.Response(reply, json={"message": "no"})
        return httpx.Response(200, json=reply)

    @property
    def questions(self) -> list[str]:
        """What was asked to find the generation."""
        return [path for path in self.asked if path.endswith("/polaris-hub")]


def newer() -> Hub:
    return Hub(v2__dataset=EMPTY, v1__dataset=EMPTY)


def older() -> Hub:
    return Hub(v1__dataset={"data": [{"artifactId": "acme/data"}]})


def test_a_newer_hub_is_told_by_its_lists(open_client: OpenClient) -> None:
    hub = newer()
    client = open_client(hub)
    assert client.list_datasets() == []
    assert client.list_datasets() == []
    assert hub.asked == [
        "/.well-known/polaris-hub", "/api/v2/dataset",
        "/api/v2/dataset", "/api/v1/dataset", "/api/v2/dataset", "/api/v1/dataset",
    ]  # fmt: skip


def test_an_older_hub_has_one_list(open_client: OpenClient) -> None:
    hub = older()
    assert open_client(hub, token="t").list_datasets() == ["acme/data"]
    assert hub.asked[:3] == ["/.well-known/polaris-hub", "/api/v2/dataset", "/api/v1/dataset"]


def test_an_older_hub_that_wants_a_token_is_an_older_hub(open_client: OpenClient) -> None:
    hub = Hub(v1__dataset=401)
    with pytest.raises(PolarisHubError) as caught:
        open_client(hub).list_datasets()
    assert caught.value.code == "unauthorized"


def test_later_processes_do_not_ask(open_client: OpenClient) -> None:
    first, second = newer(), newer()
    open_client(first).list_datasets()
    open_client(second).list_datasets()
    assert len(first.questions) == 1
    assert second.questions == []


def test_the_answer_is_of_one_hub(open_client: OpenClient) -> None:
    open_client(newer()).list_datasets()
    other = newer()
    open_client(other, hub_url="https://other.example").list_datasets()
    assert len(other.questions) == 1


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{", '{"https://hub.example/api": 3}', '{"https://hub.example/api": {}}',
        '{"https://hub.example/api": {"generation": "g9", "at": "2026-01-01T00:00:00+00:00"}}',
        '{"https://hub.example/api": {"generation": "g1", "at": "yesterday"}}',
        '{"https://hub.example/api": {"generation": "g1", "at": "2020-01-01T00:00:00+00:00"}}',
        '{"https://hub.example/api": {"generation": "g1", "at": "2999-01-01T00:00:00+00:00"}}',
        '{"https://hub.example/api": ["generation", "at"]}', "\x00\xff",
    ],
)  # fmt: skip
def test_a_memory_that_says_nothing_is_asked_anew(
    open_client: OpenClient, tmp_path: Path, content: str
) -> None:
    memory = tmp_path / "cache" / "hub-generations.json"
    memory.parent.mkdir()
    memory.write_text(content, encoding="latin-1")
    hub = newer()
    assert open_client(hub).list_datasets() == []
    assert len(hub.questions) == 1
    assert json.loads(memory.read_bytes())["https://hub.example/api"]["generation"] == "g2"


def test_a_wrong_memory_is_corrected_when_the_hub_does_not_know_an_address(
    open_client: OpenClient,
) -> None:
    open_client(newer()).list_datasets()
    # The hub was replaced by an older one.
    hub = older()
    hub.replies["v1/benchmark/acme/bench"] = 404
    client = open_client(hub, token="t")
    with pytest.raises(ArtifactNotFoundError):
        client.get_benchmark("acme", "bench")
    assert len(hub.questions) == 1
    assert client.list_datasets() == ["acme/data"]
    with pytest.raises(ArtifactNotFoundError):
        client.get_benchmark("acme", "bench")
    assert len(hub.questions) == 1, "it is asked again once"
    later = older()
    open_client(later, token="t").list_datasets()
    assert later.questions == []


def test_a_right_memory_is_asked_about_once(open_client: OpenClient) -> None:
    open_client(newer()).list_datasets()
    hub = newer()
    client = open_client(hub)
    for _ in range(3):
        with pytest.raises(ArtifactNotFoundError):
            client.get_dataset("acme", "nothing")
    assert len(hub.questions) == 1


def test_what_the_settings_say_is_never_asked(open_client: OpenClient) -> None:
    hub = Hub()
    client = open_client(hub, generation="g2")
    with pytest.raises(ArtifactNotFoundError):
        client.get_dataset("acme", "nothing")
    with pytest.raises(ArtifactNotFoundError):
        client.list_datasets()
    assert hub.questions == []


@pytest.mark.parametrize(
    "reply",
    [
        404, 302,
        httpx.Response(200, html="<html>Sign in</html>"),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, json=[]),
    ],
    ids=["missing", "moved", "page", "bytes", "list"],
)  # fmt: skip
def test_what_is_no_hub_is_said_to_be_none(open_client: OpenClient, reply: Any) -> None:
    hub = Hub(v2__dataset=reply, v1__dataset=reply)
    hub.replies["/.well-known/polaris-hub"] = reply
    with pytest.raises(HubReplyError) as caught:
        open_client(hub).list_datasets()
    assert "https://hub.example/api" in caught.value.message
    assert caught.value.hint


def test_a_hub_that_has_moved_is_said_to_be_elsewhere(open_client: OpenClient) -> None:
    to = {"location": "https://user:secret@new.example/api/v2/dataset?key=secret"}
    hub = Hub(v2__dataset=httpx.Response(301, headers=to))
    with pytest.raises(HubReplyError) as caught:
        open_client(hub).list_datasets()
    assert "it redirects to https://new.example/api/v2/dataset." in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_no_failure(
    open_client: OpenClient, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file")
    assert open_client(newer()).list_datasets() == []
