"""Released clients sign in to a hub of one's own by settings of their environment alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.pasted_code import provider_variables, sign_in_by_code
from tests.e2e.released_clients import is_complete

if TYPE_CHECKING:
    from tests.e2e.own_sign_in.conftest import Hub
    from tests.e2e.visitor import Visitor

IS_REQUIRED = os.environ.get("POLARIS_REQUIRE_PEER") == "1"

THEN = """
print()
print("EMAIL", client.external_client.user_info["email"])
print("TOKEN", bool(client.token))
print("LIST", client.list_datasets())
client.login()
"""


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
        **provider_variables(hub.url),
    }
    told = sign_in_by_code(version, hub.url, visitor, environment, tmp_path, THEN).splitlines()
    # Beside it stands what the client logs.
    found = [line for line in told if line.startswith(("EMAIL", "TOKEN", "LIST"))]
    assert found == ["EMAIL ada@example.org", "TOKEN True", "LIST []"]
