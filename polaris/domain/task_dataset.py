"""What holds between a task and the dataset that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from polaris.domain.fields import rule
from polaris.domain.metrics.metric import Metric
from polaris.domain.subset import Featurize, Subset
from polaris.errors import Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from polaris.domain.column_names import ColumnNames
    from polaris.domain.dataset_v1 import DatasetV1
    from polaris.domain.dataset_v2 import DatasetV2
    from polaris.domain.index_set import IndexSet

__all__ = ["DatasetRules"]


class DatasetRules:
    """The columns of a task are columns of its dataset; rows of it make the task's subsets."""

    __slots__ = ()

    if TYPE_CHECKING:
        target_cols: ColumnNames
        input_cols: ColumnNames
        metrics: list[Metric]

        @property
        def dataset(self) -> DatasetV1 | DatasetV2: ...  # noqa: D102  said where it is a field

    @rule("dataset", "target_cols")
    def _targets_exist(self) -> Iterator[Problem]:
        for column in self.target_cols:
            yield from self._unless_there("target_cols", column)

    @rule("dataset", "input_cols")
    def _inputs_exist(self) -> Iterator[Problem]:
        for column in self.input_cols:
            yield from self._unless_there("input_cols", column)

    @rule("dataset", "metrics")
    def _groups_exist(self) -> Iterator[Problem]:
        for metric in self.metrics:
            if metric.config is not None:
                yield from self._unless_there("metrics", metric.config.group_by)

    def _unless_there(self, field: str, column: str) -> Iterator[Problem]:
        if column not in self.dataset.columns:
            hint = f"Its columns are {', '.join(self.dataset.columns[:20])}."
            yield Problem(field, f"the dataset has no column {column!r}", hint)

    @property
    def dataset_artifact_id(self) -> str | None:
        """Id of the dataset, ``owner/slug``."""
        return self.dataset.artifact_id

    def _subset(
        self, rows: NDArray[np.int64] | IndexSet, featurize: Featurize | None, *, hide: bool
    ) -> Subset:
        return Subset(
            self.dataset,
            rows,
            self.input_cols,
            self.target_cols,
            featurization_fn=featurize,
            hide_targets=hide,
        )
