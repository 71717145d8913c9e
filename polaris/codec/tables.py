"""Tables as parquet files."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from polaris.domain.checksums.table import row_hashes
from polaris.errors import DamagedFileError, InvalidDatasetError, Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["decode_table", "encode_table"]


# Our note in the metadata of a parquet file: JSON of each such column's categories and order.
_CATEGORIES = b"polaris.categories"


def encode_table(table: pd.DataFrame) -> bytes:
    """Return a table as parquet, its index included; the same table gives the same bytes.

    Categories that are numbers or truth values are noted beside the columns, and so come back.
    Those that are times come back as times, with the same checksum.

    Raises:
        InvalidDatasetError: A column holds values that parquet cannot.
    """
    import pyarrow as pa

    if len(table) and not len(table.columns):
        raise InvalidDatasetError(
            f"The table has {len(table)} rows but no column", hint="Give it at least one column."
        )
    buffer = io.BytesIO()
    try:
        _write(table, buffer)
    except UnicodeEncodeError as cause:
        raise InvalidDatasetError(
            f"The table has a text that is no Unicode: {cause.reason}",
            hint="Leave lone surrogates out of its cells and names.",
        ) from cause
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as cause:
        raise InvalidDatasetError(
            f"The table cannot be written as parquet: {cause}",
            hint="Give each column values of one type.",
        ) from cause
    _refuse_loss(table, buffer)
    return buffer.getvalue()


def _write(table: pd.DataFrame, buffer: io.BytesIO) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    categories = _categories(table)
    if not categories:
        table.to_parquet(buffer, engine="pyarrow")
        return
    written = pa.Table.from_pandas(table)
    notes = {_CATEGORIES: json.dumps(categories).encode()}
    pq.write_table(written.replace_schema_metadata(written.schema.metadata | notes), buffer)


def _categories(table: pd.DataFrame) -> dict[str, Any]:
    """Return the categories that parquet would forget: it only keeps those that are texts."""
    return {
        str(name): {
            "categories": dtype.categories.tolist(),
            "dtype": str(dtype.categories.dtype),
            "ordered": bool(dtype.ordered),
        }
        for name, dtype in table.dtypes.items()
        if dtype == "category" and dtype.categories.dtype.kind in "iufb"
    }


def _with_categories(table: pd.DataFrame, data: bytes) -> pd.DataFrame:
    """Return a table that was read with those of its categories that were noted beside it."""
    import pandas as pd
    import pyarrow.parquet as pq

    notes = pq.read_schema(io.BytesIO(data)).metadata or {}
    columns = {
        name: pd.Categorical(
            table[name],
            pd.Index(noted["categories"], dtype=noted["dtype"]),
            ordered=noted["ordered"],
        )
        for name, noted in json.loads(notes.get(_CATEGORIES, "{}")).items()
        if name in table.columns
    }
    return table.assign(**columns) if columns else table


def _refuse_loss(table: pd.DataFrame, written: io.BytesIO) -> None:
    """Refuse columns that parquet gives back as something else.

    Numbers among objects come back as floats, and times in whole seconds as milliseconds: what was
    published would then not have the checksum that it was published with.
    """
    import pandas as pd

    doubtful = [
        str(name)
        for name, dtype in table.dtypes.items()
        if dtype == "object" or getattr(dtype, "unit", None) == "s" or str(dtype).endswith("64[s]")
    ]
    if not doubtful:
        return
    back = pd.read_parquet(written, engine="pyarrow", columns=doubtful)
    problems = [
        Problem(
            f"table.{name}",
            f"parquet does not keep its values as they are ({table[name].dtype})",
            "Convert the column to one type, such as float, str or datetime64[us].",
        )
        for name in doubtful
        if not _alike(table[[name]], back[[name]])
    ]
    if problems:
        raise InvalidDatasetError(problems=problems)


def _alike(table: pd.DataFrame, back: pd.DataFrame) -> bool:
    try:
        return np.array_equal(row_hashes(table), row_hashes(back))
    except InvalidDatasetError:
        return True  # Lists and the like have no checksum that could change.


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
        return _with_categories(pd.read_parquet(io.BytesIO(data), engine="pyarrow"), data)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as cause:
        raise DamagedFileError(
            f"{source} is not a readable parquet file: {cause}",
            hint="Restore the file, or fetch the dataset again.",
        ) from cause
