"""Released clients that sign in as their users do: a page in a browser, and a code to paste."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.e2e.released_clients import client_python
from tests.e2e.visitor import Visitor

__all__ = ["provider_variables", "sign_in_by_code"]

_SECONDS = 120
# The page opens where a browser is; here it is told instead.
_SIGN_IN = """
import warnings, webbrowser
warnings.simplefilter("ignore")
webbrowser.open_new_tab = lambda url: print("PAGE", url, flush=True)
from polaris.hub.client import PolarisHubClient
client = PolarisHubClient()
client.login(overwrite=True)
"""


def provider_variables(url: str) -> dict[str, str]:
    """Return the settings by which released clients find a hub, and the provider that it is."""
    return {
        "POLARIS_HUB_URL": f"{url}/",
        "POLARIS_AUTHORIZE_URL": f"{url}/oauth2/authorize",
        "POLARIS_TOKEN_FETCH_URL": f"{url}/oauth2/token",
        "POLARIS_USER_INFO_URL": f"{url}/oauth2/userinfo",
    }


def sign_in_by_code(
    version: str,
    url: str,
    visitor: Visitor,
    environment: Mapping[str, str],
    folder: Path,
    then: str = "",
) -> str:
    """Sign a released client in; it keeps what it gets in its cache folder.

    Args:
        version: Of the client.
        url: Of the hub.
        visitor: Who signs in.
        environment: Of the client, with `provider_variables`.
        folder: Where it runs.
        then: What it does next, with ``client``.

    Returns:
        What it wrote after the code was pasted.
    """
    with subprocess.Popen(
        [str(client_python(version)), "-I", "-W", "ignore", "-c", _SIGN_IN + then],
        env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, cwd=folder,
    ) as process:  # fmt: skip
        try:
            reached = visitor.visit(_page(process), until=f"{url}/oauth2/callback?")
            [code] = parse_qs(urlsplit(reached).query)["code"]
            shown = httpx.get(reached, trust_env=False, timeout=30).text
            assert code in shown, "the hub shows it for users to copy"
            output, errors = process.communicate(f"{code}\n", timeout=_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0, errors[-4000:]
    return output


def _page(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        _, found, page = line.partition("PAGE ")
        if found:
            return page.strip()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read()[-4000:])
