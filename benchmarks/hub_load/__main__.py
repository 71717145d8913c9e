"""Measure: fill hubs of several sizes, serve each, and ask.

python -m benchmarks.hub_load [--artifacts 1000 100000 1000000] [--database sqlite postgresql]
"""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Iterator
from pathlib import Path

import attrs

from benchmarks.hub_load.cases import CASES, Asking, mixed
from benchmarks.hub_load.corpus import Corpus
from benchmarks.hub_load.driving import Outcome, drive, shortest
from benchmarks.hub_load.hubs import SeededHub, hub_factory
from benchmarks.hub_load.reporting import Run, growth, table
from benchmarks.hub_load.serving import Served, served

_MIXED = "mixed"
# Those that tell how far a second worker helps.
_WITH_MORE = ("get", "list", "search: in a tenth", _MIXED)


def main() -> None:
    """Measure what the command line asks for, and print tables in Markdown."""
    asked = _arguments()
    runs: list[Run] = []
    for kind in asked.database:
        with hub_factory(kind, asked.folder) as new_hub:
            for size in asked.artifacts:
                hub = new_hub(Corpus(size))
                for workers in asked.workers:
                    run = _run(kind, hub, Corpus(size), workers, asked)
                    print(table(run), flush=True)
                    runs.append(run)
    print(growth(runs))


def _arguments() -> argparse.Namespace:
    kinds = ["sqlite", "postgresql"]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub_load")
    parser.add_argument("--artifacts", type=int, nargs="+", default=[1000, 100_000, 1_000_000])
    parser.add_argument("--database", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each case")
    parser.add_argument("--warm", type=float, default=1.0, help="seconds before, not measured")
    parser.add_argument("--folder", type=Path, help="keeps the hubs on SQLite for later runs")
    parser.add_argument("--only", nargs="+", help="cases, by how their names begin")
    return parser.parse_args()


def _run(
    kind: str,
    hub: SeededHub,
    corpus: Corpus,
    workers: int,
    asked: argparse.Namespace,
) -> Run:
    with served(hub.settings.data, database=hub.settings.database, workers=workers) as server:
        host = f"{server.address[0]}:{server.address[1]}"
        asking = Asking(corpus, host, hub.token, uuid.uuid4().hex[:8])
        outcomes = dict(_outcomes(server, asking, workers, asked))
        memory = server.memory()
    return Run(
        kind, corpus.size, workers, hub.database_bytes, hub.seeded_in, memory, outcomes
    )  # fmt: skip


def _outcomes(
    server: Served, asking: Asking, workers: int, asked: argparse.Namespace
) -> Iterator[tuple[str, Outcome]]:
    for name in [*CASES, _MIXED]:
        chosen = asked.only is None or any(name.startswith(start) for start in asked.only)
        if not chosen or (workers > 1 and name not in _WITH_MORE):
            continue
        if name == _MIXED:
            requests = [mixed(asking, client) for client in range(asked.clients)]
        else:
            found = CASES[name](asking)
            # Each begins elsewhere, lest all ask for the same at once.
            steps = [len(found) * client // asked.clients for client in range(asked.clients)]
            requests = [found[step:] + found[:step] for step in steps]
        alone = shortest(server.address, requests[0], seconds=asked.seconds / 3)
        outcome = drive(
            server.address,
            requests,
            server.processor_seconds,
            seconds=asked.seconds,
            warm=asked.warm,
        )
        yield name, attrs.evolve(outcome, alone=alone)


if __name__ == "__main__":
    main()
