"""What every test gets: a clean environment, no network, and the vectors of the protocol."""

from __future__ import annotations

import itertools
import json
import os
import socket
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

pytest_plugins = ["tests.postgres_fixtures", "tests.s3_fixtures"]

VECTORS = Path(
    os.environ.get("POLARIS_VECTORS") or Path(__file__).resolve().parents[2] / "shared" / "vectors"
)
NO_VECTORS = (
    f"THE PROTOCOL VECTORS ARE MISSING: {VECTORS} is no folder. Checksums are not compared with "
    "those of the released clients; set POLARIS_VECTORS to the folder that has them."
)

# A busy machine is no defect, so no example has a deadline.
settings.register_profile("polaris", deadline=None, max_examples=50)
settings.load_profile("polaris")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of this folder."""
    config.addinivalue_line("markers", "network: may connect sockets; all other tests may not")
    config.addinivalue_line("markers", "torch: needs PyTorch, which the project does not install")
    config.addinivalue_line(
        "markers",
        "vector_cases(file, *keys): run once a case of that list, or mapping, of a vector",
    )


def _name_of(case: Any) -> str:
    if isinstance(case, dict):
        for key in ("name", "archive", "urn"):
            if key in case:
                return str(case[key])
        return json.dumps(case.get("input", [case.get("dtype"), case.get("value")]))
    return str(case[0])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that is marked with `vector_cases` one ``case`` after the other."""
    mark = metafunc.definition.get_closest_marker("vector_cases")
    if mark is None:
        return
    if not VECTORS.is_dir():
        metafunc.parametrize("case", [pytest.param(None, marks=pytest.mark.skip(NO_VECTORS))])
        return
    file, *keys = mark.args
    found = json.loads((VECTORS / file).read_text("utf-8"))
    cases: Any = reduce(lambda part, key: part[key], keys, found)
    listed = list(cases.items()) if isinstance(cases, dict) else cases
    metafunc.parametrize("case", listed, ids=[_name_of(case) for case in listed])


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the protocol's vectors; the test is skipped where it is missing."""
    if not VECTORS.is_dir():
        pytest.skip(NO_VECTORS)
    return VECTORS


@pytest.fixture(scope="session")
def _new_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    homes = tmp_path_factory.mktemp("homes")
    count = itertools.count()

    def make() -> Path:
        home = homes / str(next(count))
        home.mkdir()
        return home

    return make


@pytest.fixture(autouse=True)
def _clean_environment(_new_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings, tokens and caches of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("POLARIS_")]:
        monkeypatch.delenv(name)
    home = _new_home()
    monkeypatch.setenv("HOME", str(home))
    for name in ("CACHE", "CONFIG", "DATA", "STATE", "RUNTIME"):
        folder = "DIR" if name == "RUNTIME" else "HOME"
        monkeypatch.setenv(f"XDG_{name}_{folder}", str(home / name.lower()))


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that connects to the network without saying so by its marker."""
    if request.node.get_closest_marker("network") is None:
        for name in ("connect", "connect_ex"):
            monkeypatch.setattr(socket.socket, name, _refusing(getattr(socket.socket, name)))


def _refusing(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            # No Exception, so that no retry and no `except` in the code under test hides it.
            pytest.fail(f"The test connects to {address!r}; mark it `network` if it has to.")
        return connect(self, address)

    return guarded
