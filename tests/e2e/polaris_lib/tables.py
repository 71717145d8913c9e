"""Random tables with what makes tables awkward; a seed gives the same table on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["COLUMN_KINDS", "column", "random_table", "random_text", "random_words"]

Rng = np.random.Generator

_ALPHABET = [
    "a", "Z", "0", " ", "_", "#", "/", ":", "\t", "\n", '"', "'", "\\", ",", "é", "ß", "漢", "Ω",
    "\u200b", "\u202e", "🧪", "e\u0301",
]  # fmt: skip


def random_text(rng: Rng, longest: int = 12) -> str:
    """Return a text, maybe empty, of letters that are easy to get wrong."""
    return "".join(rng.choice(_ALPHABET, size=int(rng.integers(0, longest))))


def random_words(rng: Rng, count: int) -> list[str]:
    """Return different texts that are not empty."""
    return [f"{random_text(rng)}{number}" for number in range(count)]


def _with_gaps(rng: Rng, values: list[Any], gap: Any = None, share: float = 0.2) -> list[Any]:
    return [gap if rng.random() < share else value for value in values]


def _floats(rng: Rng, n: int) -> Any:
    values = rng.normal(size=n) * 10.0 ** rng.integers(-300, 300, size=n)
    special = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, 5e-324, 1.7976931348623157e308])
    return np.where(rng.random(n) < 0.3, rng.choice(special, size=n), values)


def _whole(dtype: str) -> Callable[[Rng, int], Any]:
    def make(rng: Rng, n: int) -> Any:
        info = np.iinfo(dtype)
        values = rng.integers(info.min, info.max, size=n, dtype=dtype, endpoint=True)
        return np.where(rng.random(n) < 0.2, np.array(info.max, dtype=dtype), values)

    return make


def _texts(rng: Rng, n: int) -> list[str]:
    return [random_text(rng) for _ in range(n)]


def _objects(values: list[Any]) -> pd.Series[Any]:
    return pd.Series(values, dtype=object)


def _days(rng: Rng, n: int) -> Any:
    return rng.integers(-(2**40), 2**40, size=n) * 1_000_000


def _times(unit: str) -> Callable[[Rng, int], Any]:
    def make(rng: Rng, n: int) -> Any:
        times = _days(rng, n).astype("datetime64[ns]").astype(f"datetime64[{unit}]")
        times[rng.random(n) < 0.2] = np.datetime64("NaT")
        return times

    return make


# Each makes the values of a column, given a generator and how many.
COLUMN_KINDS: dict[str, Callable[[Rng, int], Any]] = {
    "float64": _floats,
    "float32": lambda rng, n: np.clip(_floats(rng, n), -1e30, 1e30).astype("float32"),
    "all_missing": lambda rng, n: np.full(n, np.nan),
    **{kind: _whole(kind) for kind in ("int8", "int16", "int32", "int64", "uint8", "uint64")},
    "bool": lambda rng, n: rng.random(n) < 0.5,
    "text": _texts,
    "text_with_gaps": lambda rng, n: _with_gaps(rng, _texts(rng, n)),
    "object_text": lambda rng, n: _objects(_texts(rng, n)),
    "object_text_with_gaps": lambda rng, n: _objects(_with_gaps(rng, _texts(rng, n))),
    "object_none": lambda rng, n: _objects([None] * n),
    "bytes": lambda rng, n: _objects(
        _with_gaps(rng, [rng.bytes(int(rng.integers(0, 9))) for _ in range(n)])
    ),
    # Without a gap, parquet would not keep them as objects.
    "truths_with_gaps": lambda rng, n: _objects(
        [None, *_with_gaps(rng, [bool(rng.random() < 0.5) for _ in range(n - 1)])]
    ),
    "nullable_int": lambda rng, n: pd.array(
        _with_gaps(rng, rng.integers(-9, 9, size=n).tolist(), pd.NA), dtype="Int64"
    ),
    "nullable_bool": lambda rng, n: pd.array(
        _with_gaps(rng, (rng.random(n) < 0.5).tolist(), pd.NA), dtype="boolean"
    ),
    "nullable_float": lambda rng, n: pd.array(
        _with_gaps(rng, rng.normal(size=n).tolist(), pd.NA), dtype="Float32"
    ),
    "time_ns": _times("ns"),
    "time_us": _times("us"),
    "time_ms": _times("ms"),
    "time_with_zone": lambda rng, n: (
        pd.Series(_times("us")(rng, n)).dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    ),
    "duration": lambda rng, n: _days(rng, n).astype("timedelta64[ns]"),
    "categories": lambda rng, n: pd.Categorical(rng.choice(["a", "é", ""], size=n)),
    "ordered_categories": lambda rng, n: pd.Categorical(
        _with_gaps(rng, rng.choice(["low", "high"], size=n).tolist()),
        categories=["low", "unused", "high"],
        ordered=True,
    ),
}


def column(rng: Rng, kind: str, n: int) -> pd.Series[Any]:
    """Return a column of a kind, with the labels 0 to n - 1."""
    return pd.Series(COLUMN_KINDS[kind](rng, n), index=range(n))


def _index(rng: Rng, n: int) -> pd.Index[Any]:
    kinds: list[Callable[[], pd.Index[Any]]] = [
        lambda: pd.RangeIndex(n),
        lambda: pd.RangeIndex(5, 5 + 3 * n, 3),
        lambda: pd.Index(rng.permutation(n) + 7, name="number"),
        lambda: pd.Index(random_words(rng, n), name="label é"),
    ]
    return kinds[int(rng.integers(len(kinds)))]()


def random_table(rng: Rng, kinds: list[str], n: int) -> pd.DataFrame:
    """Return a table with a column of each kind, in random order, with random names and labels."""
    names = random_words(rng, len(kinds))
    chosen = [kinds[int(place)] for place in rng.permutation(len(kinds))]
    table = pd.DataFrame(
        {name: column(rng, kind, n) for name, kind in zip(names, chosen, strict=True)}
    )
    return table.set_axis(_index(rng, n), axis=0)
