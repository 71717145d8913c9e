"""What the domain and its tests do without: network, settings, and heavy imports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

# The names that a program imports before it reads a table or scores anything.
IMPORTS = """
import sys
import polaris.domain.benchmark_v1, polaris.domain.leaderboard, polaris.codec.files
heavy = {"pandas", "pyarrow", "sklearn", "scipy", "zarr", "rdkit", "httpx", "sqlalchemy", "obstore"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_a_test_that_connects_to_the_network_fails(
    family: socket.AddressFamily, method: str
) -> None:
    with (
        socket.socket(family) as connection,
        pytest.raises(pytest.fail.Exception, match="mark it `network`"),
    ):
        getattr(connection, method)(("127.0.0.1", 9))


def test_sockets_within_the_machine_still_work() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


def test_no_setting_or_folder_of_the_user_is_seen(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert not [name for name in os.environ if name.startswith("POLARIS_")]
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        assert Path(os.environ[name]).is_relative_to(tmp_path_factory.getbasetemp())
    assert Path.home().is_dir()


def test_importing_domain_and_codec_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
