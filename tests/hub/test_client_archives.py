"""Opening a dataset's Zarr archive through the client."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import zarr

from polaris.dataset import Dataset
from polaris.errors import (
    ArtifactNotFoundError,
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisChecksumError,
)
from polaris.hub.client import PolarisHubClient
from polaris.ports.archives import IOMode


@pytest.fixture
def published(client: PolarisHubClient, zarr_dataset: Dataset) -> PolarisHubClient:
    """A client of a hub that holds a dataset with an archive."""
    client.upload_dataset(zarr_dataset)
    return client


@pytest.mark.parametrize("as_consolidated", [True, False])
def test_an_archive_is_read_in_place(published: PolarisHubClient, as_consolidated: bool) -> None:
    root = published.open_zarr_file("acme", "with-arrays", "data.zarr", "r", as_consolidated)
    assert isinstance(root, zarr.Group)
    array = root["fingerprints"]
    assert isinstance(array, zarr.Array)
    np.testing.assert_array_equal(
        np.asarray(array[:]), np.arange(30, dtype=np.float32).reshape(10, 3)
    )


def test_reading_mode_cannot_write(published: PolarisHubClient) -> None:
    root = published.open_zarr_file("acme", "with-arrays", "data.zarr", "r")
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        root["fingerprints"][0] = 1  # type: ignore[index]


@pytest.mark.parametrize("mode", ["r+", "a"])
def test_writing_modes_change_the_archive_and_so_its_checksum(
    published: PolarisHubClient, mode: IOMode
) -> None:
    root = published.open_zarr_file("acme", "with-arrays", "data.zarr", mode)
    root["fingerprints"][0] = [5, 5, 5]  # type: ignore[index]
    again = published.open_zarr_file("acme", "with-arrays", "data.zarr", "r")
    np.testing.assert_array_equal(again["fingerprints"][0], np.full(3, 5, np.float32))  # type: ignore[index]
    with pytest.raises(PolarisChecksumError):
        published.get_dataset("acme", "with-arrays")


@pytest.mark.parametrize("mode", ["a", "w", "w-"])
def test_creating_modes_make_an_archive_where_there_is_none(
    published: PolarisHubClient, mode: IOMode
) -> None:
    root = published.open_zarr_file("acme", "with-arrays", "extra.zarr", mode)
    root.create_array("x", shape=(3,), dtype="int64")[:] = [1, 2, 3]
    again = published.open_zarr_file(
        "acme", "with-arrays", "extra.zarr", "r", as_consolidated=False
    )
    np.testing.assert_array_equal(again["x"][:], [1, 2, 3])  # type: ignore[index]
    assert published.get_dataset("acme", "with-arrays").n_rows == 10


def test_w_empties_an_archive_first(published: PolarisHubClient) -> None:
    root = published.open_zarr_file("acme", "with-arrays", "data.zarr", "w")
    assert list(root) == []


def test_w_minus_refuses_an_archive_that_is_there(published: PolarisHubClient) -> None:
    with pytest.raises(ObjectExistsError):
        published.open_zarr_file("acme", "with-arrays", "data.zarr", "w-")
    assert published.get_dataset("acme", "with-arrays").n_rows == 10


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_missing_archive_is_one_clear_error(published: PolarisHubClient, mode: IOMode) -> None:
    with pytest.raises(ObjectNotFoundError, match=r"nothing\.zarr"):
        published.open_zarr_file("acme", "with-arrays", "nothing.zarr", mode)


def test_a_missing_dataset_is_one_clear_error(client: PolarisHubClient) -> None:
    with pytest.raises(ArtifactNotFoundError):
        client.open_zarr_file("acme", "nothing-here", "data.zarr", "r")


def test_an_unknown_mode_is_refused(published: PolarisHubClient) -> None:
    with pytest.raises(InvalidInputError, match="mode"):
        published.open_zarr_file("acme", "with-arrays", "data.zarr", "x")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["../other", "/etc/passwd", "a/../../b"])
def test_paths_cannot_leave_the_dataset(published: PolarisHubClient, path: str) -> None:
    with pytest.raises((InvalidInputError, ObjectNotFoundError)):
        published.open_zarr_file("acme", "with-arrays", path, "r")
    with pytest.raises(InvalidInputError):
        published.open_zarr_file("acme", "with-arrays", "../other", "w")


@pytest.mark.parametrize("path", ["", "/", None, 5])
@pytest.mark.parametrize("mode", ["r", "w"])
def test_the_root_of_a_datasets_objects_is_no_archive(
    published: PolarisHubClient, path: Any, mode: Any
) -> None:
    with pytest.raises(InvalidInputError, match="path"):
        published.open_zarr_file("acme", "with-arrays", path, mode)
    assert published.get_dataset("acme", "with-arrays").n_rows == 10
