"""Refusing to hide targets that an earlier revision of a competition has shown."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polaris.domain.competition import CompetitionSpecification
from polaris.domain.short_text import few
from polaris.errors import InvalidCompetitionError

__all__ = ["refuse_shown"]


async def refuse_shown(
    competition: CompetitionSpecification, earlier: CompetitionSpecification
) -> None:
    """Refuse test rows that everybody could read with their targets before.

    A row is the same one if it is at the same position, with the same inputs and targets.

    Args:
        competition: What is to be published, with its true targets.
        earlier: A revision that has been published, as everybody has it.

    Raises:
        InvalidCompetitionError: There are such rows.
    """
    rows = await asyncio.to_thread(_shown, competition, earlier)
    if rows.size:
        raise InvalidCompetitionError(
            f"The targets of {rows.size} test rows are on the hub already, where {earlier.urn} "
            f"showed them: rows {few(rows.tolist())}",
            hint="Test on rows whose targets nobody has seen.",
        )


def _shown(
    competition: CompetitionSpecification, earlier: CompetitionSpecification
) -> NDArray[np.int64]:
    rows = competition.test_rows
    rows = rows[rows < earlier.n_rows]
    rows = rows[~np.isin(rows, earlier.test_rows)]
    columns = [*competition.target_cols, *competition.input_cols]
    if not rows.size or not set(columns) <= set(earlier.columns):
        return rows[:0]
    same = np.ones(rows.size, dtype=bool)
    for column in columns:
        same &= _equal(competition.archive.take(column, rows), earlier.archive.take(column, rows))
    return rows[same]


def _equal(values: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which rows are equal; what has no equality, such as a molecule, counts as equal."""
    if values.shape != others.shape:
        return np.zeros(len(values), dtype=bool)
    plain = (str, bytes, float, int, np.generic)
    if values.dtype.kind == "O" and not all(isinstance(cell, plain) for cell in values.flat):
        return np.ones(len(values), dtype=bool)
    equal = np.asarray(values == others, dtype=bool).reshape(len(values), -1)
    return np.asarray(equal.all(axis=1), dtype=bool)
