"""What follows from a split into one training set and test sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from polaris.domain.subset import Featurize, Subset

if TYPE_CHECKING:
    from polaris.domain.splits import SplitV1

__all__ = ["OneSplit"]


class OneSplit:
    """A task with one split: its sizes and labels, and the subsets that it makes."""

    __slots__ = ()

    if TYPE_CHECKING:
        split: SplitV1

        def _subset(
            self, rows: NDArray[np.int64], featurize: Featurize | None, *, hide: bool
        ) -> Subset: ...

    @property
    def n_train_datapoints(self) -> int:
        """Rows of the training set."""
        return len(self.split.train)

    @property
    def n_test_sets(self) -> int:
        """How many test sets there are."""
        return len(self.split.tests)

    @property
    def test_set_labels(self) -> list[str]:
        """The names of the test sets, sorted."""
        return self.split.labels

    @property
    def test_set_sizes(self) -> dict[str, int]:
        """Rows of each test set, sorted by name."""
        return {name: len(self.split.tests[name]) for name in self.split.labels}

    n_test_datapoints = test_set_sizes

    def get_train_test_split(
        self, featurization_fn: Featurize | None = None
    ) -> tuple[Subset, Subset | dict[str, Subset]]:
        """Return the training set and the test set, or test sets by name where there are several.

        Args:
            featurization_fn: Applied to each input when it is read.

        Returns:
            The training set, targets visible, and the test sets, targets hidden.
        """
        train = self._subset(self.split.train, featurization_fn, hide=False)
        tests = {
            name: self._subset(part, featurization_fn, hide=True)
            for name, part in self.split.tests.items()
        }
        return train, (next(iter(tests.values())) if len(tests) == 1 else tests)
