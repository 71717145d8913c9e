"""The files of ``docs/deploy/one-machine.md``: settings, units, rotation, metrics, a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import httpx
import pytest

from tests.e2e.deploy.proxies import fence, fences, free_port, replaced
from tests.e2e.serve.servers import COMMAND, SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.network]

PAGE = "one-machine.md"
_POLARIS = "/opt/polaris/bin/polaris"
_UNITS = ("polaris.service", "polaris-backup.service", "polaris-backup.timer")


@attrs.frozen
class Service:
    """A hub that was started as its unit says.

    Attributes:
        folder: Stands for the machine's.
        port: Where it listens.
        environment: What the unit gives to it.
        process: Its first process.
    """

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        """Where standard error is appended to."""
        return self.folder / "hub.log"

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask the hub on its own machine."""
        with httpx.Client(trust_env=False, timeout=SECONDS) as http:
            return http.get(f"http://127.0.0.1:{self.port}{path}", headers=headers)


def _started_by(text: str) -> list[str]:
    """Return the command lines of a unit, with the command of this environment."""
    lines = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert all(line.startswith(f"{_POLARIS} ") for line in lines)
    return [line.removeprefix(_POLARIS) for line in lines]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The documented service, with the documented settings, in another place."""
    folder, port = tmp_path_factory.mktemp("machine"), free_port()
    settings = fence(PAGE, "toml", "[default]")
    settings = replaced(settings, ("/var/lib/polaris/hub", f"{folder}/hub"))
    (folder / "server.toml").write_text(f"{settings}port = {port}\n")
    text = replaced(fences(PAGE, "ini")[0], ("/etc/polaris/", f"{folder}/"))
    given = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POLARIS_", "XDG_"))}
    environment = {**kept, **given, "HOME": str(folder)}
    [command] = _started_by(text)
    with (folder / "hub.log").open("ab") as log:
        process = subprocess.Popen(
            [*COMMAND, *shlex.split(command)], env=environment, stdout=log, stderr=log
        )
    found = Service(folder, port, environment, process)
    try:
        _wait(found)
        yield found
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)


def _wait(service: Service) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and service.process.poll() is None:
        try:
            if service.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    pytest.fail(service.log.read_text())


def test_units_are_understood(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("SYSTEMD IS MISSING: the documented units are not verified.")
    for name, text in zip(_UNITS, fences(PAGE, "ini"), strict=True):
        # It looks whether programs are there.
        (tmp_path / name).write_text(text.replace(_POLARIS, sys.executable))
    checked = subprocess.run(
        [program, "verify", *(str(tmp_path / name) for name in _UNITS)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_first_password_is_in_a_file_for_its_owner(service: Service) -> None:
    file = service.folder / "hub" / "first-password.txt"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().strip() not in service.log.read_text()


def test_the_metrics_that_alarms_look_at_are_there(service: Service) -> None:
    [token] = re.findall(
        r'^metrics_token = "(.*)"$', fence(PAGE, "toml", "[default]"), re.MULTILINE
    )
    assert service.get("/metrics").status_code == 401
    metrics = service.get("/metrics", authorization=f"Bearer {token}")
    assert metrics.status_code == 200
    rules = fence(PAGE, "yaml", "groups:")
    named = set(re.findall(r"\bpolaris_\w+", rules))
    assert len(named) == 2
    for name in named:
        assert re.search(rf"^{name}[ {{]", metrics.text, re.MULTILINE), name


def test_a_log_in_a_file_is_rotated_in_place(service: Service, tmp_path: Path) -> None:
    program = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")
    if program is None:
        pytest.skip("LOGROTATE IS MISSING: the documented rotation is not tried.")
    service.get("/version", **{"x-request-id": "before"})
    rules = tmp_path / "polaris"
    text = fence(PAGE, "text", "/var/log/polaris/hub.log {")
    rules.write_text(replaced(text, ("/var/log/polaris/hub.log", str(service.log))))
    rules.chmod(0o644)
    rotated = subprocess.run(
        [program, "--force", "--state", str(tmp_path / "state"), str(rules)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (rotated.returncode, rotated.stderr) == (0, "")
    service.get("/version", **{"x-request-id": "after"})
    old, new = Path(f"{service.log}.1").read_text(), service.log.read_text()
    assert '"request_id": "before"' in old
    # Lines that are about no request may stand between.
    told = [json.loads(line).get("request_id") for line in new.splitlines()]
    assert [request for request in told if request is not None] == ["after"]


def test_it_is_backed_up_while_it_is_served(service: Service) -> None:
    backups = service.folder / "backups"
    for line in _started_by(fences(PAGE, "ini")[1]):
        command = line.replace("/var/backups/polaris", str(backups))
        done = subprocess.run(
            [*COMMAND, *shlex.split(command)],
            env=service.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert list((backups / "hub").rglob("manifest.json"))


def test_the_container_listens_to_its_proxy_only_with_a_word_on_it(tmp_path: Path) -> None:
    lines = fence(PAGE, "text", "FROM ").splitlines()
    pairs = [word for line in lines if line.startswith("ENV ") for word in line.split()[1:]]
    settings = dict(pair.split("=", 1) for pair in pairs)
    [command] = [json.loads(line[4:]) for line in lines if line.startswith("CMD ")]
    assert command[0] == "polaris"
    refused = subprocess.run(
        [*COMMAND, *command[1:]],
        env={**os.environ, **settings, "POLARIS_SERVER_DATA": str(tmp_path / "hub")},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert refused.returncode == 2
    assert "forwarded-allow-ips" in refused.stderr
