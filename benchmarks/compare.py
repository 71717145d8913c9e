"""Compare this library with polaris-lib 0.13.0, with what is possible, and with itself.

    python -m benchmarks.compare [--only CASE …] [--table TABLE …] [--rounds N] [--quick]

polaris-lib is installed into a virtual environment of its own (`benchmarks/peer.py`). Both sides
read the same files and have to agree about the result. Their processes take turns; a ratio is the
median of the ratios of turns that followed each other, by the clock, and by the processor's time
of all threads, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Bench, CaseFailedError, Measured, Side, ratios
from benchmarks.peer import peer_python
from benchmarks.plan import ALONE, LIMITS, VERSUS, Limit, Versus

TABLES = ("versus", "limits", "alone")
COLUMNS = (
    f"{'case':<16}{'size':>8}{'ours ms':>10}{'other ms':>12}{'ratio':>9}{'least..most':>18}"
    f"{'of CPU':>9}{'MiB':>6}{'other':>6}"
)


def _milliseconds(taken: float) -> str:
    return f"{taken * 1000:,.3g}" if taken < 1 else f"{taken * 1000:,.0f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _row(
    case: str, size: float, ours: Measured, other: Measured, ratio: list[float], cpu: list[float]
) -> str:
    spread = f"{_number(min(ratio))}..{_number(max(ratio))}"
    return (
        f"{case:<16}{size:>8.3g}{_milliseconds(ours.seconds):>10}"
        f"{_milliseconds(other.seconds):>12}{_number(statistics.median(ratio)):>8}x{spread:>18}"
        f"{_number(statistics.median(cpu)):>8}x{ours.above_mib:>6.0f}{other.above_mib:>6.0f}"
    )


class Comparison:
    """Runs cases and prints what they took.

    Args:
        bench: Runs them.
        only: Names of cases; all when empty.
        quick: Leave out the largest sizes.

    Attributes:
        failures: What went wrong.
    """

    def __init__(self, bench: Bench, only: list[str], *, quick: bool) -> None:
        self._bench = bench
        self._only = only
        self._quick = quick
        self.failures: list[str] = []

    def _wanted(self, case: str, size: float) -> bool:
        return (not self._only or case in self._only) and not (self._quick and size > 1e6)

    def versus(self) -> None:
        """Print our times beside the peer's."""
        python = peer_python()
        print(
            "\nAgainst polaris-lib 0.13.0: how many times faster is ours. MiB: peak memory above\n"
            "the process before the work. *: extrapolated from a part of the rows.\n\n"
            f"{COLUMNS}  target"
        )
        for each in VERSUS:
            if self._wanted(each.case, each.size):
                try:
                    self._versus(each, python)
                except CaseFailedError as failure:
                    self._failed(each.case, each.size, str(failure))

    def _versus(self, each: Versus, python: str) -> None:
        ours, theirs = self._bench.run(
            each.size, Side(sys.executable, each.case), Side(python, each.case, each.rows)
        )
        agreed = ours
        if each.rows is not None:
            [agreed] = self._bench.run(each.size, Side(sys.executable, each.case, each.rows))
        if agreed.fingerprint != theirs.fingerprint:
            self._failed(each.case, each.size, "the two libraries have different results")
        ratio = ratios(theirs.clock, ours.clock)
        cpu = ratios(theirs.processor, ours.processor)
        verdict = "*" if each.rows is not None else " "
        if each.target is not None:
            met = statistics.median(ratio) >= each.target
            verdict += f" >= {_number(each.target)}: {'met' if met else 'MISSED'}"
        print(_row(each.case, each.size, ours, theirs, ratio, cpu) + verdict, flush=True)

    def limits(self) -> None:
        """Print our times beside the least that is possible."""
        print(
            "\nAgainst what the parts take by themselves: how many times as long is ours.\n\n"
            f"{COLUMNS}  against what, target"
        )
        for each in LIMITS:
            if self._wanted(each.case, each.size):
                try:
                    self._limit(each)
                except CaseFailedError as failure:
                    self._failed(each.case, each.size, str(failure))

    def _limit(self, each: Limit) -> None:
        ours, least = self._bench.run(
            each.size, Side(sys.executable, each.case), Side(sys.executable, each.limit)
        )
        ratio = ratios(ours.clock, least.clock)
        cpu = ratios(ours.processor, least.processor)
        verdict = "  " + each.limit.removeprefix("limit_")
        if each.target is not None:
            met = statistics.median(ratio) <= each.target
            verdict += f" <= {_number(each.target)}: {'met' if met else 'MISSED'}"
        print(_row(each.case, each.size, ours, least, ratio, cpu) + verdict, flush=True)

    def alone(self) -> None:
        """Print our times at growing sizes, with the growth for each tenfold."""
        print(
            "\nOurs alone; growth is the factor for ten times the rows.\n\n"
            f"{'case':<16}{'size':>8}{'ours ms':>10}{'growth':>9}{'CPU ms':>10}{'growth':>9}"
            f"{'MiB above':>11}"
        )
        for case, sizes in ALONE:
            before: tuple[float, float] | None = None
            for size in sizes:
                if self._wanted(case, size):
                    try:
                        [run] = self._bench.run(size, Side(sys.executable, case))
                    except CaseFailedError as failure:
                        self._failed(case, size, str(failure))
                        continue
                    # The least of the turns: what disturbs them only ever adds.
                    now = (min(run.clock), min(run.processor))
                    growth = (
                        [""] * 2
                        if before is None
                        else [f"{new / old:.1f}x" for new, old in zip(now, before, strict=True)]
                    )
                    before = now
                    print(
                        f"{case:<16}{size:>8.3g}{_milliseconds(now[0]):>10}{growth[0]:>9}"
                        f"{_milliseconds(now[1]):>10}{growth[1]:>9}{run.above_mib:>11.0f}",
                        flush=True,
                    )

    def _failed(self, case: str, size: float, why: str) -> None:
        self.failures.append(f"{case} at {size:g}: {why}")
        print(f"{case} at {size:g} failed: {why}", file=sys.stderr)


def main() -> int:
    """Run what the command line asks for; return 1 if something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="run these cases only")
    parser.add_argument("--table", choices=TABLES, nargs="+", default=TABLES)
    parser.add_argument("--rounds", type=int, default=5, help="turns that each process takes")
    parser.add_argument("--quick", action="store_true", help="leave out the largest sizes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="polaris-bench-") as folder:
        comparison = Comparison(
            Bench(Path(folder), options.rounds), options.only, quick=options.quick
        )
        for table in options.table:
            getattr(comparison, table)()
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
