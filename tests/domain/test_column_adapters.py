"""Turning cells into what a model reads."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from polaris.domain.column_adapters import Adapter
from polaris.domain.dataset_v1 import DatasetV1
from polaris.errors import InvalidDatasetError, MissingExtraError


def test_a_smiles_becomes_a_molecule() -> None:
    pytest.importorskip("rdkit")
    assert Adapter.SMILES_TO_MOL("CCO").GetNumAtoms() == 3


def test_an_adapter_works_on_each_value_of_a_tuple() -> None:
    pytest.importorskip("rdkit")
    molecules = Adapter.SMILES_TO_MOL(("C", "CC"))
    assert isinstance(molecules, tuple)
    assert [molecule.GetNumAtoms() for molecule in molecules] == [1, 2]


def test_a_molecule_is_read_back_from_its_bytes() -> None:
    chem = pytest.importorskip("rdkit.Chem")
    stored = chem.MolFromSmiles("c1ccccc1").ToBinary()
    assert Adapter.BYTES_TO_MOL(stored).GetNumAtoms() == 6


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("adapter", "value"),
    [
        (Adapter.SMILES_TO_MOL, "not a smiles"),
        (Adapter.SMILES_TO_MOL, None),
        (Adapter.BYTES_TO_MOL, b"no molecule"),
        (Adapter.BYTES_TO_MOL, "text"),
    ],
)
def test_a_value_that_is_no_molecule_is_refused(adapter: Adapter, value: object) -> None:
    pytest.importorskip("rdkit")
    with pytest.raises(InvalidDatasetError) as caught:
        adapter(value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("adapter", "module", "extra"),
    [
        (Adapter.SMILES_TO_MOL, "rdkit", "chem"),
        (Adapter.BYTES_TO_MOL, "rdkit", "chem"),
        (Adapter.ARRAY_TO_PDB, "biotite", "structures"),
    ],
)
def test_a_missing_package_is_named_by_the_extra_that_brings_it(
    adapter: Adapter, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        adapter("C")
    assert caught.value.extra == extra
    assert f"[{extra}]" in caught.value.hint
    assert isinstance(caught.value, ImportError)


def test_the_default_adapter_of_a_column_is_applied_to_cells_and_columns() -> None:
    pytest.importorskip("rdkit")
    dataset = DatasetV1(
        table=pd.DataFrame({"s": ["C", "CC"]}), default_adapters={"s": "SMILES_TO_MOL"}
    )
    assert dataset.get_data(1, "s").GetNumAtoms() == 2
    assert dataset[0]["s"].GetNumAtoms() == 1
    assert [m.GetNumAtoms() for m in dataset.read_column("s", np.array([1, 0]))] == [2, 1]
    assert dataset.table["s"].tolist() == ["C", "CC"]


def test_adapters_of_a_call_are_laid_over_the_default_ones() -> None:
    pytest.importorskip("rdkit")
    dataset = DatasetV1(
        table=pd.DataFrame({"s": ["C"], "t": ["CC"]}), default_adapters={"s": "SMILES_TO_MOL"}
    )
    other = {"t": Adapter.SMILES_TO_MOL}
    assert dataset.get_data(0, "s", adapters=other).GetNumAtoms() == 1
    assert dataset.get_data(0, "t", adapters=other).GetNumAtoms() == 2
    assert dataset.get_data(0, "t") == "CC"
