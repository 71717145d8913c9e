"""Tables as parquet files."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from polaris.errors import DamagedFileError, InvalidDatasetError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decode_table", "encode_table"]


def encode_table(table: pd.DataFrame) -> bytes:
    """Return a table as parquet, its index included; the same table gives the same bytes.

    Raises:
        InvalidDatasetError: A column holds values that parquet cannot.
    """
    import pyarrow as pa

    buffer = io.BytesIO()
    try:
        table.to_parquet(buffer, engine="pyarrow")
    except (pa.ArrowException, ValueError, TypeError) as cause:
        raise InvalidDatasetError(
            f"The table cannot be written as parquet: {cause}",
            hint="Give each column values of one type.",
        ) from cause
    return buffer.getvalue()


def decode_table(data: bytes, *, source: str) -> pd.DataFrame:
    """Return the table that a parquet file holds.

    Args:
        data: The file's content.
        source: Where it came from, for errors.

    Raises:
        DamagedFileError: It is not parquet, or cut, or altered.
    """
    import pandas as pd
    import pyarrow as pa

    try:
        return pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as cause:
        raise DamagedFileError(
            f"{source} is not a readable parquet file: {cause}",
            hint="Restore the file, or fetch the dataset again.",
        ) from cause
