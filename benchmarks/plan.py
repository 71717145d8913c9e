"""Which cases are run, at which sizes, and what is expected of them."""

from __future__ import annotations

from typing import NamedTuple


class Versus(NamedTuple):
    """A case that both libraries run.

    Attributes:
        case: Its name.
        size: Rows, or files.
        target: How many times faster we mean to be.
        rows: The part of the rows that polaris-lib works on; its time is multiplied to stand for
            all of them. Where it is quadratic, all of them would take minutes to hours.
    """

    case: str
    size: float
    target: float | None = None
    rows: float | None = None


class Limit(NamedTuple):
    """A case, and the least that its result can take here.

    Attributes:
        case: Its name.
        limit: The case that it is held against.
        size: Rows, or files.
        target: How many times as long we mean to take at most.
    """

    case: str
    limit: str
    size: float
    target: float | None = None


VERSUS = [
    Versus("v2_rows", 1e4, 80),
    Versus("v2_cells", 1e4),
    Versus("v2_subset", 1e4, 80),
    Versus("v2_in_memory", 1e4, 15),
    Versus("v2_arrays", 1e4),
    Versus("v2_batches", 1e4),
    Versus("v2_batches", 1e5),
    Versus("v2_shuffled", 1e4),
    Versus("v2_random", 1e5, 2.5),
    Versus("v2_whole", 1.25e5),
    Versus("v2_evaluate", 1e4),
    Versus("manifest_100_kb", 1e4, 2),
    Versus("manifest_1_kb", 1e4),
    Versus("digest_100_kb", 1e4, 3),
    Versus("digest_1_kb", 1e4, 4),
    Versus("index_set", 1e6, 5),
    Versus("index_set", 1e7, 5),
    Versus("index_set_bytes", 1e7),
    Versus("split_open", 1e6),
    Versus("split_open", 1e8),
    Versus("subset_construct", 1e5),
    Versus("subset_iterate", 1e4, 300),
    Versus("subset_iterate", 1e5, rows=500),
    Versus("subset_array", 1e4, 1000),
    Versus("subset_array", 1e5, rows=500),
    Versus("evaluate", 1e4, 500),
    Versus("evaluate", 1e5, 10_000, rows=500),
    Versus("validate", 1e5, 2),
    Versus("validate", 1e6, 2),
    Versus("validate_numpy", 1e5, 20),
    Versus("validate_numpy", 1e6, 20),
]

LIMITS = [
    Limit("v2_rows", "limit_slices", 1e4, 4),
    Limit("v2_subset", "limit_slices", 1e4, 4),
    Limit("v2_batches", "limit_slices", 1e4),
    Limit("v2_arrays", "limit_slices", 1e4),
    Limit("v2_whole", "limit_whole", 1.25e5),
    Limit("evaluate", "limit_metrics", 1e5, 10),
    Limit("index_set", "limit_packbits", 1e7, 3),
    Limit("manifest_100_kb", "limit_md5_100_kb", 1e4, 1.25),
    Limit("digest_100_kb", "limit_md5_100_kb", 1e4, 1.25),
    Limit("digest_1_kb", "limit_md5_1_kb", 1e4),
]

ALONE: list[tuple[str, tuple[float, ...]]] = [
    ("v2_rows", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_subset", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_batches", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_shuffled", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_arrays", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_evaluate", (1e4, 1e5, 1e6)),
    # 200 MB, 2 GB, 20 GB.
    ("v2_wide", (2.5e4, 2.5e5, 2.5e6)),
    ("v2_wide_subset", (2.5e4, 2.5e5, 2.5e6)),
    ("manifest_1_kb", (1e3, 1e4, 1e5)),
    ("digest_1_kb", (1e3, 1e4, 1e5)),
    ("index_set", (1e6, 1e7, 1e8)),
    ("index_set_bytes", (1e6, 1e7, 1e8)),
    ("split_open", (1e6, 1e7, 1e8)),
    ("split_walk", (1e6, 1e7, 1e8)),
    ("subset_iterate", (1e5, 1e6, 1e7)),
    ("subset_array", (1e5, 1e6, 1e7)),
    ("evaluate", (1e5, 1e6, 1e7)),
    ("validate_numpy", (1e5, 1e6, 1e7)),
    ("bootstrap", (1e4, 1e5)),
]
