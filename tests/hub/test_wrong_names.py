"""Owners, names, ids and kinds that are none."""

from __future__ import annotations

from typing import Any

import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import ArtifactNotFoundError, InvalidInputError, InvalidNameError
from polaris.hub.client import PolarisHubClient

BY_OWNER_AND_NAME = ["get_dataset", "get_benchmark", "get_results", "leaderboard"]
BY_ID = ["get_model", "get_competition", "get_predictions", "get_competition_results"]
NO_NAMES = [None, 5, b"name", ["name"], "", "a b", "x" * 100_000]


@pytest.mark.parametrize("wrong", NO_NAMES)
@pytest.mark.parametrize("method", BY_OWNER_AND_NAME)
def test_what_is_no_owner_or_name_is_refused(
    client: PolarisHubClient, method: str, wrong: Any
) -> None:
    for owner, name, field in (("acme", wrong, "name"), (wrong, "hello-world", "owner")):
        with pytest.raises(InvalidNameError, match=f"{field}: .* is not a valid slug") as caught:
            getattr(client, method)(owner, name)
        assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("wrong", [*NO_NAMES, "acme", "a/b/c"])
@pytest.mark.parametrize("method", BY_ID)
def test_what_is_no_id_is_refused(client: PolarisHubClient, method: str, wrong: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        getattr(client, method)(wrong)
    assert caught.value.hint
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("kind", ["zz", "Dataset", "", None, 5])
def test_what_is_no_kind_is_refused_with_those_there_are(
    client: PolarisHubClient, kind: Any
) -> None:
    for call in (
        lambda: client.get_record(kind, "acme", "name"),
        lambda: client.list_records(kind),
    ):
        with pytest.raises(InvalidInputError, match="is not a kind of artifact") as caught:
            call()
        assert "dataset, benchmark" in caught.value.hint


@pytest.mark.parametrize("owner", ["BAD NAME", "x", "", 5])
def test_a_listing_refuses_what_is_no_owner(client: PolarisHubClient, owner: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"owner: .* is not a valid slug"):
        client.list_records("dataset", owner=owner)


def test_an_owner_with_nothing_has_an_empty_list(client: PolarisHubClient) -> None:
    assert client.list_records("dataset", owner="nobody") == []


def test_results_are_not_listed_of_a_benchmark_that_is_not_there(
    client: PolarisHubClient, dataset: Dataset, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    with pytest.raises(ArtifactNotFoundError, match="no benchmark acme/hello-benchmark"):
        client.list_results("acme/hello-benchmark")
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    assert client.list_results("acme/hello-benchmark") == []
    assert client.list_results("acme/hello-benchmark", offset=5) == []
