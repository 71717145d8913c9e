"""Compare this library with polaris-lib 0.13.0, and with itself at ten times the size.

    python -m benchmarks.compare [--only CASE] [--quick]

polaris-lib is installed into a virtual environment of its own (`benchmarks/peer.py`). Cases run in
turn, ours and theirs, each in a fresh process; the table shows the median of the repetitions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.peer import peer_python

CASE = Path(__file__).with_name("case.py")

# case, size, rows the peer is given (its work is extrapolated from them), repetitions of the peer
VERSUS: list[tuple[str, float, float | None, int]] = [
    ("subset_construct", 1e4, None, 3),
    ("subset_construct", 1e5, None, 3),
    ("subset_iterate", 1e4, None, 1),
    ("subset_iterate", 1e5, 500, 1),
    ("subset_array", 1e4, None, 1),
    ("subset_array", 1e5, 500, 1),
    ("evaluate", 1e4, None, 1),
    ("evaluate", 1e5, 500, 1),
    ("validate", 1e5, None, 3),
    ("validate", 1e6, None, 1),
    ("validate_numpy", 1e5, None, 3),
    ("validate_numpy", 1e6, None, 1),
    ("zarr_digest", 1e4, None, 1),
    ("v2_rows", 1e4, None, 1),
    ("v2_cells", 1e4, None, 1),
    ("v2_subset", 1e4, None, 1),
    ("v2_batches", 1e4, None, 1),
    ("v2_batches", 1e6, None, 1),
    ("v2_shuffled", 1e4, None, 1),
    ("manifest", 1e4, None, 3),
    ("index_set", 1e6, None, 3),
    ("index_set", 1e7, None, 3),
    ("validate_bitmap", 1e5, None, 3),
    ("validate_bitmap", 1e6, None, 3),
]

ALONE: list[tuple[str, float]] = (
    [
        (case, size)
        for case in ("subset_iterate", "subset_array", "evaluate", "validate_numpy")
        for size in (1e5, 1e6, 1e7)
    ]
    + [
        (case, size)
        for case in ("v2_rows", "v2_subset", "v2_batches", "v2_shuffled", "v2_large")
        for size in (2.5e4, 2.5e5, 2.5e6)
    ]
    + [("index_set", size) for size in (1e6, 1e7, 1e8)]
    + [("bootstrap", size) for size in (1e4, 1e5)]
)


def measure(
    python: str, case: str, size: float, *, rows: float | None = None, repeat: int = 3
) -> dict[str, float] | None:
    """Run one case and return its seconds, scaled to the whole work, and its peak memory."""
    command = [python, str(CASE), case, str(size), "--repeat", str(repeat)]
    if rows is not None:
        command += ["--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CASE.parent)
    if done.returncode != 0:
        print(f"{case} at {size:g} failed:\n{done.stderr[-2000:]}", file=sys.stderr)
        return None
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return {
        "seconds": statistics.median(found["seconds"]) * found["factor"],
        "factor": found["factor"],
        "peak_mib": found["peak_mib"],
    }


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.3g}" if seconds < 10 else f"{seconds * 1000:,.0f}"


def versus(only: str | None, *, quick: bool) -> None:
    """Print our times beside the peer's."""
    theirs_python = peer_python()
    print("\nAgainst polaris-lib 0.13.0, milliseconds (* extrapolated from a part of the rows)\n")
    print(f"{'case':<18}{'size':>8}{'ours':>14}{'polaris-lib':>16}{'ratio':>12}{'our MiB':>9}")
    for case, size, rows, repeat in VERSUS:
        if (only and case != only) or (quick and size > 1e5):
            continue
        ours = measure(sys.executable, case, size)
        theirs = measure(theirs_python, case, size, rows=rows, repeat=repeat)
        if ours is None or theirs is None:
            continue
        mark = "*" if theirs["factor"] != 1 else " "
        print(
            f"{case:<18}{size:>8.0e}{_milliseconds(ours['seconds']):>14}"
            f"{_milliseconds(theirs['seconds']):>15}{mark}"
            f"{theirs['seconds'] / ours['seconds']:>11,.1f}x{ours['peak_mib']:>9.0f}"
        )


def alone(only: str | None, *, quick: bool) -> None:
    """Print our times at growing sizes, with the growth for each tenfold."""
    print("\nOurs alone, milliseconds; growth is the factor for ten times the rows\n")
    print(f"{'case':<18}{'size':>8}{'ours':>14}{'growth':>10}{'MiB':>8}")
    before: dict[str, float] = {}
    for case, size in ALONE:
        if (only and case != only) or (quick and size > 1e6):
            continue
        ours = measure(sys.executable, case, size)
        if ours is None:
            continue
        growth = f"{ours['seconds'] / before[case]:.1f}x" if case in before else ""
        before[case] = ours["seconds"]
        print(
            f"{case:<18}{size:>8.0e}{_milliseconds(ours['seconds']):>14}{growth:>10}"
            f"{ours['peak_mib']:>8.0f}"
        )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="run this case only")
    parser.add_argument("--quick", action="store_true", help="leave out the largest sizes")
    options = parser.parse_args()
    versus(options.only, quick=options.quick)
    alone(options.only, quick=options.quick)


if __name__ == "__main__":
    main()
