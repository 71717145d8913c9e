"""Pointers that lead nowhere are found before anything is saved or published."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import zarr

import polaris as po
from polaris.dataset import ColumnAnnotation, Dataset
from polaris.errors import ArtifactNotFoundError, InvalidDatasetError
from polaris.hub.client import PolarisHubClient

Pointing = Callable[..., Dataset]

WRONG = [
    (["A#0", "A#4", "A#5"], "2 pointers name rows .* such as 'A#4'"),
    (["A#0", "A#2:5"], "1 pointers name rows .* such as 'A#2:5'"),
    (["A#2:1"], "1 pointers end before they start, such as 'A#2:1'"),
    (["B#0", "A#0"], "1 pointers name arrays .* such as 'B#0'"),
    (["nothing"], "1 pointers name arrays .* such as 'nothing'"),
    (["group#0"], "1 pointers name arrays .* such as 'group#0'"),
    (["A#0", "", "A#x"], "2 cells are not pointers, such as ''"),
    (["A#0", None], "1 cells are not pointers, such as "),
]
GOOD = [["A#0", "A#3"], ["A#0:4", "A#4:4"], ["A", "group"], ["group/inner#1", "/A#0"], []]


@pytest.fixture
def pointing(tmp_path: Path) -> Pointing:
    """Makes a dataset with columns of pointers to an archive with four rows."""
    path = tmp_path / "source" / "data.zarr"
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    for parent, name in ((root, "A"), (root.create_group("group"), "inner")):
        parent.create_array(name, shape=(4, 3), chunks=(2, 3), dtype="float32")[:] = 1.0
    zarr.consolidate_metadata(root.store)

    def make(**columns: Sequence[Any]) -> Dataset:
        cells = {name: pd.Series(column, dtype=object) for name, column in columns.items()}
        return Dataset(
            name="pointing",
            owner="acme",
            license="MIT",
            table=pd.DataFrame(cells),
            zarr_root_path=path,
            annotations=dict.fromkeys(columns, ColumnAnnotation(is_pointer=True)),
        )

    return make


@pytest.mark.parametrize(("cells", "message"), WRONG)
def test_a_dataset_with_wrong_pointers_is_not_saved(
    pointing: Pointing, tmp_path: Path, cells: list[Any], message: str
) -> None:
    with pytest.raises(InvalidDatasetError, match=f"table.p: {message}") as caught:
        pointing(p=cells).to_json(tmp_path / "saved")
    assert caught.value.hint
    assert list((tmp_path / "saved").iterdir()) == []


@pytest.mark.parametrize(("cells", "message"), WRONG)
def test_a_dataset_with_wrong_pointers_is_not_published(
    pointing: Pointing, client: PolarisHubClient, cells: list[Any], message: str
) -> None:
    with pytest.raises(InvalidDatasetError, match=f"table.p: {message}"):
        client.upload_dataset(pointing(p=cells))
    with pytest.raises(ArtifactNotFoundError):
        client.get_record("dataset", "acme", "pointing")


def test_all_wrong_columns_are_reported(pointing: Pointing, tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError) as caught:
        pointing(p=["A#9"], q=["A#0"], r=["Z#0"]).to_json(tmp_path / "saved")
    assert [problem.path for problem in caught.value.problems] == ["table.p", "table.r"]


@pytest.mark.parametrize("cells", GOOD)
def test_good_pointers_are_saved(pointing: Pointing, tmp_path: Path, cells: list[str]) -> None:
    dataset = pointing(p=cells)
    assert po.load_dataset(dataset.to_json(tmp_path / "saved")) == dataset


def test_wrong_pointers_in_a_file_are_one_clear_error(pointing: Pointing, tmp_path: Path) -> None:
    path = Path(pointing(p=["A#0", "A#1"]).to_json(tmp_path))
    # As another library would have written it, which does not look.
    pd.DataFrame({"p": ["A#0", "A#9"]}).to_parquet(tmp_path / "table.parquet")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"md5sum": None}))
    path.with_suffix(".sha256").unlink()
    dataset = Dataset.from_json(path)
    assert dataset.get_data(0, "p").tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(InvalidDatasetError, match=r"'?A'? has 4 rows|out of range"):
        dataset.get_data(1, "p")
