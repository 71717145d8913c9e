"""Where a server listens, and with which certificate."""

from __future__ import annotations

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from polaris.bootstrap.server.listening import address_of, bind, check_certificate
from polaris.bootstrap.server.settings import ServerSettings
from polaris.errors import InvalidSettingsError, PolarisHubError


@pytest.fixture
def opened() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for each in sockets:
        each.close()


def test_a_port_is_taken_by_one(opened: list[socket.socket]) -> None:
    listener = bind(ServerSettings(port=0))
    opened.append(listener)
    port = listener.getsockname()[1]
    with pytest.raises(PolarisHubError, match=f"127.0.0.1:{port}: Address already in use"):
        bind(ServerSettings(port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-name.invalid"])
def test_an_address_that_is_not_here_is_refused(host: str) -> None:
    settings = ServerSettings(host=host, insecure_http=True, allowed_hosts=("x",))
    with pytest.raises(PolarisHubError, match=host):
        bind(settings)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:{port}"),
        ({"host": "::1"}, "http://[::1]:{port}"),
        ({"url": "https://hub.example/x/"}, "https://hub.example/x"),
        ({"host": "0.0.0.0", "allowed_hosts": ("*.org", "a.org")}, "http://a.org:{port}"),
        ({"host": "0.0.0.0", "allowed_hosts": ("*",)}, "http://localhost:{port}"),
    ],
)
def test_people_are_told_an_address_that_works(
    opened: list[socket.socket], given: dict[str, Any], address: str
) -> None:
    settings = ServerSettings(port=0, insecure_http=True, **given)
    try:
        listener = bind(settings)
    except PolarisHubError as error:
        pytest.skip(str(error))
    opened.append(listener)
    assert address_of(settings, listener) == address.format(port=listener.getsockname()[1])


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pems")
    authority = trustme.CA()
    year = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)
    one, other = (authority.issue_cert("localhost", not_after=year) for _ in range(2))
    paths = {
        name: folder / f"{name}.pem" for name in ("chain", "key", "other", "locked", "nothing")
    }
    paths["chain"].write_bytes(b"".join(blob.bytes() for blob in one.cert_chain_pems))
    paths["key"].write_bytes(one.private_key_pem.bytes())
    paths["other"].write_bytes(other.private_key_pem.bytes())
    paths["nothing"].write_text("nothing")
    key = serialization.load_pem_private_key(one.private_key_pem.bytes(), None)
    paths["locked"].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"word"),
        )
    )
    return paths


def test_a_certificate_and_its_key_will_do(pems: dict[str, Path]) -> None:
    settings = ServerSettings(tls_certificate=pems["chain"], tls_key=pems["key"])
    check_certificate(settings)
    check_certificate(ServerSettings())


@pytest.mark.parametrize(
    ("certificate", "key"),
    [("nothing", "key"), ("chain", "nothing"), ("chain", "other"), ("chain", "locked")],
)
def test_others_are_refused_before_anything_begins(
    pems: dict[str, Path], certificate: str, key: str
) -> None:
    settings = ServerSettings(tls_certificate=pems[certificate], tls_key=pems[key])
    with pytest.raises(InvalidSettingsError, match="TLS cannot be served"):
        check_certificate(settings)
