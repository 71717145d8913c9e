"""Reads subsets with PyTorch's own `DataLoader`.

    python torch_loader.py FOLDER METHOD

METHOD is how workers are started, or ``none`` for no workers.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found]  # Not among the packages of the project.
from torch.utils.data import DataLoader  # type: ignore[import-not-found]
from trained_on import SECRET, TRAIN, subsets  # type: ignore[import-not-found]  # Beside this file.

from polaris.dataset import Subset

BATCH = 8
# Each of their workers imports PyTorch anew, which takes seconds.
SLOW = ("spawn", "forkserver")


def load(subset: Subset, method: str, *, shuffle: bool) -> list[Any]:
    """Return all batches, collated by PyTorch; workers live on for a second epoch."""
    workers: dict[str, Any] = (
        {}
        if method == "none"
        else {"num_workers": 2, "multiprocessing_context": method, "persistent_workers": True}
    )
    torch.manual_seed(0)
    loader: Any = DataLoader(subset, batch_size=BATCH, shuffle=shuffle, **workers)
    first, second = list(loader), list(loader)
    assert len(first) == len(second) == -(-len(subset) // BATCH)
    return second


def joined(parts: list[Any]) -> np.ndarray[Any, Any]:
    """Return batches of tensors, or of texts, as one array."""
    if isinstance(parts[0], torch.Tensor):
        return np.asarray(torch.cat(parts))
    return np.array([text for part in parts for text in part])


def main(folder: Path, method: str) -> None:
    """Read subsets shuffled, and their test sets in order."""
    for name, (train, test) in subsets(folder).items():
        if method in SLOW and name not in ("featurized", "hub"):
            continue
        batches = load(train, method, shuffle=True)
        x, y = joined([inputs for inputs, _ in batches]), joined([t for _, t in batches])
        wanted_x, wanted_y = train.as_array("xy")
        assert not np.array_equal(y, wanted_y), "shuffled"
        # Every target of the training set is different, and tells which row it is of.
        order = np.argsort(wanted_y)[np.searchsorted(np.sort(wanted_y), y)]
        np.testing.assert_array_equal(x, wanted_x[order], err_msg=name)
        assert sorted(order) == list(range(TRAIN))
        bare = joined(load(test, method, shuffle=False))
        np.testing.assert_array_equal(bare, test.X, err_msg=name)
        assert bare.dtype.kind == "U" or bare.max() < SECRET
        print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
