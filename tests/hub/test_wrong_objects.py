"""Things that are no artifact, or not one of the kind, are refused before anything is done."""

from __future__ import annotations

from typing import Any

import pytest

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import InvalidInputError
from polaris.hub.client import PolarisHubClient


@pytest.fixture
def artifacts(dataset: Dataset) -> dict[str, Any]:
    benchmark = SingleTaskBenchmarkSpecification(
        name="hello_benchmark",
        owner="acme",
        dataset=dataset,
        input_cols="smiles",
        target_cols="y",
        split=([0, 1], [2, 3]),
        metrics="mean_absolute_error",
    )
    return {
        "dataset": dataset,
        "benchmark": benchmark,
        "results": benchmark.evaluate([1.0, 2.0]),
        "table": dataset.table,
        "text": "acme/hello-world",
        "nothing": None,
    }


NOUNS = ["dataset", "benchmark", "results"]
OTHERS = [
    (noun, given)
    for noun in NOUNS
    for given in [*NOUNS, "table", "text", "nothing"]
    if given != noun
]


@pytest.mark.parametrize(("noun", "given"), OTHERS)
def test_an_upload_of_something_else_says_what_it_takes(
    client: PolarisHubClient, artifacts: dict[str, Any], noun: str, given: str
) -> None:
    with pytest.raises(InvalidInputError, match=rf"cannot be published as a? ?{noun}") as caught:
        getattr(client, f"upload_{noun}")(artifacts[given])
    assert caught.value.hint
    assert client.list_datasets() == []
