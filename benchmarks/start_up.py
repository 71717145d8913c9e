"""Time whole processes: a bare interpreter, our import, our command line, and polaris-lib's.

python -m benchmarks.start_up
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.peer import peer_python

RUNS = 9


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return the wall seconds of one run."""
    began = time.perf_counter()
    # Away from this folder, where each library would find our sources first.
    subprocess.run(
        command, check=True, capture_output=True, env=environment, cwd=environment["HOME"]
    )
    return time.perf_counter() - began


def main() -> None:
    """Run the commands in turn, so that a slow moment of the machine hits all alike."""
    theirs = Path(peer_python())
    script = str(Path(sys.executable).with_name("polaris"))
    with tempfile.TemporaryDirectory() as home:
        hub = (Path(home) / "hub").as_uri()
        environment = {**os.environ, "HOME": home, "POLARIS_HUB_URL": hub}
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import polaris": [sys.executable, "-c", "import polaris"],
            "polaris --help": [script, "--help"],
            "polaris dataset ls (file hub)": [script, "dataset", "ls"],
            "polaris-lib: import polaris": [str(theirs), "-c", "import polaris"],
            "polaris-lib: polaris --help": [str(theirs.with_name("polaris")), "--help"],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(RUNS + 1):
            for name, command in commands.items():
                one = seconds(command, environment)
                if run:  # the first round fills the caches
                    taken[name].append(one)
    bare = statistics.median(taken["python -c pass"])
    print(f"{'process':<32}{'median ms':>12}{'min':>9}{'max':>9}{'x bare':>9}")
    for name, times in taken.items():
        middle = statistics.median(times)
        print(
            f"{name:<32}{middle * 1000:>12.1f}{min(times) * 1000:>9.1f}{max(times) * 1000:>9.1f}"
            f"{middle / bare:>9.2f}"
        )


if __name__ == "__main__":
    main()
