"""Models on a hub, in files, and in results; new versions of what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

import polaris as po
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import Dataset
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidInputError,
    InvalidNameError,
    PolarisCreateArtifactError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from polaris.model import Model


@pytest.fixture
def model() -> Model:
    return Model(
        name="Mol_GPS",
        owner="acme",
        description="A foundation model",
        code_url="https://example.org/code",
        report_url="https://example.org/paper",
        readme="# MolGPS",
        tags=["graph"],
        user_attributes={"parameters": "1e9"},
    )


def test_a_model_goes_to_the_hub_and_comes_back(client: PolarisHubClient, model: Model) -> None:
    record = client.upload_model(model, access="public")
    assert record.ref.urn == "urn:polaris:model:acme:mol-gps"
    assert record.access == "public"
    assert client.list_models() == ["acme/mol-gps"]
    loaded = client.get_model("acme/mol-gps")
    assert isinstance(loaded, Model)
    assert loaded == model
    assert loaded.model_dump() == model.model_dump()
    assert loaded != Model(name="Mol_GPS", owner="acme")
    assert client.get_model(record.ref.urn).artifact_version == 1


def test_a_model_without_an_owner_belongs_to_who_is_signed_in(client: PolarisHubClient) -> None:
    record = client.upload_model(Model(name="mine"))
    assert record.ref.owner == client.user_as_owner.slug


def test_load_model_asks_the_hub_of_the_settings(
    client: PolarisHubClient, model: Model, hub_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.upload_model(model)
    monkeypatch.setenv("POLARIS_HUB_URL", hub_url)
    assert po.load_model("acme/mol-gps").code_url == model.code_url
    with pytest.raises(ArtifactNotFoundError):
        po.load_model("acme/other")
    with pytest.raises(InvalidNameError):
        po.load_model("molgps")


def test_a_model_is_saved_and_loaded(model: Model, tmp_path: Path) -> None:
    model.to_json(tmp_path / "new" / "model.json")
    assert Model.from_json(tmp_path / "new" / "model.json").model_dump() == model.model_dump()
    assert '"code_url"' in (tmp_path / "new" / "model.json").read_text()


def test_every_problem_of_a_model_is_reported_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Model(name="x", code_url="code", report_url="ftp://paper", artifact_version=0)
    assert [p.path for p in caught.value.problems] == [
        "name", "artifact_version", "code_url", "report_url",
    ]  # fmt: skip


def test_the_version_of_a_model_cannot_be_assigned(model: Model) -> None:
    with pytest.raises(InvalidInputError):
        model.artifact_version = 2


def test_results_name_the_model_that_was_judged(
    client: PolarisHubClient,
    dataset: Dataset,
    benchmark: SingleTaskBenchmarkSpecification,
    model: Model,
    hub_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    client.upload_model(model)
    monkeypatch.setenv("POLARIS_HUB_URL", hub_url)
    results = benchmark.evaluate([4.5, 5.0])
    results.model = po.load_model("acme/mol-gps")
    record = client.upload_results(results, owner="acme")
    assert record.document["modelArtifactId"] == "acme/mol-gps"
    assert client.get_results("acme", record.ref.slug).model_artifact_id == "acme/mol-gps"


# -- versions -----------------------------------------------------------------------------------


def test_a_new_version_counts_on_from_its_parent(client: PolarisHubClient, model: Model) -> None:
    client.upload_model(model)
    better = Model(name="Mol_GPS2", owner="acme", artifact_changelog="Trained for longer")
    record = client.upload_model(better, "acme", "acme/mol-gps")
    assert record.document["artifactVersion"] == 2
    assert record.document["parentArtifactId"] == "acme/mol-gps"
    loaded = client.get_model("acme/mol-gps2")
    assert loaded.artifact_version == 2
    assert loaded.artifact_changelog == "Trained for longer"
    assert loaded.parent_artifact_id == "acme/mol-gps"
    assert better.artifact_version == 1
    assert client.get_model("acme/mol-gps").artifact_version == 1


def test_the_same_upload_made_twice_is_one_version(client: PolarisHubClient, model: Model) -> None:
    client.upload_model(model)
    model.artifact_changelog = "Fixed the readme"
    first = client.upload_model(model, parent_artifact_id="acme/mol-gps")
    again = client.upload_model(model, parent_artifact_id="acme/mol-gps")
    assert first == again
    assert again.document["artifactVersion"] == 2
    assert again.number == 2
    model.artifact_changelog = "Fixed it again"
    third = client.upload_model(model, parent_artifact_id="acme/mol-gps")
    assert third.document["artifactVersion"] == 3


def test_a_loaded_version_keeps_its_place_when_it_is_published_again(
    client: PolarisHubClient, model: Model
) -> None:
    client.upload_model(model)
    client.upload_model(Model(name="second"), "acme", "acme/mol-gps")
    loaded = client.get_model("acme/second")
    record = client.upload_model(loaded, access="public")
    assert record.document["artifactVersion"] == 2
    assert record.document["parentArtifactId"] == "acme/mol-gps"


def test_a_parent_that_is_not_there_is_refused(client: PolarisHubClient, model: Model) -> None:
    with pytest.raises(PolarisCreateArtifactError, match="acme/older"):
        client.upload_model(model, parent_artifact_id="acme/older")
    assert client.list_models() == []


def test_an_existing_model_is_refused_if_asked_for(client: PolarisHubClient, model: Model) -> None:
    client.upload_model(model)
    with pytest.raises(ArtifactExistsError):
        client.upload_model(model, if_exists="raise")


def test_datasets_and_benchmarks_have_versions_too(
    client: PolarisHubClient, dataset: Dataset, benchmark: SingleTaskBenchmarkSpecification
) -> None:
    client.upload_dataset(dataset)
    client.upload_benchmark(benchmark)
    grown = Dataset(
        name="hello_world2",
        owner="acme",
        license="MIT",
        table=dataset.table,
        artifact_changelog="Another license",
    )
    client.upload_dataset(grown, parent_artifact_id="acme/hello-world")
    assert client.get_dataset("acme", "hello-world2").artifact_version == 2
    client.upload_benchmark(benchmark, parent_artifact_id="acme/hello-benchmark")
    loaded = client.get_benchmark("acme", "hello-benchmark")
    assert (loaded.artifact_version, loaded.parent_artifact_id) == (2, "acme/hello-benchmark")


def test_a_model_uploads_itself(model: Model, hub_url: str, settings: PolarisHubSettings) -> None:
    model.upload_to_hub("other-owner", settings=settings)
    record = model.upload_to_hub("other-owner", "other-owner/mol-gps", settings=settings)
    assert record.document["artifactVersion"] == 2
    with PolarisHubClient(settings) as client:
        assert client.list_models() == ["other-owner/mol-gps"]
