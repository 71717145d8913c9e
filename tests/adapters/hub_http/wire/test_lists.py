"""Lists of released hubs, whose two versions make up one list (protocol section 2.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polaris.errors import ArtifactNotFoundError, InvalidInputError, PolarisHubError

OpenClient = Callable[..., Any]


class Hub:
    """Has so many artifacts of each version.

    Attributes:
        counts: How many, by version.
        ignores_limit: Whether it gives all that come after the offset.
        tells_total: Whether it says how many there are.
        asked: Paths and queries.
    """

    def __init__(self, newer: int | None, older: int | None) -> None:
        self.counts = {"v2": newer, "v1": older}
        self.ignores_limit = False
        self.tells_total = True
        self.asked: list[tuple[str, int, int]] = []

    def names(self) -> list[str]:
        """All of them, in order."""
        return [f"acme/{v}-{i:03}" for v in ("v2", "v1") for i in range(self.counts[v] or 0)]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        version = request.url.path.split("/")[2]
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        self.asked.append((version, limit, offset))
        count = self.counts[version]
        if count is None:
            return httpx.Response(404)
        stop = count if self.ignores_limit else min(count, offset + limit)
        found = [{"artifactId": f"acme/{version}-{i:03}"} for i in range(offset, stop)]
        metadata = {"total": count} if self.tells_total else {}
        return httpx.Response(200, json={"data": found, "metadata": metadata})


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    newer=st.integers(0, 12), older=st.integers(0, 12), limit=st.integers(0, 30),
    offset=st.integers(0, 30), ignores_limit=st.booleans(),
)  # fmt: skip
def test_a_page_is_a_part_of_one_list(
    open_client: OpenClient, newer: int, older: int, limit: int, offset: int, ignores_limit: bool
) -> None:
    hub = Hub(newer, older)
    hub.ignores_limit = ignores_limit
    client = open_client(hub, generation="g2")
    found = client.list_datasets(limit=limit, offset=offset)
    assert found == hub.names()[offset : offset + limit]


def test_a_full_page_needs_one_question(open_client: OpenClient) -> None:
    hub = Hub(10, 10)
    assert len(open_client(hub, generation="g2").list_benchmarks(limit=5)) == 5
    assert hub.asked == [("v2", 5, 0)]


def test_what_is_missing_is_asked_of_the_older_version(open_client: OpenClient) -> None:
    hub = Hub(3, 10)
    open_client(hub, generation="g2").list_datasets(limit=5, offset=2)
    open_client(hub, generation="g2").list_datasets(limit=5, offset=8)
    assert hub.asked == [("v2", 5, 2), ("v1", 4, 0), ("v2", 5, 8), ("v1", 5, 5)]


def test_a_hub_that_tells_no_total_is_taken_to_have_shown_all(open_client: OpenClient) -> None:
    hub = Hub(2, 3)
    hub.tells_total = False
    assert open_client(hub, generation="g2").list_datasets(limit=10) == hub.names()


def test_hubs_of_before_list_the_older_version_only(open_client: OpenClient) -> None:
    hub = Hub(None, 3)
    assert open_client(hub, generation="g2").list_datasets() == hub.names()


def test_models_have_one_version(open_client: OpenClient) -> None:
    hub = Hub(3, 3)
    assert open_client(hub, generation="g2").list_models() == hub.names()[:3]
    assert [version for version, _, _ in hub.asked] == ["v2"]


def test_a_hub_without_any_list_says_so(open_client: OpenClient) -> None:
    client = open_client(Hub(None, None), generation="g2")
    for listing in (client.list_datasets, client.list_models):
        with pytest.raises(ArtifactNotFoundError) as caught:
            listing()
        assert caught.value.hint


@pytest.mark.parametrize("generation", ["g1", "g2"])
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    open_client: OpenClient, generation: str
) -> None:
    hub = Hub(3, 3)
    client = open_client(hub, generation=generation, token="t")
    with pytest.raises(InvalidInputError):
        client.list_records("dataset", owner="acme")
    for listing in (client.list_results, client.list_competitions, client.list_predictions):
        with pytest.raises(PolarisHubError) as caught:
            listing()
        assert caught.value.hint
    assert hub.asked == []


def test_the_older_generation_is_asked_with_a_token_or_not_at_all(open_client: OpenClient) -> None:
    hub = Hub(0, 3)
    with pytest.raises(PolarisHubError) as caught:
        open_client(hub, generation="g1").list_datasets()
    assert caught.value.code == "unauthorized"
    assert hub.asked == []
    assert open_client(hub, generation="g1", token="t").list_datasets() == hub.names()
