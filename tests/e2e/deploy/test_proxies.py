"""The documented configuration of nginx and Caddy, in front of a hub."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.deploy.conftest import Proxied
from tests.e2e.serve.servers import SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.network]

_MIB = 2**20


def test_callers_see_one_address_with_tls(proxied: Proxied) -> None:
    proxy = proxied.proxy
    with proxy.http() as http:
        told = http.get("/.well-known/openid-configuration").json()
        document = http.get("/api/openapi.json").json()
        version = http.get("/version")
    endpoints = {value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))}
    assert told["issuer"] == proxy.url
    assert len(endpoints) > 5
    assert all(address.startswith(proxy.url + "/oauth2/") for address in endpoints)
    assert document["servers"] == [{"url": proxy.url}]
    assert version.headers["strict-transport-security"] == "max-age=63072000"


def test_other_names_are_refused_by_the_hub(proxied: Proxied) -> None:
    with proxied.proxy.http() as http:
        refused = http.get("/version", headers={"host": "elsewhere.example.org"})
    # Caddy itself answers under no other name than its own, with nothing.
    is_hubs = refused.status_code == 421 and "not found under this name" in refused.text
    assert is_hubs or (refused.status_code, refused.content) == (200, b"")


def test_nginx_sends_callers_without_tls_to_the_address_with_it(proxied: Proxied) -> None:
    port = proxied.proxy.plain_port
    if port is None:
        return  # Caddy does it by itself, on port 80.
    with httpx.Client(trust_env=False) as http:
        moved = http.get(f"http://localhost:{port}/account?next=%2F")
    assert moved.status_code == 308
    assert moved.headers["location"] == f"{proxied.proxy.url}/account?next=%2F"


def test_the_log_has_the_addresses_of_callers_whatever_they_say(proxied: Proxied) -> None:
    said = {"x-forwarded-for": "203.0.113.9", "x-request-id": "from-elsewhere"}
    other = httpx.HTTPTransport(local_address="127.0.0.2", verify=proxied.proxy.context())
    with proxied.proxy.http(transport=other) as http:
        assert http.get("/version", headers=said).status_code == 200
    line = _logged(proxied, "from-elsewhere")
    assert " 127.0.0.2 " in line


def test_who_comes_past_the_proxy_is_not_believed(proxied: Proxied) -> None:
    said = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-request-id": "past"}
    other = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(transport=other, trust_env=False) as http:
        found = http.get(f"http://localhost:{proxied.proxy.hub_port}/version", headers=said)
    assert "strict-transport-security" not in found.headers
    line = _logged(proxied, " past")
    assert " 127.0.0.2 " in line


def test_people_sign_in_with_secure_cookies(proxied: Proxied) -> None:
    password = (proxied.hub.data / "first-password.txt").read_text().strip()
    with proxied.proxy.http() as http:
        page = http.get("/account", follow_redirects=True)
        form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text))
        form |= {"username": "admin", "password": password}
        browser = {"sec-fetch-site": "same-origin", "origin": proxied.proxy.url}
        begun = http.post(page.url.copy_with(query=None), data=form, headers=browser)
    assert "content-encoding" not in page.headers
    assert begun.status_code == 303, begun.text
    # To another page of the same place, whatever its address is.
    assert begun.headers["location"].startswith("/")
    [session] = [c for c in begun.headers.get_list("set-cookie") if "session" in c]
    assert session.startswith("__Host-polaris-session=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(session.split("; "))


def test_what_is_large_goes_both_ways_in_pieces(proxied: Proxied) -> None:
    token = proxied.hub.token()
    environment = {
        "POLARIS_TOKEN": token,
        "POLARIS_CA_BUNDLE": str(proxied.proxy.trust),
        "POLARIS_HUB_URL": proxied.proxy.url + "/",
    }
    done = subprocess.run(
        [sys.executable, "-c", _PUBLISH],
        env={**proxied.hub.environment, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr + "".join(proxied.hub.log)
    artifact = "/api/v3/dataset/admin/large"
    with proxied.proxy.http(headers={"authorization": f"Bearer {token}"}) as http:
        objects = f"{artifact}/revisions/{http.get(artifact).json()['revision']}"
        listed = http.get(f"{objects}/objects").json()["objects"]
        size, key = max((found["size"], found["key"]) for found in listed)
        assert size > 10 * _MIB
        part = http.get(f"{objects}/objects/{key}", headers={"range": f"bytes={size - 9}-"})
        assert (part.status_code, len(part.content)) == (206, 9)
        assert part.headers["content-range"] == f"bytes {size - 9}-{size - 1}/{size}"
        wanted = {"method": "GET", "key": key}
        signed = http.post(f"{objects}/sign", json={"requests": [wanted], "seconds": 60}).json()
    address = signed["signed"][0]["url"]
    with proxied.proxy.http() as nobody:
        whole = nobody.get(address)
        assert (whole.status_code, len(whole.content)) == (200, size)
        assert nobody.get(address + "0").status_code == 403
    assert part.content == whole.content[-9:]
    assert "signature=" in address
    assert "signature=" not in proxied.proxy.logged()


def test_who_may_not_upload_hears_of_it_while_sending(proxied: Proxied) -> None:
    def body() -> Iterator[bytes]:
        for _ in range(32):
            yield bytes(_MIB)

    path = f"/api/v3/dataset/admin/large/revisions/{'0' * 64}/objects/table.parquet"
    with proxied.proxy.http() as http:
        refused = http.put(path, content=body(), headers={"content-type": "application/zip"})
    assert refused.status_code == 401
    assert refused.json()["code"]


def test_uploads_do_not_wait_on_the_disk_of_the_proxy(proxied: Proxied) -> None:
    kept: list[list[Path]] = []

    def body() -> Iterator[bytes]:
        for _ in range(16):
            yield bytes(_MIB)
        kept.append(list(proxied.proxy.folder.rglob("client_body/*")))

    path = f"/api/v3/dataset/admin/large/revisions/{'0' * 64}/objects/table.parquet"
    token = {"authorization": f"Bearer {proxied.hub.token()}"}
    with proxied.proxy.http() as http:
        assert http.put(path, content=body(), headers=token).status_code == 201
    assert kept == [[]]


def _logged(proxied: Proxied, text: str) -> str:
    """Return the line of the hub's log with a text; it comes a moment after the reply."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = [line for line in proxied.hub.log if text in line]
        if found:
            return found[0]
        time.sleep(0.02)
    pytest.fail("".join(proxied.hub.log))


_PUBLISH = """
import numpy as np
import pandas as pd
from polaris.dataset import DatasetV1
from polaris.hub.client import PolarisHubClient

noise = np.random.default_rng(1).random((400_000, 4))
dataset = DatasetV1(table=pd.DataFrame(noise, columns=list("abcd")), name="large", license="MIT")
with PolarisHubClient() as client:
    client.upload_dataset(dataset, owner="admin", access="private")
    assert client.get_dataset("admin", "large", verify_checksum=True).table.equals(dataset.table)
"""
