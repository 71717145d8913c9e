"""Random datasets, as user code makes, saves, loads and looks at them, with either library."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import archives
from .descriptions import of_cell, of_dtype, of_table, plain
from .tables import COLUMN_KINDS, random_table, random_text

__all__ = ["Archives", "Pointers", "Tables", "described_artifact", "metadata"]

Rng = np.random.Generator

# By name, because the classes of the two libraries differ for a type checker.
polaris: Any = importlib.import_module("polaris")
topic: Any = importlib.import_module("polaris.dataset")

# Reading every row of more would take long with polaris-lib.
_SHOWN_ROWS = 60
_FIELDS = ["name", "slug", "description", "tags", "user_attributes", "artifact_id", "urn"]
_DATASET_FIELDS = [*_FIELDS, "readme", "source", "license", "curation_reference",
                   "artifact_version", "artifact_changelog", "n_rows", "n_columns",
                   "uses_zarr"]  # fmt: skip


def metadata(rng: Rng, number: int) -> dict[str, Any]:
    """Return what all artifacts say of themselves."""
    found: dict[str, Any] = {
        "name": f"Some_name-{number}_",
        "description": random_text(rng),
        "tags": [random_text(rng) for _ in range(3)],
        "user_attributes": {random_text(rng): random_text(rng)},
    }
    return found | ({"owner": "some-owner"} if rng.random() < 0.7 else {})


def _dataset_metadata(rng: Rng, number: int) -> dict[str, Any]:
    return metadata(rng, number) | {
        "readme": "# é\n\n" + random_text(rng, 100),
        "source": "https://example.org/a?b=é#c",
        "license": str(rng.choice(["MIT", "CC-BY-NC-SA-4.0"])),
        "curation_reference": "http://example.org",
        "artifact_changelog": random_text(rng),
    }


def _annotation(rng: Rng, **more: Any) -> Any:
    modalities = ["MOLECULE", "molecule_3d", "Protein", "IMAGE", "UNKNOWN"]
    return topic.ColumnAnnotation(
        modality=str(rng.choice(modalities)),
        description=random_text(rng),
        user_attributes={"unit": random_text(rng)},
        content_type=str(rng.choice(["chemical/x-smiles", "text/é"])),
        **more,
    )


def described_artifact(artifact: Any, fields: list[str] = _FIELDS) -> dict[str, Any]:
    """Return the plain fields of an artifact."""
    return {field: plain(getattr(artifact, field)) for field in fields}


def _described(dataset: Any) -> dict[str, Any]:
    labels = list(dataset.rows)
    some = labels if len(labels) <= _SHOWN_ROWS else labels[:: len(labels) // 7]
    annotations = {
        name: [
            annotation.is_pointer,
            annotation.modality.name,
            annotation.description,
            annotation.user_attributes,
            annotation.content_type,
            of_dtype(annotation.dtype),
        ]
        for name, annotation in dataset.annotations.items()
    }
    return described_artifact(dataset, _DATASET_FIELDS) | {
        "columns": list(dataset.columns),
        "annotations": annotations,
        "adapters": {name: adapter.name for name, adapter in dataset.default_adapters.items()},
        "rows": [{k: of_cell(v) for k, v in dataset[label].items()} for label in some],
    }


class Tables:
    """Datasets that are tables."""

    count = 14

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new dataset."""
        kinds = list(COLUMN_KINDS)
        if number:
            # Each kind of column is in some of them.
            picked = [kinds[place % len(kinds)] for place in range(2 * number, 2 * number + 5)]
            table = random_table(rng, picked, 1 if number == 1 else int(rng.integers(2, 40)))
        else:
            table = random_table(rng, ["float64", "int32", "text", "bool"], 10_000)
        annotated = rng.choice(table.columns.to_numpy(dtype=object), size=2, replace=False)
        return topic.Dataset(
            table=table,
            annotations={str(name): _annotation(rng) for name in annotated},
            **_dataset_metadata(rng, number),
        )

    def save(self, dataset: Any, folder: Path) -> str:
        """Save it and return the name of its document."""
        return Path(dataset.to_json(str(folder))).name

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory, and verify it."""
        return polaris.load_dataset(document, verify_checksum="verify")

    def described(self, dataset: Any) -> dict[str, Any]:
        """Return what it holds; its checksum is computed from that."""
        fresh = dataset.model_dump()
        return _described(dataset) | {
            "md5sum": topic.Dataset(
                table=dataset.table,
                zarr_root_path=dataset.zarr_root_path,
                annotations=dataset.annotations,
            ).md5sum,
            "dumped md5sum": fresh["md5sum"],
            "table": of_table(dataset.table),
            "files": sorted(
                [file.path, file.md5sum, file.size] for file in dataset.zarr_md5sum_manifest
            ),
        }


class Pointers(Tables):
    """Datasets whose tables point into an archive."""

    count = 10

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new dataset."""
        rows = 1 if number == 1 else int(rng.integers(2, 12))
        kinds = rng.permutation([k for k in archives.ARRAY_KINDS if k != "molecule"])[:3]
        names = ["flat é", "in a/group", "in a/deep/er/group"]
        arrays = {
            name: archives.random_array(rng, str(kind), int(rng.integers(4, 9)))
            for name, kind in zip(names, kinds, strict=True)
        }
        arrays["molecule"] = archives.random_array(rng, "molecule", 5)
        path = folder / "blobs.zarr"
        archives.write(str(path), arrays)
        pointers = {name: self._cells(rng, name, len(arrays[name][0]), rows) for name in arrays}
        table = pd.DataFrame(
            {"smiles": ["CCO"] * rows, **pointers, "y": rng.normal(size=rows)},
            index=[f"row {n}" for n in range(rows)],
        )
        return topic.Dataset(
            table=table[[str(name) for name in rng.permutation(table.columns)]],
            zarr_root_path=str(path),
            annotations={name: _annotation(rng, is_pointer=True) for name in arrays},
            default_adapters={"smiles": "SMILES_TO_MOL"} if number % 2 else {},
            **_dataset_metadata(rng, number),
        )

    def _cells(self, rng: Rng, name: str, length: int, rows: int) -> list[str]:
        cells = []
        for _ in range(rows):
            first = int(rng.integers(0, length))
            last = int(rng.integers(first, length))
            cells.append(f"{name}#{first}" if rng.random() < 0.6 else f"{name}#{first}:{last + 1}")
        return cells


class Archives:
    """Datasets that are archives."""

    count = 12

    def make(self, rng: Rng, number: int, folder: Path) -> Any:
        """Return a new dataset."""
        rows = 1 if number == 1 else int(rng.integers(2, 30))
        kinds = list(archives.ARRAY_KINDS)
        picked = [kinds[place % len(kinds)] for place in range(2 * number, 2 * number + 4)]
        arrays = {f"{kind} é": archives.random_array(rng, kind, rows) for kind in picked}
        if number % 3 == 0:
            arrays |= self._group(rng, "members", rows)
        arrays["smiles"] = archives.as_objects(["CCO"] * rows), arrays[f"{picked[0]} é"][1] | {
            "chunks": (rows,), "kind": "text", "order": "C",
        }  # fmt: skip
        path = folder / "data.zarr"
        archives.write(str(path), arrays)
        return topic.DatasetV2(
            zarr_root_path=str(path),
            annotations={"smiles": _annotation(rng)},
            default_adapters={"smiles": "SMILES_TO_MOL"},
            **_dataset_metadata(rng, number),
        )

    def _group(self, rng: Rng, name: str, rows: int) -> dict[str, Any]:
        """Return a group with an array for each row, and their order."""
        keys = [f"m{place}" for place in rng.permutation(rows)]
        _, how = archives.random_array(rng, "text", rows)
        members = {
            f"{name}/{key}": archives.random_array(rng, "float32", int(rng.integers(1, 5)))
            for key in sorted(keys)
        }
        return members | {f"{name}/__index__": (archives.as_objects(keys), how)}

    def save(self, dataset: Any, folder: Path) -> str:
        """Save it and return the name of its document."""
        return Path(dataset.to_json(str(folder))).name

    def load(self, document: str) -> Any:
        """Load it from the folder that is the working directory."""
        return topic.DatasetV2.from_json(document)

    def described(self, dataset: Any) -> dict[str, Any]:
        """Return what it holds, and the files of its archive as its manifest lists them."""
        manifest = pd.read_parquet(dataset.zarr_manifest_path).sort_values("path")
        listed = json.loads(manifest.to_json(orient="records"))
        return _described(dataset) | {"manifest": listed}
