"""What a client searches, and what it does with versions and deleted artifacts."""

from __future__ import annotations

import attrs
import pytest

from polaris.dataset import Dataset
from polaris.errors import (
    ArtifactChangedError,
    ArtifactDeletedError,
    ArtifactNotFoundError,
    InvalidInputError,
    PolarisHubError,
)
from polaris.hub.client import PolarisHubClient
from polaris.ports.artifact_history import ArtifactHistory
from polaris_adapters.hub_http.generation import Generation
from polaris_adapters.hub_http.histories import FoundHistory

ID = "acme/hello-world"


@pytest.fixture
def two(client: PolarisHubClient, dataset: Dataset) -> None:
    dataset.tags, dataset.description = ["ADMET"], "Solubilities of molecules."
    client.upload_dataset(dataset, access="public")
    dataset.name = "another"
    dataset.tags, dataset.description = ["admet", "toxicity"], "Affinities."
    client.upload_dataset(dataset, owner="some-lab")


@pytest.mark.usefixtures("two")
def test_lists_are_searched_narrowed_and_sorted(client: PolarisHubClient) -> None:
    other = "some-lab/another"
    assert client.list_datasets() == [other, ID]
    assert client.list_datasets(search="SOLUB") == [ID]
    assert client.list_datasets(tags="admet") == [other, ID]
    assert client.list_datasets(tags=["admet", "Toxicity"]) == [other]
    assert client.list_datasets(sort="name", descending=True) == [ID, other]
    assert client.list_datasets(sort="updated", descending=False) == [ID, other]
    assert client.list_datasets(owner="acme", search="hello") == [ID]
    assert client.list_datasets(created_since="2020-01-01") == [other, ID]
    assert client.list_datasets(updated_since="2999-01-01T00:00:00+02:00") == []
    assert client.list_benchmarks(search="solub") == client.list_models(tags=["admet"]) == []
    [record] = client.list_records("dataset", owner="acme", search="solub", sort="updated")
    assert record.ref.artifact_id == ID


@pytest.mark.parametrize(
    "narrowing",
    [{"search": "?"}, {"sort": "size"}, {"created_since": "soon"}, {"updated_since": 7}],
)
def test_what_cannot_be_asked_is_refused(
    client: PolarisHubClient, narrowing: dict[str, object]
) -> None:
    with pytest.raises(InvalidInputError):
        client.list_datasets(**narrowing)  # type: ignore[arg-type]


def test_a_keyword_that_there_is_none_of_is_refused(client: PolarisHubClient) -> None:
    with pytest.raises(TypeError, match="text"):
        client.list_datasets(text="solub")  # type: ignore[call-arg]


@pytest.mark.usefixtures("two")
def test_versions_are_listed_and_got(client: PolarisHubClient, dataset: Dataset) -> None:
    dataset.name, dataset.description = "hello_world", "Solubilities of many molecules."
    client.upload_dataset(dataset)
    newest, oldest = client.list_versions("dataset", "acme", "hello_world")
    assert [(v.number, v.access) for v in (newest, oldest)] == [(2, "private"), (1, "public")]
    assert client.list_versions("dataset", "acme", "hello-world", limit=1) == [newest]
    assert client.list_versions("dataset", "acme", "hello-world", limit=0) == []
    for named in (1, oldest.revision):
        record = client.get_version("dataset", "acme", "hello-world", named)
        assert record.document["description"] == "Solubilities of molecules."
    with pytest.raises(ArtifactNotFoundError):
        client.get_version("dataset", "acme", "hello-world", 3)
    with pytest.raises(InvalidInputError):
        client.list_versions("dataset", "acme", "hello-world", limit=-1)


@pytest.mark.usefixtures("two")
def test_what_is_deleted_can_be_restored(client: PolarisHubClient, dataset: Dataset) -> None:
    [version] = client.list_versions("dataset", "acme", "hello-world")
    with pytest.raises(ArtifactChangedError):
        client.delete_artifact("dataset", "acme", "hello-world", expected_revision="0" * 64)
    tombstone = client.delete_artifact(
        "dataset", "acme", "hello-world", expected_revision=version.revision
    )
    assert tombstone.deleted_by == client.user_as_owner.slug
    assert client.list_deleted("acme") == [tombstone]
    assert client.list_deleted("acme", limit=1, kind="dataset") == [tombstone]
    assert client.list_deleted("acme", kind="model") == client.list_deleted("acme", 0) == []
    assert client.list_deleted() == []
    assert client.list_datasets() == ["some-lab/another"]
    with pytest.raises(ArtifactNotFoundError):
        client.get_dataset("acme", "hello-world")
    dataset.name = "hello_world"
    with pytest.raises(ArtifactDeletedError, match="deleted"):
        client.upload_dataset(dataset, if_exists="replace")
    assert client.restore_artifact("dataset", "acme", "hello-world").number == 1
    assert client.get_dataset("acme", "hello-world").name == "hello_world"


@pytest.mark.parametrize("generation", [Generation.G1, Generation.G2])
async def test_released_hubs_say_that_they_keep_no_history(generation: Generation) -> None:
    @attrs.frozen
    class Fixed:
        async def __call__(self) -> Generation:
            return generation

    unused: ArtifactHistory = None  # type: ignore[assignment]
    history = FoundHistory(Fixed(), unused)  # type: ignore[arg-type]
    with pytest.raises(PolarisHubError, match="keeps no earlier versions"):
        await history.tombstones("acme")
