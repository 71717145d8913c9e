"""The order in which rows are read, and in which batches they come."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.row_windows import WindowPlan, rebatched

plans = st.builds(
    WindowPlan,
    n_rows=st.integers(0, 5000),
    row_bytes=st.sampled_from([1, 8, 2**16, 2**20, 2**23, 2**27]),
    chunk_rows=st.lists(st.integers(1, 2000), min_size=1, max_size=3).map(tuple),
)


@given(plan=plans, seed=st.integers(0, 3))
def test_every_row_is_read_once_in_either_order(plan: WindowPlan, seed: int) -> None:
    for order in (plan.ordered(), plan.shuffled(seed)):
        rows = np.concatenate([np.empty(0, np.int64), *order])
        np.testing.assert_array_equal(np.sort(rows), np.arange(plan.n_rows))


@given(plan=plans, seed=st.integers(0, 3))
def test_windows_are_small(plan: WindowPlan, seed: int) -> None:
    for order in (plan.ordered(), plan.shuffled(seed)):
        for rows in order:
            assert len(rows) * plan.row_bytes <= max(64 * 2**20, plan.row_bytes)


@given(rows=st.integers(1, 10**6), chunk=st.integers(1, 1000), size=st.integers(1, 2**12))
def test_windows_in_order_hold_whole_chunks(rows: int, chunk: int, size: int) -> None:
    plan = WindowPlan(rows, size, (chunk,))
    if chunk * size <= 16 * 2**20:
        assert plan.rows % chunk == 0


def test_no_chunk_is_in_two_windows_of_a_random_order() -> None:
    plan = WindowPlan(10_000, 2**16, (64, 16))
    windows = [set((rows // 64).tolist()) for rows in plan.shuffled(0)]
    assert len(windows) > 1
    assert sum(len(chunks) for chunks in windows) == len(set().union(*windows))


def test_a_chunk_that_exceeds_a_window_is_read_through_before_the_next() -> None:
    plan = WindowPlan(16_384, 2**17, (4096,))
    windows = [np.unique(rows // 4096) for rows in plan.shuffled(0)]
    visits = [chunk for window in windows for chunk in window.tolist()]
    # A chunk is left once: its windows are next to each other.
    left = [a for a, b in itertools.pairwise(visits) if a != b]
    assert len(left) == len(set(left))


def test_neighbours_of_a_random_order_come_from_far_apart() -> None:
    plan = WindowPlan(100_000, 8, (1000,))
    [order] = plan.shuffled(0)
    assert np.abs(np.diff(order)).mean() > 20_000


@given(
    lengths=st.lists(st.integers(1, 50), max_size=12),
    size=st.integers(1, 70),
)
def test_batches_are_full_and_keep_the_order(lengths: list[int], size: int) -> None:
    rows = np.arange(sum(lengths))
    windows = [{"x": part} for part in np.split(rows, np.cumsum(lengths)[:-1])] if lengths else []
    batches = [batch["x"] for batch in rebatched(windows, size)]
    assert all(len(batch) == size for batch in batches[:-1])
    np.testing.assert_array_equal(np.concatenate([np.empty(0, int), *batches]), rows)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_seed_gives_one_order(seed: int) -> None:
    plan = WindowPlan(5000, 2**20, (10,))
    first, second = (np.concatenate(list(plan.shuffled(seed))) for _ in range(2))
    np.testing.assert_array_equal(first, second)
