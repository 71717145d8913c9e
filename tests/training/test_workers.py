"""Subsets are read by the workers of a data loader, which are forked or spawned."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

import pytest

METHODS = [
    pytest.param(method, marks=[] if method == "fork" else pytest.mark.slow)
    for method in multiprocessing.get_all_start_methods()
]


@pytest.mark.parametrize("method", METHODS)
def test_workers_read_what_the_process_that_sent_them_reads(
    run: Callable[..., str], method: str
) -> None:
    read = run("emulated_loader.py", method).splitlines()
    assert read == ["table", "featurized", "archive", "opened archive", "hub", "version 2"]
