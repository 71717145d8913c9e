"""Installs the OpenID provider into a cache folder of the user, once for each version.

Run by ``.ci/run``, and by the tests that need it. Prints the folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Found when this is loaded: tests hide the user's home.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "polaris-oidc"


class ProviderMissingError(Exception):
    """The provider cannot be had here."""


def installed() -> Path:
    """Return the folder with the provider and its server, installed where it was not.

    Raises:
        ProviderMissingError: Node.js or npm is missing, or the packages cannot be fetched.
    """
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise ProviderMissingError("NODE.JS AND NPM ARE MISSING")
    digest = hashlib.sha256((HERE / "package.json").read_bytes()).hexdigest()[:12]
    folder = CACHE / digest
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "server.mjs"):
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.write_bytes((HERE / name).read_bytes())
        fresh.replace(folder / name)
    done = folder / "node_modules" / ".package-lock.json"
    if not done.is_file():
        ended = subprocess.run(
            [npm, "install", "--no-fund", "--no-audit", "--ignore-scripts"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if ended.returncode != 0 or not done.is_file():
            raise ProviderMissingError(f"NPM CANNOT INSTALL IT: {ended.stderr[-400:]}")
    return folder


if __name__ == "__main__":
    sys.stdout.write(f"{installed()}\n")
