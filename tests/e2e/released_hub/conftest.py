"""A hub of ours on loopback, and released clients in environments of their own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.released_clients import client_python, is_complete

# Where they are required, as in CI, tests without them fail.
IS_REQUIRED = os.environ.get("POLARIS_REQUIRE_PEER") == "1"
# The token of alice; see `serving`.
NATIVE = "token-of-alice"


PREAMBLE = """
import json, os, pathlib, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, zarr
HERE = pathlib.Path.cwd()
"""


@attrs.frozen
class Served:
    """A hub that answers on loopback.

    Attributes:
        url: Its address, without a ``/`` at its end.
        folder: Where it keeps what it has.
        home: Where clients keep what they have; new for each test.
    """

    url: str
    folder: Path
    home: Path

    def run(self, version: str, code: str, **variables: str) -> Any:
        """Run code in the environment of a released client.

        Args:
            version: Of the client.
            code: May leave something for JSON in ``out``, which is returned.
            **variables: Of its environment.
        """
        if not is_complete(version):
            missing = (
                f"POLARIS-LIB {version} IS MISSING: nothing was exchanged with it; run "
                "`python tests/e2e/released_clients.py` to make its environment."
            )
            (pytest.fail if IS_REQUIRED else pytest.skip)(missing)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / version),
            "POLARIS_HUB_URL": f"{self.url}/",
            "NO_PROXY": "*",
            **variables,
        }
        (self.home / version).mkdir(exist_ok=True)
        script = f"{PREAMBLE}\nout = None\n{code}\nprint()\nprint(json.dumps(out))"
        done = subprocess.run(
            [str(client_python(version)), "-I", "-W", "ignore", "-c", script],
            cwd=self.home, env=environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-6000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def client(self, **settings: Any) -> PolarisHubClient:
        """Return our client of this hub, signed in as alice; it has to be closed."""
        given = {"token": NATIVE, **{k: settings.pop(k) for k in ("token",) if k in settings}}
        found = PolarisHubSettings(
            hub_url=f"{self.url}/", cache_dir=self.home / "ours", token_store="memory",
            **{"generation": "g3", **settings},
        )  # fmt: skip
        return PolarisHubClient(found, **given)


@contextlib.contextmanager
def _serving(folder: Path, settings: dict[str, Any]) -> Iterator[str]:
    """Answer on loopback meanwhile, in a process of its own."""
    script = Path(__file__).with_name("serving.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(folder), json.dumps(settings)], stdout=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "the hub did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Start hubs, with what operators may choose."""
    with contextlib.ExitStack() as stack:

        def started(**settings: Any) -> Served:
            folder, home = tmp_path / "hub", tmp_path / "home"
            for each in (folder, home, folder / "hidden"):
                each.mkdir(exist_ok=True)
            url = stack.enter_context(_serving(folder, settings))
            return Served(url, folder, home)

        yield started


@pytest.fixture
def hub(serve: Callable[..., Served]) -> Served:
    """A hub as it is unless its operators choose otherwise."""
    return serve()


@pytest.fixture
def ours(hub: Served) -> Iterator[PolarisHubClient]:
    """Our client of that hub, signed in."""
    with hub.client() as client:
        yield client
