"""From nothing to the first upload, as the README says, and what stays after an end."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.serve.servers import COMMAND, SECONDS, Serve, Serving

pytestmark = [pytest.mark.slow, pytest.mark.network]

Upload = Callable[..., "subprocess.CompletedProcess[str]"]


def test_a_first_upload_takes_less_than_a_minute(
    serve: Serve, upload: Upload, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    serving = serve()
    ready = time.monotonic()
    done = upload(serving, serving.token())
    seconds = time.monotonic() - began
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert seconds < 60
    record_property("seconds_until_ready", ready - began)
    record_property("seconds_until_uploaded", seconds)
    print(f"ready after {ready - began:.1f} s, first upload after {seconds:.1f} s")


def test_nobody_writes_without_saying_who(serve: Serve, upload: Upload) -> None:
    serving = serve()
    refused = upload(serving, None)
    assert refused.returncode == 1
    assert "sign in" in refused.stderr.lower()
    invented = upload(serving, "polaris_pat_" + "x" * 40)
    assert invented.returncode == 1
    with serving.http() as http:
        path = "/api/v3/dataset/admin/molecules"
        for method, url in (
            ("POST", f"{path}/publications"),
            ("PUT", f"{path}/revisions/{'0' * 64}/objects/table.parquet"),
            ("POST", "/api/v3/accounts"),
            ("POST", "/api/v3/me/tokens"),
        ):
            assert http.request(method, url, json={}).status_code == 401
        # Nor does a page whose name was made to lead here.
        assert http.get("/api/v3/dataset", headers={"host": "evil.example"}).status_code == 421
    assert not list(serving.data.rglob("*molecules*"))


def test_a_first_password_goes_to_a_file_where_nobody_watches(serve: Serve) -> None:
    serving = serve()
    file = Path(serving.told["administrator"]["passwordFile"])
    assert serving.told["administrator"]["name"] == "admin"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(serving.data.stat().st_mode) == 0o700
    password = file.read_text("ascii").strip()
    assert len(password) >= 12
    assert password not in json.dumps(serving.told)
    serving.stop()
    assert password not in "".join(serving.log)
    again = serve()
    assert "administrator" not in again.told


def test_a_terminal_is_shown_the_first_password_once(serve: Serve, tmp_path: Path) -> None:
    terminal, inner = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--data", str(tmp_path / "hub")],
        env=serve.environment,
        stdout=inner,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(inner)
    try:
        shown = ""
        deadline = time.monotonic() + SECONDS
        while "token for programs" not in shown:
            assert time.monotonic() < deadline, shown
            if select.select([terminal], [], [], 1)[0]:
                shown += os.read(terminal, 65536).decode()
        found = re.search(r"The hub is at (http://127\.0\.0\.1:\d+)\r?\n", shown)
        assert found is not None
        # It may be told to end only once it listens to that.
        assert httpx.get(f"{found[1]}/healthz", timeout=SECONDS, trust_env=False).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=SECONDS)
        os.close(terminal)
    assert process.returncode == 0
    found = re.search(r"password +(\S+)", shown)
    assert found is not None
    assert "/account" in shown
    assert "polaris hub token new admin" in shown
    assert found[1] not in log
    assert not (tmp_path / "hub" / "first-password.txt").exists()


def test_an_end_keeps_everything(serve: Serve, upload: Upload) -> None:
    serving = serve()
    token = serving.token()
    assert upload(serving, token).returncode == 0
    with serving.http(headers={"authorization": f"Bearer {token}"}) as http:
        before = http.get("/api/v3/dataset/admin/molecules").json()
        jwks = http.get("/oauth2/jwks.json").json()
    assert serving.stop() == 0
    again = serve()
    with again.http(headers={"authorization": f"Bearer {token}"}) as http:
        assert http.get("/api/v3/dataset/admin/molecules").json() == before
        assert http.get("/oauth2/jwks.json").json() == jwks
        assert http.get("/api/v3/me").json()["username"] == "admin"


def test_a_hub_in_a_folder_is_served_as_it_is(serve: Serve, upload: Upload, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    environment = {**serve.environment, "POLARIS_HUB_URL": folder.as_uri()}
    ended = subprocess.Popen(["true"], text=True)
    ended.wait()
    local = Serving(ended, {"url": folder.as_uri()}, [], environment, folder)
    assert upload(local, None, "molecules").returncode == 0
    serving = serve(data=folder)
    with serving.http(headers={"authorization": f"Bearer {serving.token()}"}) as http:
        [found] = http.get("/api/v3/dataset").json()["data"]
    assert found["slug"] == "molecules"
    # And the folder is still one of its own.
    assert upload(local, None, "molecules-2").returncode == 0
