"""Released clients sign in to a hub of one's own by settings of their environment alone."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.released_clients import client_python, is_complete

if TYPE_CHECKING:
    from tests.e2e.own_sign_in.conftest import Hub
    from tests.e2e.visitor import Visitor

IS_REQUIRED = os.environ.get("POLARIS_REQUIRE_PEER") == "1"

# The page opens where a browser is; here it is told instead, and the code is pasted.
SIGN_IN = """
import warnings, webbrowser
warnings.simplefilter("ignore")
webbrowser.open_new_tab = lambda url: print("PAGE", url, flush=True)
from polaris.hub.client import PolarisHubClient
client = PolarisHubClient()
client.login(overwrite=True)
print("EMAIL", client.external_client.user_info["email"], flush=True)
print("TOKEN", bool(client.token), flush=True)
print("LIST", client.list_datasets(), flush=True)
client.login()
print("DONE", flush=True)
"""


def _line(process: subprocess.Popen[str], word: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        # What is asked for at the prompt stands before, without an end of its line.
        if word in line:
            return line.partition(word)[2].strip()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read()[-4000:])


@pytest.mark.parametrize("version", ["0.13.0", "0.12.1"])
def test_a_released_client_signs_in(
    hub: Hub, visitor: Visitor, version: str, tmp_path: Any
) -> None:
    if not is_complete(version):
        missing = f"POLARIS-LIB {version} IS MISSING: IT DOES NOT SIGN IN TO OUR HUB."
        (pytest.fail if IS_REQUIRED else pytest.skip)(missing)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "NO_PROXY": "*",
        "POLARIS_HUB_URL": f"{hub.url}/",
        "POLARIS_AUTHORIZE_URL": f"{hub.url}/oauth2/authorize",
        "POLARIS_TOKEN_FETCH_URL": f"{hub.url}/oauth2/token",
        "POLARIS_USER_INFO_URL": f"{hub.url}/oauth2/userinfo",
    }
    with subprocess.Popen(
        [str(client_python(version)), "-I", "-W", "ignore", "-c", SIGN_IN], env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path,
    ) as process:  # fmt: skip
        try:
            page = _line(process, "PAGE ")
            reached = visitor.visit(page, until=f"{hub.url}/oauth2/callback?")
            [code] = parse_qs(urlsplit(reached).query)["code"]
            with hub.serving.http() as http:
                assert code in http.get(reached).text
            assert process.stdin is not None
            process.stdin.write(f"{code}\n")
            process.stdin.flush()
            assert _line(process, "EMAIL ") == "ada@example.org"
            assert _line(process, "TOKEN ") == "True"
            assert _line(process, "LIST ") == "[]"
            assert _line(process, "DONE") == ""
        finally:
            process.kill()
