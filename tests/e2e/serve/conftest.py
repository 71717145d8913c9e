"""Servers that are ended with the test, and what uploads to them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.serve.servers import SECONDS, Serve, Serving


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    home = tmp_path / "home"
    home.mkdir()
    starting = Serve(home)
    yield starting
    starting.close()


@pytest.fixture
def upload() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Publishes a dataset from a process of its own, by our client, and reads it again."""

    def uploaded(
        serving: Serving, token: str | None, slug: str = "molecules", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = {} if token is None else {"POLARIS_TOKEN": token}
        return subprocess.run(
            [sys.executable, "-c", _UPLOAD, serving.url + "/", slug],
            env={**serving.environment, **given, **environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return uploaded


_UPLOAD = """
import sys
import pandas as pd
from polaris.dataset import DatasetV1
from polaris.errors import PolarisError
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

url, slug = sys.argv[1:]
table = pd.DataFrame({"smiles": ["C", "CC", "CCC"], "measured": [1.0, 2.0, 3.0]})
dataset = DatasetV1(table=table, name=slug, license="CC-BY-4.0")
try:
    with PolarisHubClient(settings=PolarisHubSettings(hub_url=url)) as client:
        client.upload_dataset(dataset, owner="admin", access="private")
        print(len(client.get_dataset("admin", slug, verify_checksum=True).table))
except PolarisError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
