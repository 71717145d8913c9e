"""Environments of released clients: one each, made once from PyPI, and only ever run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["VERSIONS", "client_python", "is_complete", "make_client"]

# None of them pins all that it needs. None works with zarr 3, and numcodecs 0.16 needs that; boto3
# sends checksums since 1.36 that they do not expect; 0.6.0 takes pandas 2.1 only, which was built
# for numpy 1, as pyarrow was up to 17.
_OLD_ZARR = ["zarr<3", "numcodecs<0.16"]
VERSIONS: dict[str, list[str]] = {
    "0.13.0": ["polaris-lib==0.13.0", *_OLD_ZARR, "boto3<1.36"],
    "0.12.1": ["polaris-lib==0.12.1", *_OLD_ZARR, "boto3<1.36"],
    "0.6.0": ["polaris-lib==0.6.0", *_OLD_ZARR, "numpy<2", "pyarrow<18"],
}

# Found when this module is imported, because tests have a home folder of their own.
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "polaris-clients"


def client_python(version: str) -> Path:
    """Return the interpreter of a client's environment, whether it is there or not."""
    return _CACHE / version / "bin" / "python"


def is_complete(version: str) -> bool:
    """Say whether the environment of a client was made to its end."""
    return (_CACHE / version / "complete").exists()


def make_client(version: str) -> None:
    """Make the environment of a client unless it is there."""
    if is_complete(version):
        return
    folder = _CACHE / version
    print(f"Installing polaris-lib {version} into {folder} …", file=sys.stderr)
    subprocess.run(["uv", "venv", "-q", "--clear", "-p", "3.11", str(folder)], check=True)
    python = str(client_python(version))
    subprocess.run(["uv", "pip", "install", "-q", "-p", python, *VERSIONS[version]], check=True)
    subprocess.run([python, "-I", "-c", "import polaris.hub.client"], check=True)
    (folder / "complete").touch()


if __name__ == "__main__":
    failed = []
    for name in VERSIONS:
        try:
            make_client(name)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"polaris-lib {name} cannot be installed: {error}", file=sys.stderr)
            failed.append(name)
    sys.exit(1 if failed else 0)
