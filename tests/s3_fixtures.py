"""A store of objects that speaks S3 for any test: SeaweedFS, on loopback, one for a run of tests.

    @pytest.mark.slow
    @pytest.mark.network
    async def test_it_is_kept_there(open_bucket: Callable[[], BucketStorage]) -> None:
        await open_bucket().put([Write("key", b"data")])       # in a folder of the test's own

`s3_server` is its address, for what opens the bucket ``polaris`` by itself.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from polaris.domain.secret import Secret
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris_adapters.object_store.bucket import BucketStorage

__all__ = ["KEY", "NO_WEED", "ROLE", "SECRET", "WEED", "open_bucket", "s3_server"]

_FOLDER = Path(os.environ.get("POLARIS_S3_SERVER") or Path.home() / ".cache" / "polaris-s3")
WEED = _FOLDER / "bin" / "weed"
NO_WEED = (
    "THE S3 SERVER IS MISSING: buckets are not tried. Install it with "
    "`python tests/adapters/object_store/install_seaweedfs.py`."
)
KEY, SECRET = "polaris-key", "polaris-secret"
_PATIENCE = 60.0
# A role for the whole bucket, which the key above may assume: what it gives is narrowed down.
ROLE = "arn:aws:iam::role/PolarisHub"
_IAM = {
    "sts": {"issuer": "tests", "signingKey": "a2V5IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXMgbG9uZyE="},
    "policy": {"defaultEffect": "Deny", "storeType": "memory"},
    "roleStore": {"storeType": "memory"},
    "policies": [
        {
            "name": "Bucket",
            "document": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}],
            },
        }
    ],
    "roles": [
        {
            "roleName": "PolarisHub",
            "roleArn": ROLE,
            "attachedPolicies": ["Bucket"],
            "trustPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole"]}
                ],
            },
        }
    ],
}


def _free_ports(count: int) -> list[int]:
    """Return ports of which the one 10,000 above is free too: the server takes both."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(20_000, 45_000)
        if port not in found and all(_is_free(p) for p in (port, port + 10_000)):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _shell(master: int, command: str) -> str:
    ran = subprocess.run(
        [str(WEED), "shell", f"-master=127.0.0.1:{master}"],
        input=command + "\n", capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return ran.stdout + ran.stderr


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the bucket ``polaris``."""
    if not WEED.exists():
        pytest.skip(NO_WEED)
    folder = tmp_path_factory.mktemp("weed")
    identity = {
        "name": "polaris",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "iam.json").write_text(json.dumps(_IAM))
    s3, master, volume, filer = _free_ports(4)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(WEED), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                "-s3", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.port={s3}",
                f"-s3.config={folder / 's3.json'}", f"-s3.iam.config={folder / 'iam.json'}",
                f"-master.port={master}", f"-volume.port={volume}", "-volume.max=50",
                "-filer", f"-filer.port={filer}",
            ],
            stdout=log, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    try:
        _wait_for_bucket(master, s3, process, folder / "log")
        yield f"http://127.0.0.1:{s3}"
    finally:
        # It would take half a minute to end by itself; nothing of it is kept.
        process.kill()
        process.wait(timeout=30)
        ports = {f"{port + step}" for port in (s3, master, volume, filer) for step in (0, 10_000)}
        for left in Path(tempfile.gettempdir()).glob("seaweedfs-*.sock"):
            if left.stem.rpartition("-")[2] in ports:
                left.unlink(missing_ok=True)


def _wait_for_bucket(master: int, s3: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and process.poll() is None:
        if not _is_free(s3):
            _shell(master, "s3.bucket.create -name polaris")
            if "polaris" in _shell(master, "s3.bucket.list"):
                return
        time.sleep(0.5)
    pytest.fail(f"The S3 server did not start: {log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def _folders() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def open_bucket(s3_server: str, _folders: Iterator[int]) -> Callable[[], BucketStorage]:
    """Open a folder of the bucket; one that is new for each test."""
    place = BucketPlace(
        s3_server,
        "polaris",
        prefix=f"folder-{next(_folders)}",
        metadata={"md5": "X-Amz-Meta-md5sum"},
    )

    async def credentials() -> BucketCredentials:
        return BucketCredentials(KEY, Secret(SECRET))

    return lambda: BucketStorage(place, credentials)
