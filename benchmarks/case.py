"""Time one case in whatever environment runs this file, ours or polaris-lib's.

    python benchmarks/case.py CASE SIZE --folder FILES --small SMALL_FILES [--rows N]

For each line of its input it takes a turn and writes the seconds that the work took, of the clock
and of the processor, as JSON. At the end of the input it writes the process's peak memory in MiB,
before the first turn and now, and a fingerprint of the result. Both libraries have the same names,
so the same lines measure both. A small run comes first, so that imports count neither as time nor
as memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks import archive_cases, file_cases, index_cases, limit_cases, table_cases
    from benchmarks.job import Job, fingerprint
else:
    # This file is run as a script, in either environment.
    import archive_cases
    import file_cases
    import index_cases
    import limit_cases
    import table_cases
    from job import Job, fingerprint

warnings.simplefilter("ignore")

CASES = {
    **table_cases.CASES,
    **archive_cases.CASES,
    **file_cases.CASES,
    **index_cases.CASES,
    **limit_cases.CASES,
}
SMALL = 100
# In a turn, short work is repeated until so many seconds have passed.
SECONDS = 0.1
MOST = 5


def peak_mib() -> float:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def turn(job: Job) -> tuple[dict[str, float], object]:
    """Return the median seconds of some repetitions, and the last result."""
    clock: list[float] = []
    processor: list[float] = []
    result: object = None
    while not clock or (sum(clock) < SECONDS and len(clock) < MOST):
        # Two results at once would count as memory of the work.
        result = None
        began, worked = time.perf_counter(), time.process_time()
        result = job.run()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - worked)
    return {"clock": statistics.median(clock), "processor": statistics.median(processor)}, result


def main() -> None:
    """Run the case that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "case", choices=["files", *sorted(CASES)], help="files: tell what they read"
    )
    parser.add_argument("size", type=float, nargs="?", default=SMALL)
    parser.add_argument("--folder", type=Path, default=Path(), help="its files")
    parser.add_argument("--small", type=Path, default=Path(), help="its files for the small run")
    parser.add_argument("--rows", type=float, help="do this part of the work only")
    options = parser.parse_args()
    if options.case == "files":
        print(json.dumps({name: case.files for name, case in CASES.items()}))
        return
    # The library may show its progress where the answers are expected.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    size, prepare = int(options.size), CASES[options.case].prepare
    small = prepare(options.small, SMALL, SMALL)
    small.seen(small.run())
    job = prepare(options.folder, size, int(options.rows or size))
    before = peak_mib()
    result: object = None
    for _ in sys.stdin:
        result = None
        taken, result = turn(job)
        print(json.dumps(taken), file=answers, flush=True)
    found: dict[str, object] = {"before_mib": before, "peak_mib": peak_mib()}
    print(json.dumps(found | {"fingerprint": fingerprint(job.seen(result))}), file=answers)
    answers.flush()


if __name__ == "__main__":
    main()
