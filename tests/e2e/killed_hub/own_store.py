"""A store that speaks S3, which the tests may kill and start again: SeaweedFS, on loopback.

It is started as operators start it, without options for durability: by itself it does not sync what
it writes, so a power cut may lose objects that it took, and a killed process should not.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tests.s3_fixtures import KEY, NO_WEED, SECRET, WEED

__all__ = ["BUCKET", "OwnStore", "free_ports", "own_store"]

BUCKET = "polaris"
_IS_REQUIRED = bool(os.environ.get("POLARIS_REQUIRE_PEER"))
_PATIENCE = 90.0
_PAUSE = 0.1


class OwnStore:
    """One store with one bucket, on ports and in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = free_ports(4)
        self._process: subprocess.Popen[bytes] | None = None
        identity = {
            "name": "polaris",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._ports[0]}"

    def start(self) -> None:
        """Start it, on what is there; wait until it takes and gives objects."""
        s3, master, volume, filer = self._ports
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(WEED), "server", f"-dir={self.folder}", "-ip=127.0.0.1",
                    "-ip.bind=127.0.0.1", "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0",
                    f"-s3.port={s3}", f"-s3.config={self.folder / 's3.json'}",
                    f"-master.port={master}", f"-volume.port={volume}", "-volume.max=50",
                    "-filer", f"-filer.port={filer}",
                ],
                stdout=log, stderr=subprocess.STDOUT, cwd=self.folder,
            )  # fmt: skip
        end = time.monotonic() + _PATIENCE
        while not self._works():
            if time.monotonic() > end or self._process.poll() is not None:
                log_text = (self.folder / "log").read_text(errors="replace")
                pytest.fail(f"The S3 server did not start: {log_text[-3000:]}")
            time.sleep(_PAUSE)

    def kill(self) -> None:
        """End it at once, with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def clear(self) -> None:
        """Remove what it leaves behind outside of its folder."""
        ports = {f"{port + step}" for port in self._ports for step in (0, 10_000)}
        for left in Path(tempfile.gettempdir()).glob("seaweedfs-*.sock"):
            if left.stem.rpartition("-")[2] in ports:
                left.unlink(missing_ok=True)

    def _works(self) -> bool:
        if _is_free(self._ports[0]):
            return False
        # Without a bucket it makes one.
        store = S3Store(
            BUCKET, endpoint=self.url, access_key_id=KEY, secret_access_key=SECRET,
            region="us-east-1", client_options={"allow_http": True, "timeout": "5s"},
            retry_config={"max_retries": 0},
        )  # fmt: skip
        try:
            obstore.put(store, "probe", b"probe")
            return obstore.get(store, "probe").bytes().to_bytes() == b"probe"
        except (BaseError, OSError):
            if not (self.folder / "made").exists():
                self._make_bucket()
            return False

    def _make_bucket(self) -> None:
        ran = subprocess.run(
            [str(WEED), "shell", f"-master=127.0.0.1:{self._ports[1]}"],
            input=f"s3.bucket.create -name {BUCKET}\ns3.bucket.list\n",
            capture_output=True, text=True, timeout=_PATIENCE, check=False,
        )  # fmt: skip
        if BUCKET in ran.stdout:
            (self.folder / "made").touch()


@contextmanager
def own_store(folder: Path) -> Iterator[OwnStore]:
    """Start a store for one test; skip, and say so, where there is none."""
    if not WEED.exists():
        if _IS_REQUIRED:
            pytest.fail(NO_WEED)
        pytest.skip(NO_WEED)
    folder.mkdir()
    store = OwnStore(folder)
    try:
        store.start()
        yield store
    finally:
        store.kill()
        store.clear()


def free_ports(count: int) -> list[int]:
    """Return ports of which the one 10,000 above is free too: SeaweedFS takes both.

    They are below those that the system gives to connections, so that they stay free meanwhile.
    """
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12_000, 22_000)
        if port not in found and all(_is_free(p) for p in (port, port + 10_000)):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
