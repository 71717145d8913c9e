"""Which classes to make of what is loaded; those of users have conveniences the domain has not."""

from __future__ import annotations

import attrs

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2

__all__ = ["BenchmarkClasses"]


@attrs.frozen(kw_only=True)
class BenchmarkClasses:
    """The classes that a benchmark and its dataset are made of.

    Attributes:
        single_task: Version 1 with one target column.
        multi_task: Version 1 with several.
        v2: Version 2.
        dataset: Dataset of version 1.
        dataset_v2: Dataset of version 2.
    """

    single_task: type[BenchmarkV1Specification]
    multi_task: type[BenchmarkV1Specification]
    v2: type[BenchmarkV2Specification]
    dataset: type[DatasetV1]
    dataset_v2: type[DatasetV2]
