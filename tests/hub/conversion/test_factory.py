"""Building a dataset step by step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import polaris
from polaris.dataset import ColumnAnnotation, DatasetFactory, create_dataset_from_files
from polaris.dataset.converters import Converter, SDFConverter, ZarrConverter
from polaris.domain.column_adapters import Adapter
from polaris.errors import (
    InvalidDatasetError,
    InvalidInputError,
    ObjectExistsError,
    ObjectNotFoundError,
)

X = np.arange(6.0).reshape(3, 2)


def test_a_factory_of_tables_needs_no_archive(tmp_path: Path) -> None:
    for root in (None, tmp_path / "unused.zarr"):
        factory = DatasetFactory(root)
        factory.add_columns(
            pd.DataFrame({"smiles": ["C", "CC"], "y": [1.0, 2.0]}),
            annotations={"y": ColumnAnnotation(description="measured")},
            adapters={"smiles": "SMILES_TO_MOL"},
        )
        dataset = factory.build()
        assert dataset.zarr_root_path is None
        assert dataset.annotations["y"].description == "measured"
        assert dataset.default_adapters == {"smiles": Adapter.SMILES_TO_MOL}
    assert not (tmp_path / "unused.zarr").exists()


def test_columns_are_added_one_by_one() -> None:
    factory = DatasetFactory()
    factory.add_column(pd.Series([1, 2], name="a"))
    factory.add_column(
        pd.Series(["C", "N"], name="b"),
        annotation=ColumnAnnotation(description="atoms"),
        adapters=Adapter.SMILES_TO_MOL,
    )
    dataset = factory.build()
    assert dataset.columns == ["a", "b"]
    assert dataset.annotations["b"].description == "atoms"


@pytest.mark.parametrize(
    ("add", "message"),
    [
        (lambda f: f.add_column(pd.Series([1, 2])), "no name"),
        (lambda f: f.add_column(pd.Series([1, 2], name="a")), "'a' already"),
        (lambda f: f.add_column(pd.Series([1], name="b")), "1 rows"),
        (lambda f: f.add_column(pd.Series([1, 2], name=3)), "not a text"),
        (lambda f: f.add_columns(pd.DataFrame({"b": [1, 2]}), annotations={"c": None}), "'c'"),
        (lambda f: f.add_columns(pd.DataFrame({"b": [1, 2]}), adapters={"b": "NO"}), "'NO'"),
        (lambda f: f.add_columns(pd.DataFrame({"b": [1, 2]}), merge_on="a"), "no column 'a'"),
        (lambda f: f.add_columns({"b": [1, 2]}), "DataFrame"),
        (
            lambda f: f.add_column(
                pd.Series(["x#0", "x#1"], name="p"), ColumnAnnotation(is_pointer=True)
            ),
            "zarr_root_path",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    add: Callable[[DatasetFactory], None], message: str
) -> None:
    factory = DatasetFactory()
    factory.add_column(pd.Series([1, 2], name="a"), ColumnAnnotation(description="kept"))
    with pytest.raises(InvalidDatasetError, match=message) as caught:
        add(factory)
    assert isinstance(caught.value, ValueError)
    dataset = factory.build()
    assert dataset.columns == ["a"]
    assert dataset.annotations["a"].description == "kept"


def test_a_merge_that_would_lose_pointers_is_refused(tmp_path: Path) -> None:
    factory = DatasetFactory(tmp_path / "a.zarr")
    factory.zarr_root["x"] = X
    factory.add_columns(
        pd.DataFrame({"k": [1, 2, 3], "p": ["x#0", "x#1", "x#2"]}),
        annotations={"p": ColumnAnnotation(is_pointer=True)},
    )
    with pytest.raises(InvalidDatasetError, match="1 rows would be without a pointer"):
        factory.add_columns(pd.DataFrame({"k": [3, 4], "y": [1, 2]}), merge_on="k")
    factory.add_columns(pd.DataFrame({"k": [3], "y": [1.5]}), merge_on="k")
    dataset = factory.build()
    assert dataset[2]["y"] == 1.5
    np.testing.assert_array_equal(dataset[2]["p"], X[2])


def test_annotations_of_a_merge_take_the_place_of_earlier_ones() -> None:
    factory = DatasetFactory()
    before, after = ColumnAnnotation(description="before"), ColumnAnnotation(description="after")
    factory.add_columns(pd.DataFrame({"k": [1], "x": [1]}), annotations={"k": before, "x": before})
    factory.add_columns(pd.DataFrame({"k": [1], "y": [1]}), annotations={"k": after}, merge_on="k")
    described = {k: a.description for k, a in factory.build().annotations.items()}
    assert described == {"k": "after", "x": "before", "y": None}


def test_what_is_built_is_not_changed_afterwards() -> None:
    factory = DatasetFactory()
    factory.add_column(pd.Series([1, 2], name="a"))
    first = factory.build()
    factory.add_column(pd.Series([3, 4], name="b"))
    assert first.columns == ["a"]
    assert factory.build().columns == ["a", "b"]


def test_an_empty_factory_builds_nothing() -> None:
    with pytest.raises(InvalidDatasetError, match="Nothing was added"):
        DatasetFactory().build()


# -- the archive ------------------------------------------------------------------------------


def test_arrays_are_written_through_the_root(tmp_path: Path) -> None:
    factory = DatasetFactory(str(tmp_path / "a.zarr") + "/")
    assert factory.zarr_root_path == str(tmp_path / "a.zarr")
    factory.zarr_root["x"] = X
    factory.add_column(
        pd.Series([Converter.get_pointer("x", i) for i in range(3)], name="p"),
        ColumnAnnotation(is_pointer=True),
    )
    dataset = factory.build()
    np.testing.assert_array_equal(dataset.read_column("p"), X)
    assert (tmp_path / "a.zarr" / ".zmetadata").exists()


def test_an_archive_without_path_is_refused() -> None:
    with pytest.raises(InvalidDatasetError, match="zarr_root_path"):
        _ = DatasetFactory().zarr_root


def test_a_reset_factory_begins_anew_and_leaves_what_it_wrote(
    tmp_path: Path, write_zarr: Callable[..., str]
) -> None:
    factory = DatasetFactory(tmp_path / "a.zarr", converters={})
    factory.register_converter(".ZARR", ZarrConverter())
    source = write_zarr("source.zarr", x=X)
    factory.add_from_file(source)
    first = factory.build()
    factory.reset(tmp_path / "b.zarr")
    with pytest.raises(InvalidDatasetError, match="Nothing was added"):
        factory.build()
    factory.add_from_file(source)
    second = factory.build()
    assert second.zarr_root_path == str(tmp_path / "b.zarr")
    assert first == second
    np.testing.assert_array_equal(first.read_column("x"), X)
    factory.reset(tmp_path / "a.zarr")
    with pytest.raises(ObjectExistsError):
        factory.add_from_file(source)


@pytest.mark.parametrize("if_exists", ["skip", None, ""])
def test_other_ways_of_meeting_an_archive_are_refused(if_exists: Any) -> None:
    with pytest.raises(InvalidInputError, match="if_exists"):
        DatasetFactory("a.zarr", if_exists=if_exists)


# -- files ------------------------------------------------------------------------------------


class _Broken(Converter):
    """Writes an array and fails."""

    def convert(self, path: str, factory: Any, append: bool = False) -> Any:
        factory.archive.append("left", X)
        if Path(path).read_text("utf-8") == "fails":
            raise InvalidDatasetError("on purpose")
        cells = [self.get_pointer("left", row) for row in range(3)]
        annotations = {"p": ColumnAnnotation(is_pointer=True)}
        return pd.DataFrame({"p": cells, "a": [7, 8, 9]}), annotations, {}


def test_a_file_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "a.own"
    factory = DatasetFactory(tmp_path / "a.zarr")
    factory.register_converter("own", _Broken())
    factory.add_column(pd.Series([1, 2, 3], name="a"))
    for text, message in (("fails", "on purpose"), ("clashes", "'a' already")):
        file.write_text(text, "utf-8")
        with pytest.raises(InvalidDatasetError, match=message):
            factory.add_from_file(file)
        assert list(factory.zarr_root.keys()) == []
    assert factory.build().columns == ["a"]


def test_work_that_was_refused_can_be_done_again(tmp_path: Path) -> None:
    file = tmp_path / "a.own"
    for text in ("fails", "works"):
        file.write_text(text, "utf-8")
        factory = DatasetFactory(tmp_path / "a.zarr")
        factory.register_converter("own", _Broken())
        if text == "fails":
            with pytest.raises(InvalidDatasetError):
                factory.add_from_file(file)
        else:
            factory.add_from_file(file)
    np.testing.assert_array_equal(factory.build().read_column("p"), X)


@pytest.mark.parametrize("given", [None, (pd.DataFrame(),), ({"a": [1]}, {}, {})])
def test_a_converter_that_gives_no_table_is_told(tmp_path: Path, given: Any) -> None:
    class Odd(Converter):
        def convert(self, path: str, factory: Any, append: bool = False) -> Any:
            return given

    factory = DatasetFactory(converters={"own": Odd()})
    with pytest.raises(InvalidDatasetError) as caught:
        factory.add_from_file(tmp_path / "a.own")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["a.csv", "noextension", "a."])
def test_a_file_without_converter_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="No converter") as caught:
        DatasetFactory(tmp_path / "a.zarr").add_from_file(tmp_path / name)
    assert "sdf" in caught.value.hint


@pytest.mark.parametrize(
    ("paths", "axis"),
    [([], 0), ("a.sdf", 0), (["a.sdf"], 2), (["a.sdf"], True), (["a.sdf"], "rows")],
)
def test_lists_of_files_that_are_none_are_refused(paths: Any, axis: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        create_dataset_from_files(paths, axis=axis)
    assert caught.value.hint


def test_rows_of_different_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDatasetError, match="pdb and sdf"):
        create_dataset_from_files(["a.sdf", "b.pdb"], tmp_path / "a.zarr", axis=0)


def test_a_file_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFoundError, match=r"no\.sdf"):
        DatasetFactory(tmp_path / "a.zarr").add_from_file(tmp_path / "no.sdf")
    assert not (tmp_path / "a.zarr").exists()


def test_files_of_molecules_are_rows_of_one_column(
    write_sdf: Callable[..., str], tmp_path: Path
) -> None:
    paths = [write_sdf("a.sdf", [("C", {}), ("CC", {})]), write_sdf("b.SDF", [("CCC", {"n": "1"})])]
    dataset = create_dataset_from_files(paths, tmp_path / "a.zarr")
    assert dataset.table["molecule"].tolist() == ["molecule#0", "molecule#1", "molecule#2"]
    assert [dataset[i]["molecule"].GetNumAtoms() for i in dataset.rows] == [1, 2, 3]
    with pytest.raises(ValueError, match="contains 'molecule' already"):
        create_dataset_from_files(paths, tmp_path / "b.zarr", axis=1)


def test_two_files_are_columns_when_their_converters_differ(
    write_sdf: Callable[..., str], tmp_path: Path
) -> None:
    path = write_sdf("a.sdf", [("C", {}), ("CC", {})])
    factory = DatasetFactory(tmp_path / "a.zarr")
    for name in ("ligand", "reference"):
        factory.register_converter("sdf", SDFConverter(mol_column=name, smiles_column=None))
        factory.add_from_file(path)
    dataset = factory.build()
    assert dataset.columns == ["ligand", "reference"]
    assert dataset[1]["reference"].GetNumAtoms() == 2


def test_loading_a_file_that_needs_an_archive_says_how(
    write_sdf: Callable[..., str],
) -> None:
    with pytest.raises(InvalidDatasetError, match="archive") as caught:
        polaris.load_dataset(write_sdf("a.sdf", [("C", {})]))
    assert "zarr_root_path" in caught.value.hint


# -- small things -----------------------------------------------------------------------------


def test_pointers_name_rows() -> None:
    assert Converter.get_pointer("x", 3) == "x#3"
    assert Converter.get_pointer("x", slice(3, 5)) == "x#3:5"
    for wrong in (slice(3), slice(1, None), slice(1, 5, 2)):
        with pytest.raises(InvalidDatasetError):
            Converter.get_pointer("x", wrong)


def test_chemistry_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, polaris.dataset, polaris.dataset.converters, polaris.dataset.codecs\n"
        "polaris.dataset.DatasetFactory('a.zarr')\n"
        "print([n for n in ('rdkit', 'datamol', 'biotite') if n in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == "[]"
