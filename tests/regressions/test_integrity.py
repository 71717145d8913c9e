"""Data is what was saved and published, and stays so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import polaris as po
from polaris.benchmark import BenchmarkV2Specification, SingleTaskBenchmarkSpecification, SplitV2
from polaris.dataset import Dataset, DatasetV2, Subset
from polaris.errors import ObjectExistsError, PolarisChecksumError, PolarisError, TestAccessError
from polaris.hub.client import PolarisHubClient


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "alter",
    [
        lambda table: table.rename(columns={"y": "z"}),
        lambda table: table[::-1],
        lambda table: table.set_index(pd.Index(list("abcdef"))),
    ],
    ids=["names", "order", "labels"],
)
def test_files_that_keep_the_md5_do_not_pass_for_those_that_were_saved(
    dataset: Dataset, tmp_path: Path, alter: Any
) -> None:
    """The MD5 of a dataset, fixed by polaris-lib, does not cover names, order and labels of rows.

    A table that was altered in one of them passed its check. The sha256 of the file has to tell.
    """
    path = dataset.to_json(tmp_path)
    altered = alter(dataset.table)
    assert Dataset(table=altered).md5sum == dataset.md5sum
    altered.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(PolarisChecksumError, match=r"table\.parquet"):
        po.load_dataset(path)


def test_the_revision_of_a_dataset_covers_the_names_of_its_columns(
    polaris_client: PolarisHubClient, dataset: Dataset
) -> None:
    """Two tables with other names had one checksum; their revisions on a hub have to differ."""
    other = dataset.table.rename(columns={"y": "z"})
    renamed = Dataset(name="renamed", owner="acme", license="MIT", table=other)
    assert renamed.md5sum == dataset.md5sum
    revisions = {polaris_client.upload_dataset(d).location.revision for d in (dataset, renamed)}
    assert len(revisions) == 2


def test_no_attribute_of_a_test_set_uncovers_its_targets(
    benchmark: SingleTaskBenchmarkSpecification,
) -> None:
    """Assigning False to a private flag made a test set of polaris-lib give out its targets."""
    _, test = benchmark.get_train_test_split()
    assert isinstance(test, Subset)
    for name in ("_hide_targets", "hide_targets"):
        setattr(test, name, False)
    with pytest.raises(TestAccessError):
        _ = test.y
    with pytest.raises(TestAccessError):
        test.as_array("xy")
    assert list(test) == ["CCCCC", "CCCCCC"]
    assert test.as_dataframe().columns.tolist() == ["smiles"]


def test_the_archive_of_a_table_cannot_be_changed_through_the_dataset(
    with_pointers: Dataset, archive: Path
) -> None:
    """Archives were opened for writing, so that a slip changed the data on the disk."""
    before = contents(archive)
    root = with_pointers.zarr_root
    changes: list[Callable[[], Any]] = [
        lambda: root["x"].__setitem__(0, 99.0),
        lambda: root.create_array("z", shape=(1,), dtype="int8"),
        lambda: root.attrs.update(changed=True),
        lambda: root.__delitem__("x"),
    ]
    for change in changes:
        with pytest.raises((PolarisError, ValueError)):
            change()
    assert contents(archive) == before


@pytest.mark.parametrize("if_exists", ["replace", "skip", "raise"])
@pytest.mark.parametrize("verb", ["to_json", "cache"])
@pytest.mark.parametrize("version", [1, 2])
def test_no_way_of_saving_beside_the_own_archive_harms_it(
    with_pointers: Dataset,
    as_archive: DatasetV2,
    archive: Path,
    version: int,
    verb: str,
    if_exists: str,
) -> None:
    """Saving or caching a dataset where its archive lies opened the source with overwriting.

    All data was lost, for both versions. Whatever is said about files that are there, the archive
    has to stay as it was.
    """
    before = contents(archive)
    dataset = with_pointers if version == 1 else as_archive
    if if_exists == "raise":
        with pytest.raises(ObjectExistsError):
            getattr(dataset, verb)(archive.parent, if_exists=if_exists)
    else:
        getattr(dataset, verb)(archive.parent, if_exists=if_exists)
    assert contents(archive) == before
    read = dataset.read_column("x") if version == 2 else [dataset[i, "x"] for i in range(6)]
    assert list(read) == [0, 1, 2, 3, 4, 5]


def test_saving_a_benchmark_beside_the_archive_of_its_dataset_harms_nothing(
    with_pointers: Dataset, as_archive: DatasetV2, archive: Path
) -> None:
    """Benchmarks save their dataset, and lost its data in the same way."""
    before = contents(archive)
    SingleTaskBenchmarkSpecification(
        dataset=with_pointers, input_cols="x", target_cols="y", split=([0], [1]), metrics="r2"
    ).to_json(archive.parent)
    BenchmarkV2Specification(
        dataset=as_archive,
        input_cols="x",
        target_cols="y",
        splits=SplitV2(training=[0], test=[1]),
        metrics="r2",
    ).to_json(archive.parent)
    assert contents(archive) == before


@pytest.mark.parametrize("if_exists", ["replace", "skip", "raise"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_dataset_of_a_hub_is_downloaded_whatever_is_said_about_files_that_are_there(
    polaris_client: PolarisHubClient,
    with_pointers: Dataset,
    as_archive: DatasetV2,
    tmp_path: Path,
    version: int,
    if_exists: str,
) -> None:
    """Downloading an archive with anything but ``replace`` failed with a TypeError.

    It took the length of what has none. And ``raise`` failed for an empty folder, too.
    """
    dataset = with_pointers if version == 1 else as_archive
    polaris_client.upload_dataset(dataset)
    loaded = polaris_client.get_dataset("acme", str(dataset.slug))
    loaded.cache(tmp_path / "copy", if_exists=if_exists)
    assert list(loaded.zarr_root["x"][:]) == [0, 1, 2, 3, 4, 5]
    assert str(loaded.zarr_root_path).startswith(str(tmp_path / "copy"))
    if if_exists == "raise":
        with pytest.raises(ObjectExistsError):
            loaded.cache(tmp_path / "copy", if_exists=if_exists)
    else:
        loaded.cache(tmp_path / "copy", if_exists=if_exists)


@pytest.mark.parametrize("strategy", ["ignore", "verify"])
def test_what_was_written_to_an_archive_is_what_is_read_next(
    polaris_client: PolarisHubClient, with_pointers: Dataset, strategy: str
) -> None:
    """Object bodies were kept by key, and given out after the key had been written anew.

    A dataset that is loaded after a write has to show the write, or to be refused if it must not
    have changed.
    """
    polaris_client.upload_dataset(with_pointers)
    before = polaris_client.get_dataset("acme", "with-pointers")
    assert before[0, "x"] == 0.0
    root: Any = polaris_client.open_zarr_file("acme", "with-pointers", "data.zarr", "r+")
    root["x"][0] = 99.0
    if strategy == "verify":
        with pytest.raises(PolarisChecksumError):
            polaris_client.get_dataset("acme", "with-pointers", verify_checksum=strategy)
    else:
        after = polaris_client.get_dataset("acme", "with-pointers", verify_checksum=strategy)
        assert after[0, "x"] == 99.0
