"""Run cases in processes of their own that take turns.

This module imports nothing large: on Linux a process starts with the peak memory of its parent.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CASE = Path(__file__).with_name("case.py")
SMALL = 100
# No further turns are taken after so many seconds, if there were at least two.
ENOUGH = 20.0


class CaseFailedError(Exception):
    """A case ended with an error; its message is what it wrote."""


class Side(NamedTuple):
    """What one process is to run.

    Attributes:
        python: The interpreter of its environment.
        case: The name of the case.
        rows: The part of the rows that stands for all of them.
    """

    python: str
    case: str
    rows: float | None = None


class Measured(NamedTuple):
    """What one process measured.

    Attributes:
        clock: Seconds of each turn.
        processor: Seconds of the processor in each turn, of all threads.
        above_mib: Peak memory above what the process had before.
        fingerprint: Names the result.
    """

    clock: list[float]
    processor: list[float]
    above_mib: float
    fingerprint: str

    @property
    def seconds(self) -> float:
        """The median of the turns."""
        return statistics.median(self.clock)


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    """Return the ratios of turns that followed each other."""
    return [one / other for one, other in zip(of, to, strict=True)]


class Bench:
    """Runs cases on files that are written once, into a folder.

    Args:
        folder: Where the files are written.
        rounds: How many turns each process takes at most.
    """

    def __init__(self, folder: Path, rounds: int) -> None:
        self._folder = folder
        self._rounds = rounds
        self._environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}

    def run(self, size: float, *sides: Side) -> list[Measured]:
        """Run cases that take turns, each in a fresh process.

        Raises:
            CaseFailedError: One ended with an error.
        """
        processes = [self._process(side, size) for side in sides]
        try:
            turns: list[list[dict[str, float]]] = [[] for _ in sides]
            began = time.monotonic()
            for number in range(self._rounds):
                if number >= 2 and time.monotonic() - began > ENOUGH:
                    break
                for place in list(range(len(sides)))[:: -1 if number % 2 else 1]:
                    turns[place].append(_answer(processes[place], "turn\n"))
            return [
                _measured(taken, _answer(process, None), size, side)
                for taken, process, side in zip(turns, processes, sides, strict=True)
            ]
        except CaseFailedError as failure:
            written = [self._errors(side).read_text()[-2000:] for side in sides]
            raise CaseFailedError("\n".join([str(failure), *written])) from failure
        finally:
            for process in processes:
                process.kill()
                process.communicate()

    def _process(self, side: Side, size: float) -> subprocess.Popen[str]:
        arguments = [side.case, str(size)]
        if side.rows is not None:
            arguments += ["--rows", str(side.rows)]
        kind = _files()[side.case]
        if kind is not None:
            arguments += ["--folder", self._files(kind, int(size))]
            arguments += ["--small", self._files(kind, SMALL)]
        with self._errors(side).open("w") as errors:
            return subprocess.Popen(
                [side.python, str(CASE), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=CASE.parent,
                env=self._environment,
            )

    def _errors(self, side: Side) -> Path:
        place = "ours" if side.python == sys.executable else "theirs"
        return self._folder / f"errors-{side.case}-{place}.txt"

    def _files(self, kind: str, size: int) -> str:
        writer = str(CASE.with_name("archive_files.py"))
        return _output([sys.executable, writer, kind, str(self._folder), str(size)])


def _answer(process: subprocess.Popen[str], line: str | None) -> Any:
    """Write a line to a process, or end its input, and return what it answers."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if line is None:
            process.stdin.close()
            process.stdin = None
        else:
            process.stdin.write(line)
            process.stdin.flush()
        return json.loads(process.stdout.readline())
    except (BrokenPipeError, ValueError) as cause:
        arguments = process.args if isinstance(process.args, list) else [process.args]
        raise CaseFailedError(f"{' '.join(map(str, arguments))} ended early") from cause


def _measured(turns: list[dict[str, float]], end: Any, size: float, side: Side) -> Measured:
    factor = 1.0 if side.rows is None else size / side.rows
    return Measured(
        [turn["clock"] * factor for turn in turns],
        [turn["processor"] * factor for turn in turns],
        end["peak_mib"] - end["before_mib"],
        end["fingerprint"],
    )


@cache
def _files() -> dict[str, str | None]:
    found: dict[str, str | None] = json.loads(_output([sys.executable, str(CASE), "files"]))
    return found


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CASE.parent)
    if done.returncode != 0:
        raise CaseFailedError(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    return done.stdout.strip().splitlines()[-1]
