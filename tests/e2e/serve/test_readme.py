"""The commands of the README's section on hubs of one's own, as they stand."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.serve.servers import SECONDS, Serve

pytestmark = [pytest.mark.slow, pytest.mark.network]

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_commands_of_the_readme_publish_to_a_hub_of_ones_own(
    serve: Serve, tmp_path: Path
) -> None:
    text = README.read_text("utf-8").replace("/tmp/my-hub", str(tmp_path / "my-hub"))
    [main_job] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    section = text.partition("## A Hub of your own")[2].partition("\n## ")[0]
    begin, publish = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert begin.strip().endswith("polaris serve")
    environment = serve.environment
    made = subprocess.run(
        [sys.executable, "-c", main_job],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    # Only the port differs, and how the command is found: `uv run` is for the environment.
    serving = serve("--port", port, data=serve.home / ".local" / "share" / "polaris" / "hub")
    commands = re.sub(
        r"uv run (--extra server )?polaris", f"{sys.executable} -m polaris_adapters.cli", publish
    )
    assert commands != publish
    done = subprocess.run(
        ["sh", "-e", "-c", commands.replace(":8000", f":{port}")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "admin/solubility" in done.stdout
    with serving.http(headers={"authorization": f"Bearer {serving.token()}"}) as http:
        assert http.get("/api/v3/dataset/admin/solubility").status_code == 200
