"""Random Zarr archives of format 2, written with zarr 2 on the one side, with zarr 3 on ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numcodecs  # type: ignore[import-untyped]  # It ships no annotations.
import numpy as np
import zarr

from .tables import random_text

__all__ = ["ARRAY_KINDS", "as_objects", "random_array", "write"]

Rng = np.random.Generator
Array = np.ndarray[Any, Any]

_HAS_ZARR_3 = int(zarr.__version__.split(".")[0]) >= 3


def as_objects(cells: list[Any]) -> Array:
    """Return cells as an array of objects, whatever they are."""
    found = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        found[place] = cell
    return found


def _molecules(rng: Rng, n: int) -> Array:
    from rdkit import Chem

    smiles = ["CCO", "c1ccccc1", "C[C@H](N)C(=O)O", "[Na+].[Cl-]"]
    return as_objects([Chem.MolFromSmiles(str(rng.choice(smiles))) for _ in range(n)])


def _ragged(rng: Rng, n: int) -> Array:
    return as_objects(
        [rng.normal(size=int(rng.integers(0, 6))).astype("float32") for _ in range(n)]
    )


def _numbers(dtype: str, *element: int) -> Callable[[Rng, int], Array]:
    def make(rng: Rng, n: int) -> Array:
        values = rng.normal(scale=40, size=(n, *element))
        if np.dtype(dtype).kind in "fc":
            values = np.where(rng.random(values.shape) < 0.1, np.nan, values)
        return values.astype(dtype)

    return make


# Each makes an array of n rows.
ARRAY_KINDS: dict[str, Callable[[Rng, int], Array]] = {
    "float64": _numbers("float64"),
    "float32": _numbers("float32", 3),
    "float16": _numbers("float16", 2),
    "big_endian": _numbers(">i4"),
    "int8": _numbers("int8", 4, 2),
    "bool": lambda rng, n: rng.random((n, 2)) < 0.5,
    "complex": _numbers("complex64"),
    "time": lambda rng, n: rng.integers(0, 2**40, size=n).astype("datetime64[s]"),
    "short_text": lambda rng, n: np.array([random_text(rng, 5) for _ in range(n)], dtype="<U6"),
    "short_bytes": lambda rng, n: rng.choice(np.array([b"", b"ab", b"c"]), size=n),
    "text": lambda rng, n: as_objects([random_text(rng) for _ in range(n)]),
    "bytes": lambda rng, n: as_objects([rng.bytes(int(rng.integers(0, 6))) for _ in range(n)]),
    "ragged": _ragged,
    "molecule": _molecules,
}
_OBJECT_CODECS: dict[str, Callable[[], Any]] = {
    "text": numcodecs.VLenUTF8,
    "bytes": numcodecs.VLenBytes,
    "ragged": lambda: numcodecs.VLenArray("<f4"),
    "molecule": lambda: numcodecs.get_codec({"id": "rdkit_mol"}),
}


def random_array(rng: Rng, kind: str, n: int) -> tuple[Array, dict[str, Any]]:
    """Return an array and how it is to be stored: chunks, order, separator, compressor."""
    values = ARRAY_KINDS[kind](rng, n)
    compressors = [
        None,
        numcodecs.Blosc(cname="zstd", clevel=3),
        numcodecs.Zlib(1),
        numcodecs.LZ4(),
        numcodecs.Zstd(1),
    ]
    how = {
        # Some arrays have a chunk a row; of others the last chunk is not full.
        "chunks": (int(rng.integers(1, n + 1)), *(max(1, size // 2) for size in values.shape[1:])),
        "compressor": compressors[int(rng.integers(len(compressors)))],
        "order": str(rng.choice(["C", "F"])) if values.ndim > 1 else "C",
        "separator": str(rng.choice([".", "/"])),
        "kind": kind,
    }
    return values, how


def write(path: str, arrays: Mapping[str, tuple[Array, Mapping[str, Any]]]) -> None:
    """Write an archive; a name with slashes is of an array in groups."""
    root: Any
    if _HAS_ZARR_3:
        root = zarr.open_group(path, mode="w", zarr_format=2)
    else:
        root = zarr.open_group(path, mode="w")
    for name, (values, how) in arrays.items():
        create = _create_3 if _HAS_ZARR_3 else _create_2
        create(root, name, values, how)
    zarr.consolidate_metadata(root.store)


def _create_2(root: Any, name: str, values: Array, how: Mapping[str, Any]) -> None:
    codec = _OBJECT_CODECS.get(how["kind"])
    array = root.create_dataset(
        name,
        shape=values.shape,
        dtype=values.dtype,
        # polaris-lib cannot store the zeros with which the last chunk of molecules is padded.
        chunks=values.shape if how["kind"] == "molecule" else how["chunks"],
        compressor=how["compressor"],
        order=how["order"],
        dimension_separator=how["separator"],
        **({} if codec is None else {"object_codec": codec()}),
    )
    array[...] = values


def _create_3(root: Any, name: str, values: Array, how: Mapping[str, Any]) -> None:
    from zarr.core.dtype import VariableLengthBytes

    from polaris_adapters.zarr_arrays.object_types import AnyObject

    dtypes: dict[str, Any] = {"text": str, "bytes": VariableLengthBytes()}
    objects: Any = AnyObject(object_codec_id="vlen-array" if how["kind"] == "ragged" else None)
    codec = _OBJECT_CODECS.get(how["kind"])
    array = root.create_array(
        name,
        shape=values.shape,
        dtype=dtypes.get(how["kind"], values.dtype if codec is None else objects),
        chunks=how["chunks"],
        compressors=how["compressor"],
        filters=None if codec is None else [codec()],
        order=how["order"],
        chunk_key_encoding={"name": "v2", "separator": how["separator"]},
        # For zarr 2 the bytes of a chunk that is not there are texts.
        config={"write_empty_chunks": how["kind"] == "bytes"},
    )
    array[...] = values
