"""The environment of polaris-lib 0.13.0: made once, apart from ours, and only ever run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# zarr<3 and boto3<1.36 are what that release needs and does not always pin.
PACKAGES = ["polaris-lib==0.13.0", "zarr<3", "numcodecs<0.16", "boto3<1.36"]


def peer_python() -> str:
    """Return the interpreter of the peer's environment, which is made where it is missing."""
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    folder = home / "polaris-benchmarks" / "polaris-lib-0.13.0"
    python = folder / "bin" / "python"
    marker = folder / "complete"
    if not marker.exists():
        print(f"Installing polaris-lib 0.13.0 into {folder} …", file=sys.stderr)
        subprocess.run(["uv", "venv", "--clear", "-p", "3.11", str(folder)], check=True)
        subprocess.run(
            ["uv", "pip", "install", "-p", str(python), *PACKAGES],
            check=True,
        )
        marker.touch()
    return str(python)


if __name__ == "__main__":
    print(peer_python())
