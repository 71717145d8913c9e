"""The settings of ``docs/deploy/postgresql-and-s3.md``: two machines, a worker, one hub."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.deploy.proxies import fence, fences, free_port, replaced
from tests.e2e.serve.servers import SECONDS, Serve, Serving
from tests.postgres_server import PostgresServer
from tests.s3_fixtures import KEY, SECRET

pytestmark = [pytest.mark.slow, pytest.mark.network]

PAGE = "postgresql-and-s3.md"


@pytest.fixture
def config(postgres_server: PostgresServer, s3_server: str, tmp_path: Path) -> Iterator[Path]:
    """The documented settings, with a role and a database as documented, and another store."""
    for statement in fences(PAGE, "sql")[0].split(";\n"):
        if statement.strip():
            postgres_server.execute(statement)
    file = tmp_path / "server.toml"
    text = replaced(
        fence(PAGE, "toml", "[default]"),
        (
            "postgresql://hub:replace-me@db.internal/hub",
            postgres_server.url("hub", user="hub", password="replace-me"),
        ),
        ("s3://polaris-hub/objects", "s3://polaris/several-machines"),
        ("https://s3.example.org", s3_server),
        ('access_key = "replace-me"', f'access_key = "{KEY}"'),
        ('secret_key = "replace-me"', f'secret_key = "{SECRET}"'),
        ("https://hub.example.org", "http://localhost"),
        ("0.0.0.0", "127.0.0.1"),
    )
    file.write_text(text)
    yield file
    postgres_server.execute("DROP DATABASE hub WITH (FORCE)")
    postgres_server.execute("DROP ROLE hub")


# Ten processes begin, one after the other; on a busy machine that takes minutes.
@pytest.mark.timeout(400)
def test_two_machines_and_a_worker_are_one_hub(
    serve: Serve, config: Path, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    one, two = (_machine(serve, config, tmp_path / name) for name in ("one", "two"))
    used = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'hub'"
    token = one.run("hub", "token", "new", "admin", "--config-file", str(config)).stdout.strip()
    done = subprocess.run(
        [sys.executable, "-c", _PUBLISH, one.url, two.url],
        env={**one.environment, "POLARIS_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Each of 2 processes on 2 machines, and each first process, at most.
    assert 0 < postgres_server.execute(used)[0][0] <= 2 * (2 * 11 + 1)
    [command] = re.findall(
        r"^ExecStart=/opt/polaris/bin/polaris (.*)$", fences(PAGE, "ini")[0], re.MULTILINE
    )
    command = command.replace("/etc/polaris/server.toml", str(config))
    worked = one.run(*shlex.split(command), "--once")
    assert worked.returncode == 0, worked.stderr
    assert "replace-me" not in worked.stderr
    # The first administrator is told about once, where the first machine was started.
    assert [machine.data.joinpath("first-password.txt").exists() for machine in (one, two)] == [
        True,
        False,
    ]
    assert not [file for machine in (one, two) for file in machine.data.glob("*/*")]


def _machine(serve: Serve, config: Path, data: Path) -> Serving:
    port = str(free_port())
    own = ("--port", port, "--url", f"http://localhost:{port}")
    return serve("--config-file", str(config), *own, data=data)


def test_units_are_understood(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("SYSTEMD IS MISSING: the documented units are not verified.")
    unit = tmp_path / "polaris-worker.service"
    unit.write_text(fences(PAGE, "ini")[0].replace("/opt/polaris/bin/polaris", sys.executable))
    checked = subprocess.run(
        [program, "verify", str(unit)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


_PUBLISH = """
import sys
import pandas as pd
from polaris.dataset import DatasetV1
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

one, two = (PolarisHubClient(PolarisHubSettings(hub_url=url + "/")) for url in sys.argv[1:])
table = pd.DataFrame({"smiles": ["C", "CC"], "measured": [1.0, 2.0]})
with one, two:
    one.upload_dataset(DatasetV1(table=table, name="shared", license="MIT"), owner="admin")
    assert two.get_dataset("admin", "shared", verify_checksum=True).table.equals(table)
"""
