"""Molecules and structures go to polaris-lib 0.13.0 and come from it, as it is released."""

from __future__ import annotations

import importlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from polaris.dataset import Dataset, create_dataset_from_file, create_dataset_from_files
from polaris.dataset.codecs import AtomArrayCodec, RDKitMolCodec
from tests.e2e.polaris_lib.peer import IS_REQUIRED, PEER, needs_peer, run_all

pytestmark = [pytest.mark.slow, needs_peer]

# Where the peer is required, no missing library is an excuse.
_import = importlib.import_module if IS_REQUIRED else pytest.importorskip
chem: Any = _import("rdkit.Chem")
structure: Any = _import("biotite.structure")

SMILES = ["CCO", "c1ccccc1", "C[C@H](N)C(=O)O", "[Na+].[Cl-]", "CC(=O)Nc1ccc(O)cc1", "N#N"]
SEED = random.SystemRandom().randrange(2**32)

# What both sides say of an archive and of datasets, as JSON on the last line of the output.
REPORT = """
def of_molecule(m):
    if m is None or m == b"":
        return None
    from rdkit import Chem
    known = lambda thing: {k: str(v) for k, v in thing.GetPropsAsDict(False, False).items()}
    return [Chem.MolToSmiles(m), known(m), [known(a) for a in m.GetAtoms()]]

def of_structure(s):
    if s is None:
        return None
    names = sorted(s.get_annotation_categories())
    return [s.coord.tolist(), {name: s.get_annotation(name).tolist() for name in names}]

def of_cell(cell):
    if isinstance(cell, tuple):
        return [of_cell(each) for each in cell]
    if hasattr(cell, "GetAtoms"):
        return of_molecule(cell)
    if hasattr(cell, "coord"):
        return of_structure(cell)
    return cell if isinstance(cell, str) else repr(float(cell))

def of_dataset(d):
    return [{name: of_cell(d[row, name]) for name in d.columns} for row in d.rows]
"""
report: dict[str, Any] = {}
exec(REPORT, report)


def run_peer(code: str, folder: Path) -> Any:
    """Run code in the environment of polaris-lib and return what it prints as its last line."""
    script = f"import json, warnings\nwarnings.simplefilter('ignore')\n{REPORT}\n{code}"
    [printed] = run_all([[str(PEER), "-W", "ignore", "-c", script]], folder)
    return json.loads(printed.strip().splitlines()[-1])


def molecules(rng: random.Random) -> list[Any]:
    """Return random molecules with random properties, and gaps between them."""
    found: list[Any] = []
    for _ in range(rng.randrange(5, 12)):
        if rng.random() < 0.25:
            found.append(None)
            continue
        molecule = chem.MolFromSmiles(rng.choice(SMILES))
        molecule.SetProp("note", rng.choice(["a", "b c", "\u00e9"]))
        molecule.SetDoubleProp("y", rng.uniform(-5, 5))
        molecule.GetAtomWithIdx(0).SetIntProp("site", rng.randrange(100))
        found.append(molecule)
    return found


def structures(rng: random.Random) -> list[Any]:
    """Return random structures, and gaps between them."""
    found: list[Any] = []
    for _ in range(rng.randrange(4, 9)):
        if rng.random() < 0.25:
            found.append(None)
            continue
        count = rng.randrange(1, 20)
        atoms = structure.AtomArray(count)
        atoms.coord = np.random.default_rng(rng.randrange(10**6)).normal(size=(count, 3))
        atoms.chain_id[:] = rng.choice("ABC")
        atoms.res_id[:] = np.arange(count) // 4 + 1
        atoms.res_name[:] = rng.choice(["ALA", "GLY"])
        atoms.atom_name[:] = rng.choice(["CA", "N"])
        atoms.element[:] = rng.choice(["C", "N"])
        atoms.hetero[:] = rng.random() < 0.5
        atoms.set_annotation("atom_id", np.arange(count) + 1)
        atoms.set_annotation("b_factor", np.round(np.linspace(0, 9, count), 2))
        atoms.set_annotation("occupancy", np.ones(count))
        atoms.set_annotation("charge", np.zeros(count, dtype=int))
        found.append(atoms)
    return found


def as_objects(cells: list[Any]) -> np.ndarray[Any, Any]:
    found = np.empty(len(cells), dtype=object)
    for position, cell in enumerate(cells):
        found[position] = cell
    return found


def write_archive(path: Path, rng: random.Random) -> dict[str, Any]:
    """Write an archive of molecules and structures and return what it holds."""
    from polaris_adapters.zarr_arrays.object_types import AnyObject

    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    cells = {"mol": molecules(rng), "pdb": structures(rng)}
    for name, codec in (("mol", RDKitMolCodec()), ("pdb", AtomArrayCodec())):
        array = root.create_array(
            name,
            shape=(len(cells[name]),),
            chunks=(rng.randrange(1, 5),),
            dtype=AnyObject(),
            filters=[codec],
        )
        array[:] = as_objects(cells[name])
    zarr.consolidate_metadata(root.store)
    return {
        "mol": [report["of_molecule"](cell) for cell in cells["mol"]],
        "pdb": [report["of_structure"](cell) for cell in cells["pdb"]],
    }


READ_ARCHIVE = """
import polaris.dataset, zarr
root = zarr.open_consolidated("ours.zarr")
print(json.dumps({"mol": [of_molecule(c) for c in root["mol"][:]],
                  "pdb": [of_structure(c) for c in root["pdb"][:]]}))
"""


def test_polaris_lib_reads_our_arrays_of_objects(tmp_path: Path) -> None:
    expected = write_archive(tmp_path / "ours.zarr", random.Random(SEED))
    assert run_peer(READ_ARCHIVE, tmp_path) == json.loads(json.dumps(expected)), f"seed {SEED}"


WRITE_ARCHIVE = """
import polaris.dataset, zarr, numpy as np
from polaris.dataset import codecs
import numcodecs
source = zarr.open_consolidated("ours.zarr")
root = zarr.open_group("theirs.zarr", mode="w")
for name in ("mol", "pdb"):
    cells = source[name][:]
    # Made with a fill value of 0, and without one.
    for suffix, make in (("", root.empty), ("_filled", root.full)):
        more = {"fill_value": 0} if suffix else {}
        codec = numcodecs.get_codec(source[name].filters[0].get_config())
        # polaris-lib cannot store the zeros with which such an array's last chunk is padded.
        chunks = len(cells) if suffix else 3
        array = make(name + suffix, shape=cells.shape, chunks=chunks, dtype=object,
                     object_codec=codec, **more)
        array[:] = cells
zarr.consolidate_metadata(root.store)
print(json.dumps(sorted(root.keys())))
"""


def test_we_read_the_arrays_of_objects_of_polaris_lib(tmp_path: Path) -> None:
    expected = write_archive(tmp_path / "ours.zarr", random.Random(SEED + 1))
    names = run_peer(WRITE_ARCHIVE, tmp_path)
    assert names == ["mol", "mol_filled", "pdb", "pdb_filled"]
    from polaris.hub.local_services import local_services

    services = local_services()
    source = services.archives.source(services.locator.folder(str(tmp_path)), "theirs.zarr")
    for name in names:
        kind = "of_molecule" if name.startswith("mol") else "of_structure"
        rows = np.arange(source.info(name).shape[0], dtype=np.int64)
        found = [report[kind](cell) for cell in source.take(name, rows)]
        assert json.loads(json.dumps(found)) == json.loads(
            json.dumps(expected[name.removesuffix("_filled")])
        ), f"{name}, seed {SEED}"


def write_files(folder: Path, rng: random.Random) -> None:
    """Write an SDF file, two PDB files and a flat archive, of random content."""
    with chem.SDWriter(str(folder / "some.sdf")) as writer:
        for number in range(rng.randrange(3, 9)):
            molecule = chem.MolFromSmiles(rng.choice(SMILES))
            molecule.SetProp("_Name", f"molecule {number}")
            molecule.SetProp("y", repr(round(rng.uniform(-5, 5), 3)))
            molecule.SetProp("label", rng.choice("abc"))
            writer.write(molecule)
    for name in ("1abc", "2xyz"):
        lines = [
            f"ATOM  {number + 1:5}  CA  ALA A{number + 1:4}    "
            f"{rng.uniform(-90, 90):8.3f}{rng.uniform(-90, 90):8.3f}{rng.uniform(-90, 90):8.3f}"
            f"  1.00{rng.uniform(0, 90):6.2f}           C  "
            for number in range(rng.randrange(1, 9))
        ]
        (folder / f"{name}.pdb").write_text("\n".join([*lines, "END", ""]), "utf-8")


PEER_DATASETS = """
from polaris.dataset import create_dataset_from_file, create_dataset_from_files
sdf = create_dataset_from_file("some.sdf", "peer_sdf.zarr")
pdb = create_dataset_from_files(["1abc.pdb", "2xyz.pdb"], "peer_pdb.zarr", axis=0)
print(json.dumps({"sdf": [sdf.to_json("saved_sdf"), of_dataset(sdf)],
                  "pdb": [pdb.to_json("saved_pdb"), of_dataset(pdb)]}))
"""


def test_we_load_what_polaris_lib_made_of_files_and_make_the_same(tmp_path: Path) -> None:
    write_files(tmp_path, random.Random(SEED + 2))
    made = run_peer(PEER_DATASETS, tmp_path)
    pdbs = [tmp_path / "1abc.pdb", tmp_path / "2xyz.pdb"]
    ours = {
        "sdf": create_dataset_from_file(tmp_path / "some.sdf", tmp_path / "our_sdf.zarr"),
        "pdb": create_dataset_from_files(pdbs, tmp_path / "our_pdb.zarr", axis=0),
    }
    for kind, (document, theirs) in made.items():
        loaded = report["of_dataset"](Dataset.from_json(tmp_path / document))
        assert json.loads(json.dumps(loaded)) == theirs, f"{kind}, seed {SEED}"
        mine = json.loads(json.dumps(report["of_dataset"](ours[kind])))
        assert mine == theirs, f"{kind}, seed {SEED}"


LOAD_OURS = """
import os, polaris
found = []
for path in %s:
    # polaris-lib looks for the files of a document where it runs.
    os.chdir(os.path.dirname(path))
    dataset = polaris.load_dataset(path, verify_checksum="verify")
    found.append([dataset.md5sum, of_dataset(dataset)])
print(json.dumps(found))
"""


def test_polaris_lib_loads_what_we_made_of_files(tmp_path: Path) -> None:
    write_files(tmp_path, random.Random(SEED + 3))
    pdbs = [tmp_path / "1abc.pdb", tmp_path / "2xyz.pdb"]
    ours = [
        create_dataset_from_file(tmp_path / "some.sdf", tmp_path / "sdf.zarr"),
        create_dataset_from_files(pdbs, tmp_path / "pdb.zarr", axis=0),
    ]
    for name, dataset in zip(("sdf_file", "pdb_file"), ours, strict=True):
        dataset.name = name
    documents = [dataset.to_json(tmp_path / str(dataset.name)) for dataset in ours]
    theirs = run_peer(LOAD_OURS % documents, tmp_path)
    expected = [[dataset.md5sum, report["of_dataset"](dataset)] for dataset in ours]
    assert theirs == json.loads(json.dumps(expected)), f"seed {SEED}"
