"""Make, save, load and describe objects: run with polaris-lib in its environment, and with ours.

``write FOLDER SEED`` makes the objects of a seed and saves them. ``read FOLDER AGAIN`` loads all
that is saved in a folder and saves it again in another. Both leave a report in the folder that they
wrote: what each object holds.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from . import benchmarks, datasets, outcomes

__all__ = ["KINDS", "read", "write"]

Case = dict[str, Any]

KINDS: dict[str, Any] = {
    "table": datasets.Tables(),
    "pointers": datasets.Pointers(),
    "archive": datasets.Archives(),
    "benchmark": benchmarks.Benchmarks(),
    "large benchmark": benchmarks.LargeBenchmarks(),
    "index set": benchmarks.IndexSets(),
    "competition": benchmarks.Competitions(),
    "results": outcomes.Results(),
    "predictions": outcomes.Predictions(),
    "submission": outcomes.Submissions(),
    "model": outcomes.Models(),
}


def write(folder: Path, seed: int) -> None:
    """Make the objects of a seed, save them below a folder, and report on them."""
    cases: dict[str, Case] = {}
    for place, (kind, how) in enumerate(KINDS.items()):
        for number in range(how.count):
            name = f"{kind} {number}"
            case = cases[name] = {"kind": kind}
            rng = np.random.default_rng([seed, place, number])
            scratch = folder / "scratch" / name
            scratch.mkdir(parents=True)
            # One that fails must not hide the others; the test shows them all.
            try:
                made = how.make(rng, number, scratch)
                if isinstance(made, tuple):
                    made, case["given"] = made
                _save(how, made, folder / name, case)
            except Exception:
                case["error"] = traceback.format_exc()
    _report(folder, cases)


def read(folder: Path, again: Path) -> None:
    """Load what is saved below a folder, save it again below another, and report on it."""
    found: dict[str, Case] = {}
    for name, known in json.loads((folder / "report.json").read_text("utf-8")).items():
        how = KINDS[known["kind"]]
        case = found[name] = {key: known[key] for key in ("kind", "given") if key in known}
        try:
            # polaris-lib looks for the files that a document names where it runs.
            os.chdir(folder / name)
            _save(how, how.load(known["document"]), again / name, case)
        except Exception:
            case["error"] = traceback.format_exc()
    _report(again, found)


def _save(how: Any, made: Any, folder: Path, case: Case) -> None:
    case["described"] = how.described(made)
    if "given" in case:
        case["scores"] = how.judged(made, case["given"])
    folder.mkdir(parents=True)
    document = how.save(made, folder)
    if document.endswith(".json"):
        stored = json.loads((folder / document).read_text("utf-8"))
        case["stored md5sum"] = stored.get("md5sum")
    case["document"] = document


def _report(folder: Path, cases: dict[str, Case]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "report.json").write_text(json.dumps(cases), "utf-8")


if __name__ == "__main__":
    command, target, argument = sys.argv[1:]
    if command == "write":
        write(Path(target).resolve(), int(argument))
    else:
        read(Path(target).resolve(), Path(argument).resolve())
