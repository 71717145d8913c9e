"""Subsets are map-style datasets of PyTorch."""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Callable

import pytest

NO_TORCH = (
    "PYTORCH IS MISSING: the DataLoader itself is not tried, only its protocol (test_workers.py). "
    "Install torch to run these."
)

pytestmark = [
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason=NO_TORCH),
]


@pytest.mark.parametrize("method", ["none", *multiprocessing.get_all_start_methods()])
def test_a_data_loader_reads_what_the_subset_holds(run: Callable[..., str], method: str) -> None:
    read = run("torch_loader.py", method).splitlines()
    every = ["table", "featurized", "archive", "opened archive", "hub", "version 2"]
    assert read == (every if method in ("none", "fork") else ["featurized", "hub"])
