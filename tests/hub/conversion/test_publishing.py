"""Datasets of files go to a hub and come back, and are read in bulk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr

from polaris.dataset import DatasetV1, DatasetV2, Subset, create_dataset_from_files
from polaris.dataset.codecs import AtomArrayCodec, RDKitMolCodec
from polaris.domain.identity import HubOwner
from polaris.hub.client import PolarisHubClient
from polaris_adapters.zarr_arrays.object_types import AnyObject


def test_molecules_and_a_structure_survive_a_hub(
    client: PolarisHubClient,
    write_sdf: Callable[..., str],
    write_pdb: Callable[..., str],
    tmp_path: Path,
) -> None:
    paths = [write_sdf("a.sdf", [("CCO", {"y": "1.5"})]), write_pdb("1abc.pdb")]
    dataset = create_dataset_from_files(paths, tmp_path / "a.zarr", axis=1)
    dataset.name, dataset.owner, dataset.license = "complexes", HubOwner(slug="acme"), "MIT"
    client.upload_dataset(dataset)
    found = client.get_dataset("acme", "complexes", "verify")
    assert isinstance(found, DatasetV1)
    assert found == dataset
    assert found[0]["molecule"].GetNumAtoms() == 3
    assert found[0]["pdb"] == dataset[0]["pdb"]


@pytest.fixture
def objects(tmp_path: Path) -> DatasetV2:
    """A dataset of five molecules and five structures, two of each in a chunk."""
    chem = pytest.importorskip("rdkit.Chem")
    structure = pytest.importorskip("biotite.structure")
    root = zarr.open_group(str(tmp_path / "objects.zarr"), mode="w", zarr_format=2)
    cells = {
        "mol": [chem.MolFromSmiles("C" * (row + 1)) for row in range(5)],
        "pdb": [structure.AtomArray(row + 1) for row in range(5)],
    }
    for name, codec in (("mol", RDKitMolCodec()), ("pdb", AtomArrayCodec())):
        values = np.empty(5, dtype=object)
        for row, cell in enumerate(cells[name]):
            values[row] = cell
        array = root.create_array(name, shape=(5,), chunks=(2,), dtype=AnyObject(), filters=[codec])
        array[:] = values
    root.create_array("y", shape=(5,), chunks=(2,), dtype="f8")[:] = np.arange(5.0)
    zarr.consolidate_metadata(root.store)
    return DatasetV2(name="objects", zarr_root_path=str(tmp_path / "objects.zarr"))


def test_a_dataset_of_arrays_has_molecules_and_structures(objects: DatasetV2) -> None:
    assert objects.columns == ["mol", "pdb", "y"]
    assert objects.get_data(3, "mol").GetNumAtoms() == 4
    assert objects.get_data(4, "pdb").array_length() == 5
    subset = Subset(objects, [4, 0, 4, 1], input_cols=["mol", "pdb"], target_cols="y")
    sizes = [(x["mol"].GetNumAtoms(), x["pdb"].array_length(), y) for x, y in subset]
    assert sizes == [(5, 5, 4.0), (1, 1, 0.0), (5, 5, 4.0), (2, 2, 1.0)]


def test_a_molecule_that_was_changed_is_read_as_it_was(objects: DatasetV2) -> None:
    for _ in range(2):
        molecule = objects.get_data(1, "mol")
        assert not molecule.HasProp("mine")
        molecule.SetProp("mine", "yes")


def test_a_dataset_of_objects_is_saved(objects: DatasetV2, tmp_path: Path) -> None:
    again = DatasetV2.from_json(objects.to_json(tmp_path / "saved"))
    assert again.get_data(2, "mol").GetNumAtoms() == 3
    again.load_to_memory()
    assert again.get_data(2, "pdb").array_length() == 3
