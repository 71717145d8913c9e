"""A hub that `polaris serve` serves, and released clients in environments of their own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import attrs
import pytest

from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings
from tests.e2e.pasted_code import provider_variables, sign_in_by_code
from tests.e2e.released_clients import client_python, is_complete
from tests.e2e.served_hubs import OWNER, PASSWORD, ServedHub
from tests.e2e.visitor import Visitor

# Where they are required, as in CI, tests without them fail.
IS_REQUIRED = os.environ.get("POLARIS_REQUIRE_PEER") == "1"


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
        hub: What serves it, and what stands behind it.
        url: Its address, without a ``/`` at its end.
        home: Where clients keep what they have; new for each test.
    """

    hub: ServedHub
    url: str
    home: Path

    def run(self, version: str, code: str, **variables: str) -> Any:
        """Run code in the environment of a released client.

        Args:
            version: Of the client.
            code: May leave something for JSON in ``out``, which is returned.
            **variables: Of its environment.
        """
        environment = {**self._environment(version), **variables}
        script = f"{PREAMBLE}\nout = None\n{code}\nprint()\nprint(json.dumps(out))"
        done = subprocess.run(
            [str(client_python(version)), "-I", "-W", "ignore", "-c", script],
            cwd=self.home, env=environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-6000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def sign_in(self, version: str) -> None:
        """Let a released client sign alice in by her browser; it keeps what it gets."""
        environment = self._environment(version)
        with closing(Visitor(OWNER, PASSWORD)) as visitor:
            sign_in_by_code(version, self.url, visitor, environment, self.home)

    def _environment(self, version: str) -> dict[str, str]:
        if not is_complete(version):
            missing = (
                f"POLARIS-LIB {version} IS MISSING: nothing was exchanged with it; run "
                "`python tests/e2e/released_clients.py` to make its environment."
            )
            (pytest.fail if IS_REQUIRED else pytest.skip)(missing)
        (self.home / version).mkdir(exist_ok=True)
        found = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.home / version),
            "NO_PROXY": "*",
            **provider_variables(self.url),
        }
        if version == "0.6.0":
            # The others find it below the hub's address.
            found["POLARIS_CALLBACK_URL"] = f"{self.url}/oauth2/callback"
        return found

    def client(self, **settings: Any) -> PolarisHubClient:
        """Return our client of this hub, signed in as alice; it has to be closed."""
        token = settings.pop("token", self.hub.tokens[OWNER])
        found = PolarisHubSettings(
            hub_url=f"{self.url}/", cache_dir=self.home / "ours", token_store="memory",
            **{"generation": "g3", **settings},
        )  # fmt: skip
        return PolarisHubClient(found, token=token)


@pytest.fixture
def hub(emptied: ServedHub, tmp_path: Path) -> Served:
    """A hub as it is unless its operators choose otherwise."""
    home = tmp_path / "home"
    home.mkdir()
    return Served(emptied, emptied.url, home)


@pytest.fixture
def beside(hub: Served) -> Iterator[Callable[..., Served]]:
    """Start more servers of that hub, with what operators may choose."""
    with ExitStack() as stack:

        def started(**variables: str) -> Served:
            serving = hub.hub.beside(**variables)
            stack.callback(serving.stop)
            return attrs.evolve(hub, url=serving.url)

        yield started


@pytest.fixture
def ours(hub: Served) -> Iterator[PolarisHubClient]:
    """Our client of that hub, signed in."""
    with hub.client() as client:
        yield client
