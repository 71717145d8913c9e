"""Structures as a column of an archive without table: the same as those that a table points to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr

from polaris.dataset import DatasetV2, create_dataset_from_files

biotite = pytest.importorskip("biotite.structure")


def test_a_group_of_structures_is_read_as_the_table_has_it(
    write_pdb: Callable[..., str], tmp_path: Path
) -> None:
    paths = [write_pdb("1abc.pdb"), write_pdb("2xyz.pdb", residue="GLY")]
    archive = str(tmp_path / "a.zarr")
    table = create_dataset_from_files(paths, archive, axis=0)
    root = zarr.open_group(archive, mode="r+", use_consolidated=False)
    group = root["pdb"]
    assert isinstance(group, zarr.Group)
    index = group.create_array("__index__", shape=2, dtype="str")
    index[:] = np.array(["2xyz", "1abc"])
    zarr.consolidate_metadata(root.store)
    arrays = DatasetV2(zarr_root_path=archive, default_adapters={"pdb": "ARRAY_TO_PDB"})
    assert (arrays.columns, len(arrays)) == (["pdb"], 2)
    for row, label in ((0, 1), (1, 0)):
        atoms, expected = arrays[row]["pdb"], table[label]["pdb"]
        assert isinstance(atoms, biotite.AtomArray)
        assert atoms.res_name.tolist() == expected.res_name.tolist()
        assert atoms == expected
