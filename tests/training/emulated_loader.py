"""Reads subsets as PyTorch's `DataLoader` does: workers hold them and are sent lists of indices.

python emulated_loader.py FOLDER METHOD
"""

from __future__ import annotations

import multiprocessing
import random
import sys
from collections.abc import Callable, Sequence
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np
from trained_on import SECRET, subsets  # type: ignore[import-not-found]  # Beside this file.

from polaris.dataset import Subset
from polaris.errors import PolarisError

BATCH = 7
TRAIN, TEST = 0, 1

Subsets = dict[str, tuple[Subset, Subset]]
held: Subsets = {}


def hold(sent: Subsets) -> None:
    """Keep what a worker was sent when it started."""
    held.update(sent)


def fetch(job: tuple[str, int, list[int]]) -> list[Any]:
    """Return items of a subset by the road that PyTorch takes where it finds it."""
    name, part, indices = job
    return held[name][part].__getitems__(indices)


def load(workers: Pool, name: str, part: int, order: Sequence[int]) -> list[Any]:
    """Return the items in the order asked for, read by workers."""
    jobs = [
        (name, part, list(order[start : start + BATCH])) for start in range(0, len(order), BATCH)
    ]
    return [item for batch in workers.imap(fetch, jobs) for item in batch]


def reveal(name: str) -> list[str]:
    """Return what a worker gets who asks for the targets of a test set."""
    subset = held[name][TEST]
    asks: list[Callable[[], object]] = [
        lambda: subset.y,
        lambda: subset.column_values("y"),
        lambda: subset.dataset.read_column("y"),
    ]
    answers = []
    for ask in asks:
        try:
            answers.append(repr(ask()))
        except PolarisError as error:
            answers.append(type(error).__name__)
    return answers


def main(folder: Path, method: str) -> None:
    """Read every subset in a shuffled order and compare with what this process reads."""
    made = subsets(folder)
    with multiprocessing.get_context(method).Pool(2, hold, (made,)) as workers:
        for name, (train, test) in made.items():
            order = list(range(len(train)))
            random.Random(0).shuffle(order)
            inputs, targets = zip(*load(workers, name, TRAIN, order), strict=True)
            xs, ys = train.as_array("xy")
            np.testing.assert_array_equal(np.array(inputs), xs[order], err_msg=name)
            np.testing.assert_array_equal(np.array(targets), ys[order], err_msg=name)
            bare = np.array(load(workers, name, TEST, range(len(test))))
            np.testing.assert_array_equal(bare, test.X, err_msg=name)
            assert bare.dtype.kind == "U" or bare.max() < SECRET
            refused = ["TestAccessError", "TestAccessError", "InvalidDatasetError"]
            assert workers.apply(reveal, (name,)) == refused
            print(name)
        # Let them end on their own; those that are killed leave warnings.
        workers.close()
        workers.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
