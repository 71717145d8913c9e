"""Datasets that are archives, on the embedded hubs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr

from polaris import load_dataset
from polaris.codec.zarr_manifest import decode_zarr_manifest
from polaris.dataset import DatasetV2
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidDatasetError,
    ObjectExistsError,
    PolarisChecksumError,
)
from polaris.hub.client import PolarisHubClient
from tests.hub.dataset_v2.conftest import A, B, make_archive, same_data


@pytest.fixture
def published(client: PolarisHubClient, dataset: DatasetV2) -> PolarisHubClient:
    client.upload_dataset(dataset)
    return client


@pytest.mark.parametrize("strategy", [True, "verify", "verify_unless_zarr", "ignore", False])
def test_a_published_dataset_is_loaded(
    published: PolarisHubClient, dataset: DatasetV2, strategy: bool | str
) -> None:
    loaded = published.get_dataset("acme", "many-arrays", strategy)
    same_data(loaded)
    assert isinstance(loaded, DatasetV2)
    assert loaded == dataset
    assert loaded.annotations == dataset.annotations
    assert loaded.zarr_manifest_md5sum == dataset.zarr_manifest_md5sum


def test_the_hub_says_what_it_holds(published: PolarisHubClient, dataset: DatasetV2) -> None:
    from polaris.domain.identity import ArtifactKind

    document = published.get_record(ArtifactKind.DATASET, "acme", "many-arrays").document
    assert document["version"] == 2
    assert document["zarrManifestMd5Sum"] == dataset.zarr_manifest_md5sum
    assert (document["nRows"], document["nColumns"]) == (100, 2)
    assert published.list_datasets() == ["acme/many-arrays"]


def test_a_loaded_dataset_is_saved_and_cached(published: PolarisHubClient, tmp_path: Path) -> None:
    loaded = published.get_dataset("acme", "many-arrays")
    same_data(load_dataset(loaded.to_json(tmp_path / "out")))
    loaded.cache()
    same_data(loaded)


def test_the_archive_of_a_hub_can_be_opened(published: PolarisHubClient) -> None:
    root = published.open_zarr_file("acme", "many-arrays", "data.zarr", "r")
    assert sorted(root.array_keys()) == ["A", "B"]


def test_an_archive_that_was_changed_on_the_hub_is_refused(published: PolarisHubClient) -> None:
    root = published.open_zarr_file("acme", "many-arrays", "data.zarr", "r+")
    array = root["B"]
    assert isinstance(array, zarr.Array)
    array[50] = -1.0
    with pytest.raises(PolarisChecksumError):
        published.get_dataset("acme", "many-arrays")
    lazy = published.get_dataset("acme", "many-arrays", "verify_unless_zarr")
    with pytest.raises(PolarisChecksumError):
        lazy.read_column("B")
    unchecked = published.get_dataset("acme", "many-arrays", verify_checksum=False)
    assert unchecked.read_column("B")[50] == -1.0


def test_publishing_needs_what_hubs_need(client: PolarisHubClient, archive: str) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        client.upload_dataset(DatasetV2(zarr_root_path=archive))
    assert {problem.path for problem in caught.value.problems} == {"owner", "name", "license"}
    with pytest.raises(ArtifactNotFoundError):
        client.get_dataset("acme", "many-arrays")


def test_publishing_again(client: PolarisHubClient, dataset: DatasetV2, tmp_path: Path) -> None:
    first = client.upload_dataset(dataset)
    assert client.upload_dataset(dataset).location.revision == first.location.revision
    changed = DatasetV2(
        name="Many_Arrays",
        owner="acme",
        license="MIT",
        zarr_root_path=make_archive(tmp_path / "changed.zarr", A=A, B=B + 1),
    )
    with pytest.raises(ObjectExistsError):
        client.upload_dataset(changed, if_exists="skip")
    client.upload_dataset(changed)
    np.testing.assert_array_equal(client.get_dataset("acme", "many-arrays").read_column("B"), B + 1)


def test_sharded_archives_are_published_and_loaded(
    client: PolarisHubClient, tmp_path: Path
) -> None:
    made = DatasetV2.from_arrays(
        tmp_path / "a.zarr",
        {"A": A, "B": B},
        zarr_format=3,
        chunks=10,
        shards=50,
        name="in_shards",
        owner="acme",
        license="MIT",
    )
    client.upload_dataset(made)
    for strategy in (True, "verify_unless_zarr"):
        loaded = client.get_dataset("acme", "in-shards", strategy)
        same_data(loaded)
        np.testing.assert_array_equal(loaded[42, "A"], A[42])


def test_the_manifest_on_the_hub_lists_the_archive(
    published: PolarisHubClient, dataset: DatasetV2, hub_url: str, tmp_path: Path
) -> None:
    if hub_url.startswith("memory"):
        pytest.skip("There are no files to look at.")
    [manifest] = (tmp_path / "hub").rglob("zarr_manifest.parquet")
    rows = decode_zarr_manifest(manifest.read_bytes(), source="the hub")
    assert rows == [(file.path, file.md5sum) for file in dataset.zarr_manifest]


def test_the_archive_that_was_published_is_not_the_one_on_the_hub(
    published: PolarisHubClient, archive: str
) -> None:
    shutil.rmtree(archive)
    same_data(published.get_dataset("acme", "many-arrays"))
