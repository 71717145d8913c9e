"""The checksums of a dataset's table.

One is that of the released clients, which does not see the order of rows nor the names of columns.
The other one sees both: a benchmark names its rows by position and its targets by name.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import attrs
import numpy as np
from numpy.typing import NDArray

from polaris.errors import InvalidDatasetError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TableChecksums", "row_hashes", "table_checksum", "table_checksums"]

# Rows in work at once: hashing makes several copies of what it is given.
_BLOCK = 2**18


def row_hashes(table: pd.DataFrame) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row, shape ``(rows,)``; columns are taken by name.

    Raises:
        InvalidDatasetError: A column holds values that have no hash, such as lists, or a text with
            half of a character.
    """
    from pandas.util import hash_pandas_object

    ordered = table[sorted(table.columns)]
    try:
        hashes = hash_pandas_object(_without_negative_zero(ordered), index=False)
    except TypeError as cause:
        raise InvalidDatasetError(
            f"The table has cells that cannot be hashed: {cause}",
            hint="Keep lists and arrays in a Zarr archive and point to them.",
        ) from cause
    except UnicodeEncodeError as cause:
        raise InvalidDatasetError(
            f"The table has a text that is no Unicode: {cause.reason}",
            hint="Leave lone surrogates out of its cells.",
        ) from cause
    return np.asarray(hashes, dtype=np.uint64)


def _without_negative_zero(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with -0.0 as +0.0, so that versions of pandas agree."""
    floats = [
        name
        for name, dtype in table.dtypes.items()
        if isinstance(dtype, np.dtype)
        and dtype.kind == "f"
        and bool((np.signbit(table[name].to_numpy()) & (table[name].to_numpy() == 0)).any())
    ]
    return table.assign(**{str(name): table[name] + 0.0 for name in floats}) if floats else table


def _is_hashed_by_cell(table: pd.DataFrame) -> bool:
    """Tell whether a cell's hash depends on that cell alone, so that blocks may be hashed apart.

    Where an object column mixes texts with other values, pandas hashes every cell as a text.
    """
    from pandas.api.types import infer_dtype

    return all(
        infer_dtype(table[name], skipna=True) in ("string", "bytes", "empty")
        for name, dtype in table.dtypes.items()
        if dtype == "object"
    )


@attrs.frozen
class TableChecksums:
    """What is said of a table after a single look at its cells.

    Attributes:
        md5sum: Checksum of the dataset, 32 hex digits; see `table_checksum`.
        rows_sha256: Checksum of the names of the columns and of the rows in their order, 64 hex
            digits. The order of columns and the labels of rows have no influence.
    """

    md5sum: str
    rows_sha256: str


def table_checksums(table: pd.DataFrame, archive_digest: str | None = None) -> TableChecksums:
    """Return both checksums of a table.

    Args:
        table: The table.
        archive_digest: Text of the digest of its Zarr archive, if it has one; part of the MD5 only.

    Raises:
        InvalidDatasetError: A column holds values that have no hash.
    """
    names = json.dumps(sorted(map(str, table.columns)))
    in_order = hashlib.sha256(names.encode())
    total = 0
    block = _BLOCK if _is_hashed_by_cell(table) else max(len(table), 1)
    for start in range(0, len(table), block):
        hashes = row_hashes(table.iloc[start : start + block])
        total += int(hashes.sum(dtype=np.uint64))
        in_order.update(hashes.astype("<u8", copy=False).tobytes())
    md5 = hashlib.md5((total % 2**64).to_bytes(8, "little"), usedforsecurity=False)
    if archive_digest is not None:
        md5.update(archive_digest.encode())
    return TableChecksums(md5.hexdigest(), in_order.hexdigest())


def table_checksum(table: pd.DataFrame, archive_digest: str | None = None) -> str:
    """Return the MD5 of a dataset, 32 hex digits.

    Args:
        table: Its table; the index, the order and the names have no influence.
        archive_digest: Text of the digest of its Zarr archive, if it has one.

    Raises:
        InvalidDatasetError: A column holds values that have no hash.
    """
    return table_checksums(table, archive_digest).md5sum
