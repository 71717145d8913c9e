"""What was measured, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from benchmarks.hub_load.driving import Outcome

__all__ = ["Run", "growth", "table"]

# Where pages lie deep: against the first page of the same listing.
_DEEP = {
    "list, half-way": "list",
    "list, last page": "list",
    "list by update, half-way": "list by update",
    "search: in all, half-way": "search: in all",
    "search: in a tenth, half-way": "search: in a tenth",
}


@attrs.frozen
class Run:
    """One hub, served in one way.

    Attributes:
        database: Which.
        artifacts: How many.
        workers: Processes that serve.
        database_bytes: Size of the database before.
        seeded_in: Seconds that it took to fill it.
        memory: Of each process that serves, at the end, MiB; the largest first.
        outcomes: By case.
    """

    database: str
    artifacts: int
    workers: int
    database_bytes: int
    seeded_in: float
    memory: Sequence[float]
    outcomes: dict[str, Outcome]


def table(run: Run) -> str:
    """Return the table of a run, with what was no success below it."""
    memory = " + ".join(f"{one:.0f}" for one in run.memory if one >= 1)
    lines = [
        f"### {run.database}, {run.artifacts:,} artifacts, workers: {run.workers}",
        "",
        _of_hub(run, memory),
        "",
        "| case | alone, ms | requests/s | p50, ms | p99, ms | server CPU, ms | KB | errors |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {name} | {o.alone:.2f} | {o.rate:,.0f} | {o.p50:.1f} | {o.p99:.1f} | "
        f"{o.processor:.2f} | {o.body / 1000:.1f} | {o.errors or ''} |"
        for name, o in run.outcomes.items()
    ]
    lines += [f"\n{name}: {o.first}" for name, o in run.outcomes.items() if o.first]
    return "\n".join([*lines, ""])


def _of_hub(run: Run, memory: str) -> str:
    size, seconds = run.database_bytes / 1e6, run.seeded_in
    return (
        f"Database {size:,.0f} MB, filled in {seconds:.0f} s; memory of the processes {memory} MiB."
    )


def growth(runs: Sequence[Run]) -> str:
    """Return how a request's time grows from the smallest hub to the largest, and inward."""
    lines = []
    for database in dict.fromkeys(run.database for run in runs):
        alone = [run for run in runs if run.database == database and run.workers == 1]
        if not alone:
            continue
        small = min(alone, key=lambda run: run.artifacts)
        large = max(alone, key=lambda run: run.artifacts)
        few, many = f"{small.artifacts:,}", f"{large.artifacts:,}"
        lines += [
            f"### {database}, one worker: growth from {few} to {many} artifacts",
            "",
            f"| case | alone at {few}, ms | at {many} | growth | CPU | deep / first |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for name, before in small.outcomes.items():
            if name not in large.outcomes:
                continue
            after = large.outcomes[name]
            first = large.outcomes.get(_DEEP.get(name, ""))
            deep = "" if first is None else f"{after.alone / first.alone:.2f}"
            lines.append(
                f"| {name} | {before.alone:.2f} | {after.alone:.2f} | "
                f"{after.alone / before.alone:.2f} | "
                f"{after.processor / before.processor:.2f} | {deep} |"
            )
        lines.append("")
    return "\n".join(lines)
