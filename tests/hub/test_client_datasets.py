"""Publishing, listing and loading datasets through the client."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import zarr

from polaris.dataset import Dataset
from polaris.errors import (
    ArtifactExistsError,
    ArtifactNotFoundError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidNameError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisChecksumError,
)
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings


def test_a_published_dataset_comes_back_equal(client: PolarisHubClient, dataset: Dataset) -> None:
    record = client.upload_dataset(dataset, access="public")
    assert record.ref.artifact_id == "acme/hello-world"
    assert record.access == "public"
    assert client.list_datasets() == ["acme/hello-world"]
    loaded = client.get_dataset("acme", "hello-world")
    assert isinstance(loaded, Dataset)
    assert loaded == dataset
    assert loaded.table.equals(dataset.table)
    assert loaded.license == "CC-BY-4.0"


def test_a_dataset_is_found_by_its_name_as_well_as_by_its_slug(
    client: PolarisHubClient, dataset: Dataset
) -> None:
    client.upload_dataset(dataset)
    assert client.get_dataset("acme", "hello_world") == dataset


def test_arrays_travel_with_the_dataset(client: PolarisHubClient, zarr_dataset: Dataset) -> None:
    client.upload_dataset(zarr_dataset)
    loaded = client.get_dataset("acme", "with-arrays")
    assert isinstance(loaded, Dataset)
    assert loaded.md5sum == zarr_dataset.md5sum
    np.testing.assert_array_equal(
        loaded.get_data(loaded.rows[3], "fp"), zarr_dataset.get_data(3, "fp")
    )
    np.testing.assert_array_equal(loaded.get_data(3, "fp"), np.array([9, 10, 11], np.float32))


@pytest.mark.parametrize("strategy", [True, False, "verify", "verify_unless_zarr", "ignore"])
def test_every_checksum_strategy_loads_an_intact_dataset(
    client: PolarisHubClient, zarr_dataset: Dataset, strategy: bool | str
) -> None:
    client.upload_dataset(zarr_dataset)
    loaded = client.get_dataset("acme", "with-arrays", verify_checksum=strategy)
    np.testing.assert_array_equal(loaded.get_data(0, "fp"), np.array([0, 1, 2], np.float32))


def test_an_unknown_checksum_strategy_is_refused(client: PolarisHubClient) -> None:
    with pytest.raises(InvalidInputError, match="verify_checksum"):
        client.get_dataset("acme", "hello-world", verify_checksum="sometimes")


def test_the_owner_argument_takes_precedence(client: PolarisHubClient, dataset: Dataset) -> None:
    client.upload_dataset(dataset, owner="other-lab")
    assert client.list_datasets() == ["other-lab/hello-world"]
    assert str(dataset.owner) == "acme"
    assert str(client.get_dataset("other-lab", "hello-world").owner) == "other-lab"


def test_everything_missing_for_an_upload_is_reported_at_once(
    client: PolarisHubClient, dataset: Dataset
) -> None:
    bare = Dataset(table=dataset.table)
    with pytest.raises(InvalidDatasetError) as caught:
        client.upload_dataset(bare)
    assert [problem.path for problem in caught.value.problems] == ["owner", "name", "license"]
    assert client.list_datasets() == []


def test_uploading_again_with_raise_is_refused(client: PolarisHubClient, dataset: Dataset) -> None:
    client.upload_dataset(dataset)
    with pytest.raises(ArtifactExistsError):
        client.upload_dataset(dataset, if_exists="raise")


def test_uploading_again_replaces_the_dataset(client: PolarisHubClient, dataset: Dataset) -> None:
    client.upload_dataset(dataset)
    newer = Dataset(
        name="hello_world", owner="acme", license="MIT", table=dataset.table.assign(y=1.0)
    )
    record = client.upload_dataset(newer)
    assert record.number == 2
    assert client.list_datasets() == ["acme/hello-world"]
    assert client.get_dataset("acme", "hello-world") == newer


def test_skip_accepts_new_files_and_refuses_changed_ones(
    client: PolarisHubClient, zarr_dataset: Dataset
) -> None:
    client.upload_dataset(zarr_dataset)
    client.upload_dataset(zarr_dataset, if_exists="skip")
    published = zarr_dataset.md5sum
    root = zarr.open_group(str(zarr_dataset.zarr_root_path), mode="r+", zarr_format=2)
    root["fingerprints"][0] = [7, 7, 7]  # type: ignore[index]
    changed = Dataset(
        name="with_arrays",
        owner="acme",
        license="MIT",
        table=zarr_dataset.table,
        zarr_root_path=zarr_dataset.zarr_root_path,
        annotations={"fp": {"is_pointer": True}},
    )
    with pytest.raises(ObjectExistsError) as caught:
        client.upload_dataset(changed, if_exists="skip")
    assert caught.value.keys == ("fingerprints/0.0",)
    kept = client.get_dataset("acme", "with-arrays")
    assert isinstance(kept, Dataset)
    assert kept.md5sum == published


def test_a_dataset_that_changed_after_its_checksum_is_not_published(
    client: PolarisHubClient, zarr_dataset: Dataset
) -> None:
    assert zarr_dataset.md5sum
    root = zarr.open_group(str(zarr_dataset.zarr_root_path), mode="r+", zarr_format=2)
    root["fingerprints"][0] = [7, 7, 7]  # type: ignore[index]
    with pytest.raises(PolarisChecksumError):
        client.upload_dataset(zarr_dataset)
    assert client.list_datasets() == []


def test_a_missing_dataset_is_one_clear_error(client: PolarisHubClient) -> None:
    with pytest.raises(ArtifactNotFoundError, match="acme/nothing-here") as caught:
        client.get_dataset("acme", "nothing-here")
    assert caught.value.code == "artifact_not_found"
    assert caught.value.hint


def test_wrong_owner_and_name_are_reported_together(client: PolarisHubClient) -> None:
    with pytest.raises(InvalidNameError) as caught:
        client.get_dataset("A!", "x")
    assert [problem.path for problem in caught.value.problems] == ["owner", "name"]


@pytest.mark.parametrize(
    ("argument", "value"), [("access", "secret"), ("if_exists", "maybe"), ("timeout", (1, 2, 3))]
)
def test_wrong_arguments_change_nothing(
    client: PolarisHubClient, dataset: Dataset, argument: str, value: object
) -> None:
    with pytest.raises(InvalidInputError, match=argument):
        client.upload_dataset(dataset, **{argument: value})  # type: ignore[arg-type]
    assert client.list_datasets() == []


def test_lists_are_paged_newest_first(client: PolarisHubClient, dataset: Dataset) -> None:
    for number in range(5):
        dataset.name = f"number_{number}"
        client.upload_dataset(dataset)
    assert client.list_datasets() == [f"acme/number-{i}" for i in (4, 3, 2, 1, 0)]
    assert client.list_datasets(limit=2, offset=1) == ["acme/number-3", "acme/number-2"]
    assert client.list_datasets(limit=0) == []
    assert client.list_datasets(offset=9) == []
    with pytest.raises(InvalidInputError, match="limit"):
        client.list_datasets(limit=-1)


def test_a_second_client_sees_what_the_first_published(
    settings: PolarisHubSettings, dataset: Dataset
) -> None:
    with PolarisHubClient(settings) as first, PolarisHubClient(settings) as second:
        first.upload_dataset(dataset)
        assert second.list_datasets() == ["acme/hello-world"]


class TestTampering:
    """What was published cannot be altered behind the hub's back without being noticed."""

    @pytest.fixture
    def objects(self, tmp_path: Path) -> Path:
        """The folder with the objects of a hub in a folder."""
        return tmp_path / "hub" / "objects"

    @pytest.fixture
    def client(self, tmp_path: Path) -> PolarisHubClient:
        """A client of a hub in a folder."""
        return PolarisHubClient(PolarisHubSettings(hub_url=(tmp_path / "hub").as_uri()))

    def test_an_altered_table_is_refused(
        self, client: PolarisHubClient, dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(dataset)
        [path] = objects.rglob("table.parquet")
        dataset.table.assign(y=0.0).to_parquet(path)
        for strategy in (True, "verify_unless_zarr"):
            with pytest.raises(PolarisChecksumError, match="table"):
                client.get_dataset("acme", "hello-world", verify_checksum=strategy)
        loaded = client.get_dataset("acme", "hello-world", verify_checksum=False)
        assert isinstance(loaded, Dataset)
        assert (loaded.table["y"] == 0.0).all()

    def test_an_altered_chunk_is_refused_at_once_or_when_it_is_read(
        self, client: PolarisHubClient, zarr_dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(zarr_dataset)
        chunk = next(path for path in objects.rglob("0.0") if path.parent.name == "fingerprints")
        data = bytearray(chunk.read_bytes())
        data[-1] ^= 1
        chunk.write_bytes(data)
        with pytest.raises(PolarisChecksumError, match=r"fingerprints/0\.0"):
            client.get_dataset("acme", "with-arrays")
        lazily = client.get_dataset("acme", "with-arrays", verify_checksum="verify_unless_zarr")
        np.testing.assert_array_equal(lazily.get_data(9, "fp"), np.array([27, 28, 29], np.float32))
        with pytest.raises(PolarisChecksumError, match=r"fingerprints/0\.0"):
            lazily.get_data(0, "fp")
        assert client.get_dataset("acme", "with-arrays", verify_checksum=False).n_rows == 10

    def test_a_missing_chunk_is_not_a_fill_value(
        self, client: PolarisHubClient, zarr_dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(zarr_dataset)
        chunk = next(path for path in objects.rglob("1.0") if path.parent.name == "fingerprints")
        chunk.unlink()
        with pytest.raises(PolarisChecksumError, match="missing"):
            client.get_dataset("acme", "with-arrays")
        lazily = client.get_dataset("acme", "with-arrays", verify_checksum="verify_unless_zarr")
        with pytest.raises(PolarisChecksumError, match="missing"):
            lazily.get_data(5, "fp")

    def test_an_altered_document_is_refused(
        self, client: PolarisHubClient, dataset: Dataset, tmp_path: Path
    ) -> None:
        import sqlite3

        client.upload_dataset(dataset)
        with sqlite3.connect(tmp_path / "hub" / "catalogue.sqlite") as database:
            tables = [
                name
                for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
                if "document" in {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
            ]
            for name in tables:
                database.execute(
                    f"UPDATE {name} SET document = replace(document, 'CC-BY-4.0', 'MIT')"
                )
        with pytest.raises(PolarisChecksumError, match="document"):
            client.get_dataset("acme", "hello-world")
        assert client.get_dataset("acme", "hello-world", verify_checksum=False).license == "MIT"

    def test_lost_checksums_do_not_pass_for_checked_ones(
        self, client: PolarisHubClient, dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(dataset)
        [manifest] = objects.rglob("sha256sums.txt")
        manifest.unlink()
        with pytest.raises(PolarisChecksumError, match="missing"):
            client.get_dataset("acme", "hello-world")
        assert client.get_dataset("acme", "hello-world", verify_checksum=False).n_rows == 10

    def test_a_chunk_that_was_not_published_is_refused(
        self, client: PolarisHubClient, zarr_dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(zarr_dataset)
        chunk = next(path for path in objects.rglob("1.0") if path.parent.name == "fingerprints")
        chunk.with_name("9.0").write_bytes(chunk.read_bytes())
        with pytest.raises(PolarisChecksumError, match="not in the manifest"):
            client.get_dataset("acme", "with-arrays")

    def test_a_lost_table_is_one_clear_error(
        self, client: PolarisHubClient, dataset: Dataset, objects: Path
    ) -> None:
        client.upload_dataset(dataset)
        [path] = objects.rglob("table.parquet")
        path.unlink()
        with pytest.raises(ObjectNotFoundError, match="table"):
            client.get_dataset("acme", "hello-world")
