"""The other side: polaris-lib 0.13.0 as it is released, in its own environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

__all__ = ["IS_REQUIRED", "OURS", "PEER", "differences", "needs_peer", "run_all"]

# Both are read when this module is imported, because tests have an environment of their own.
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
IS_REQUIRED = os.environ.get("POLARIS_REQUIRE_PEER") == "1"

PEER = CACHE / "polaris-benchmarks" / "polaris-lib-0.13.0" / "bin" / "python"
OURS = Path(sys.executable)
MISSING = (
    f"POLARIS-LIB 0.13.0 IS MISSING: there is no {PEER}. Nothing was exchanged with it; "
    "run `python -m benchmarks.peer` to make its environment."
)

# Where it is required, as in CI, tests without it fail instead.
needs_peer = pytest.mark.skipif(not PEER.exists() and not IS_REQUIRED, reason=MISSING)


def run_all(commands: Sequence[Sequence[str]], folder: Path) -> list[str]:
    """Run commands at once, each in a folder, and return what they print; fail if one fails.

    They see neither the settings nor the caches of whoever runs the tests.
    """
    if not PEER.exists():
        pytest.fail(MISSING)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    keep = {name: value for name, value in os.environ.items() if not name.startswith("POLARIS_")}
    environment = keep | {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        # The folder of this package, and nothing of ours that is called polaris.
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    running = [
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    try:
        printed = [process.communicate(timeout=500) for process in running]
    finally:
        for process in running:
            process.kill()
    for process, (_, complaint) in zip(running, printed, strict=True):
        assert process.returncode == 0, complaint[-3000:]
    return [output for output, _ in printed]


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Yield where two descriptions differ; numbers are equal to nine digits."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            nothing = "<absent>"
            yield from differences(
                ours.get(key, nothing), theirs.get(key, nothing), f"{path}.{key}"
            )
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    elif isinstance(ours, float) and isinstance(theirs, float):
        if abs(ours - theirs) > 1e-9 * max(1.0, abs(ours)):
            yield f"{path}: {ours!r} is not {theirs!r}"
    elif type(ours) is not type(theirs) or ours != theirs:
        yield f"{path}: {str(ours)[:200]!r} is not {str(theirs)[:200]!r}"
