"""``polaris auth`` as a person runs it: a process, a browser, a file of sign-ins."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.conftest import Provider

# Stands in for a browser: signs in on the page that it is given, and follows it to the end.
BROWSER = """#!{python}
import asyncio, importlib.util, sys
spec = importlib.util.spec_from_file_location("pages", {conftest!r})
pages = importlib.util.module_from_spec(spec)
sys.modules["pages"] = pages
spec.loader.exec_module(pages)

async def main():
    visitor = pages.Visitor()
    await visitor.visit(sys.argv[1])
    await visitor.aclose()

asyncio.run(main())
"""


@pytest.fixture
def environment(provider: Provider, tmp_path: Path) -> dict[str, str]:
    browser = tmp_path / "browser"
    conftest = str(Path(__file__).with_name("conftest.py"))
    browser.write_text(BROWSER.format(python=sys.executable, conftest=conftest))
    browser.chmod(0o755)
    hidden = {"CI", "SSH_CONNECTION", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {
        "BROWSER": f"{browser} %s &",
        "POLARIS_HUB_URL": f"{provider.issuer}/",
        "POLARIS_CLIENT_ID": "polaris",
        "POLARIS_SCOPES": "openid profile email offline_access",
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


def _run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "polaris_adapters.cli", "auth", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def test_one_signs_in_by_the_browser_and_out_again(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ended = _run(environment, "login")
    assert ended.returncode == 0, ended.stderr
    assert "by the browser" in ended.stderr
    assert "You are alice" in ended.stderr
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    status = _run(environment, "status", "--json")
    assert status.returncode == 0, status.stderr
    told = json.loads(status.stdout)
    assert (told["account"], told["road"], told["renewable"]) == ("alice", "browser", True)
    token = _run(environment, "token").stdout.strip()
    assert token
    assert token not in ended.stdout + ended.stderr + status.stdout + status.stderr
    assert _run(environment, "logout").returncode == 0
    assert _run(environment, "status").returncode == 3
    assert token not in "".join(path.read_text("utf-8") for path in files if path.exists())


def test_an_agent_signs_in_by_events(environment: dict[str, str]) -> None:
    ended = _run(environment, "login", "--json")
    assert ended.returncode == 0, ended.stderr
    kinds = [json.loads(line)["event"] for line in ended.stdout.splitlines()]
    assert kinds == ["road", "browser", "signed_in", "identity"]
