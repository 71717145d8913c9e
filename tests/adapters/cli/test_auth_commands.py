"""``polaris auth``, against a hub with a login server on this machine."""

from __future__ import annotations

import io
import itertools
import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.adapters.cli.conftest import Polaris

pytestmark = pytest.mark.network


class Server(ThreadingHTTPServer):
    """A hub that gives tokens for codes of devices.

    Attributes:
        user: Who enters the codes.
        offers_codes: Whether codes are offered; otherwise only pages.
        pending: Whether nobody enters them.
        asked: Paths that were asked for.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.user = "alice"
        self.offers_codes = True
        self.pending = False
        self.asked: list[str] = []
        self.numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers with JSON."""

    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        self._answer(parse_qs(self.rfile.read(length).decode()))

    def _answer(self, form: dict[str, list[str]]) -> None:
        url, path = self.server.url, urlsplit(self.path).path
        self.server.asked.append(path)
        bodies: dict[str, Any] = {
            "/.well-known/oauth-authorization-server": {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/me",
                "revocation_endpoint": f"{url}/revoke",
                **({"device_authorization_endpoint": f"{url}/device"} if self._codes else {}),
            },
            "/device": {
                "device_code": "the-device-code",
                "user_code": "ABCD-EFGH",
                "verification_uri": f"{url}/enter",
                "expires_in": 60,
                "interval": 0.01,
            },
            "/me": {"username": self.server.user, "email": f"{self.server.user}@example.org"},
            "/revoke": {},
        }
        body = bodies.get(path)
        if path == "/token" and self.server.pending:
            body = {"error": "authorization_pending"}
        elif path == "/token":
            number = next(self.server.numbers)
            body = {
                "access_token": f"secret-access-{number}",
                "refresh_token": f"secret-refresh-{number}",
                "expires_in": 3600,
            }
        data = json.dumps(body).encode()
        refused = isinstance(body, dict) and "error" in body
        self.send_response(404 if body is None else 400 if refused else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    @property
    def _codes(self) -> bool:
        return self.server.offers_codes


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("POLARIS_CLIENT_ID", "some-client")
    monkeypatch.setenv("CI", "true")
    monkeypatch.delenv("DISPLAY", raising=False)
    found = Server()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join(timeout=10)


@pytest.fixture
def hub_url(server: Server) -> str:
    return server.url


def _kept() -> list[Path]:
    import platformdirs

    return sorted(Path(platformdirs.user_state_dir("polaris")).rglob("*.json"))


def _secrets(ended: Any) -> bool:
    return "secret-" in ended.out + ended.err or "the-device-code" in ended.out + ended.err


def test_one_signs_in_and_out(polaris: Polaris, server: Server) -> None:
    assert polaris("auth", "status").code == 3
    ended = polaris("auth", "login")
    assert ended.code == 0, ended.err
    assert ended.out == ""
    assert "ABCD-EFGH" in ended.err
    assert "You are alice" in ended.err
    assert not _secrets(ended)
    (file,) = _kept()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = polaris("auth", "status")
    assert shown.code == 0
    assert "alice" in shown.out
    assert "device" in shown.out
    assert not _secrets(shown)
    assert polaris("auth", "token").out == "secret-access-1\n"
    assert polaris("auth", "logout").code == 0
    assert server.asked.count("/revoke") == 2
    assert polaris("auth", "status").code == 3
    assert polaris("auth", "token").code == 3


def test_a_second_login_asks_nobody(polaris: Polaris, server: Server) -> None:
    polaris("auth", "login")
    server.asked.clear()
    assert polaris("auth", "login").code == 0
    assert server.asked == []
    assert polaris("auth", "login", "--overwrite").code == 0
    assert "/device" in server.asked


def test_programs_read_events_a_line_each(polaris: Polaris) -> None:
    ended = polaris("auth", "login", "--json")
    assert ended.code == 0, ended.err
    events = [json.loads(line) for line in ended.out.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds == ["road", "device_code", "signed_in", "identity"]
    assert events[1]["user_code"] == "ABCD-EFGH"
    assert events[-1]["account"] == "alice"
    assert not _secrets(ended)
    status = polaris("auth", "status", "--json").data
    assert status["signed_in"] is True
    assert status["accounts"] == ["alice"]
    assert polaris("auth", "token", "--json").data == {"token": "secret-access-1"}


def test_programs_answer_prompts_by_a_line(
    polaris: Polaris, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.offers_codes = False
    monkeypatch.setattr(sys, "stdin", io.StringIO("the-code\n"))
    ended = polaris("auth", "login", "--json")
    assert ended.code == 0, ended.err
    events = [json.loads(line)["event"] for line in ended.out.splitlines()]
    assert events == ["road", "browser", "prompt", "signed_in", "identity"]


def test_one_can_be_two_and_switch(polaris: Polaris, server: Server) -> None:
    polaris("auth", "login")
    server.user = "bobby"
    polaris("auth", "login", "--overwrite")
    assert polaris("auth", "status", "--json").data["accounts"] == ["alice", "bobby"]
    assert polaris("auth", "switch", "--json").data == {"account": "alice"}
    assert polaris("auth", "status", "--json").data["account"] == "alice"
    ended = polaris("auth", "switch", "carol")
    assert ended.code == 2
    assert "alice, bobby" in ended.err


def test_a_token_of_the_environment_is_used_and_not_shown(
    polaris: Polaris, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_TOKEN", "secret-from-environment")
    status = polaris("auth", "status", "--json")
    assert status.data["road"] == "token"
    assert not _secrets(status)
    assert "secret-" not in polaris("config", "show").out
    assert polaris("auth", "token").out == "secret-from-environment\n"
    assert _kept() == []


def test_a_store_in_memory_keeps_nothing(polaris: Polaris, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLARIS_TOKEN_STORE", "memory")
    assert polaris("auth", "login").code == 0
    assert _kept() == []
    assert polaris("auth", "status").code == 3


def test_without_any_road_the_exit_code_is_3(
    polaris: Polaris, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.offers_codes = False
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    ended = polaris("auth", "login")
    assert ended.code == 3
    assert "POLARIS_TOKEN" in ended.err


@pytest.mark.slow
def test_an_interrupt_ends_a_sign_in_and_leaves_nothing(server: Server) -> None:
    server.pending = True
    process = subprocess.Popen(
        [sys.executable, "-m", "polaris_adapters.cli", "--hub", server.url, "auth", "login"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "ABCD-EFGH" not in (line := process.stderr.readline()):
        assert line, "it ended by itself"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert out == ""
    assert _kept() == []


def test_the_command_of_the_released_client_is_understood(
    polaris: Polaris, tmp_path: Path, server: Server
) -> None:
    file = tmp_path / "env"
    file.write_text(f"POLARIS_HUB_URL={server.url}\n")
    ended = polaris("login", "--client-env-file", str(file), "--no-auto-open-browser", hub=None)
    assert ended.code == 0, ended.err


def test_a_hub_without_accounts_says_so(polaris: Polaris, tmp_path: Path) -> None:
    hub = (tmp_path / "hub").as_uri()
    assert polaris("auth", "login", hub=hub).code == 0
    for command in ("status", "token", "switch"):
        ended = polaris("auth", command, hub=hub)
        assert ended.code == 2
        assert "no accounts" in ended.err
