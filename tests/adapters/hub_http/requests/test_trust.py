"""Which certificates are trusted, by real handshakes in memory."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from polaris.errors import InvalidSettingsError
from polaris_adapters.hub_http.trust import connection_trust, system_trust, trusted


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def _trusts(context: ssl.SSLContext, authority: trustme.CA, *, asks_client: bool = False) -> bool:
    """Say whether a handshake with a server of that authority succeeds."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hub.example").configure_cert(server_side)
    if asks_client:
        authority.configure_trust(server_side)
        server_side.verify_mode = ssl.CERT_REQUIRED
    ends = [ssl.MemoryBIO(), ssl.MemoryBIO()]
    client = context.wrap_bio(ends[0], ends[1], server_hostname="hub.example")
    server = server_side.wrap_bio(ends[1], ends[0], server_side=True)
    for _ in range(6):
        for end in (client, server):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError:
                return False
    return True


def _context(value: Any) -> ssl.SSLContext:
    found = connection_trust(trusted(value))
    assert isinstance(found, ssl.SSLContext)
    return found


def test_a_file_is_trusted(bundle: Path, authority: trustme.CA) -> None:
    assert _trusts(_context(str(bundle)), authority)
    assert _trusts(_context(bundle), authority)


def test_a_file_is_all_that_is_trusted(bundle: Path) -> None:
    assert not _trusts(_context(bundle), trustme.CA())


@pytest.mark.parametrize("value", [None, True])
def test_the_system_does_not_trust_anybody(value: Any, authority: trustme.CA) -> None:
    assert not _trusts(_context(value), authority)


def test_the_system_trusts_what_the_environment_names(
    bundle: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert _trusts(_context(True), authority)


def test_a_file_that_the_environment_names_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(InvalidSettingsError, match="SSL_CERT_FILE"):
        system_trust()


def test_false_is_left_to_the_http_client() -> None:
    assert trusted(False) is False
    assert connection_trust(False) is False


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nx"])
def test_a_file_without_certificates_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.pem"
    path.write_bytes(content)
    with pytest.raises(InvalidSettingsError, match="cannot be read") as caught:
        trusted(path)
    assert "PEM" in caught.value.hint


@pytest.mark.parametrize("value", ["missing.pem", 7, "\0"])
def test_what_is_no_file_is_refused(value: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="cannot be read"):
        trusted(value)


@pytest.mark.parametrize("verify", [True, False])
def test_a_client_may_have_a_certificate_of_its_own(
    verify: bool, authority: trustme.CA, bundle: Path, tmp_path: Path
) -> None:
    path = tmp_path / "client.pem"
    authority.issue_cert("me@hub.example").private_key_and_cert_chain_pem.write_to_path(str(path))
    trust = trusted(bundle) if verify else False
    with_certificate = connection_trust(trust, str(path))
    assert isinstance(with_certificate, ssl.SSLContext)
    assert _trusts(with_certificate, authority, asks_client=True)


def test_a_client_without_one_is_turned_away(authority: trustme.CA, bundle: Path) -> None:
    context = _context(bundle)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # Later ones tell the client afterwards.
    assert not _trusts(context, authority, asks_client=True)


@pytest.mark.parametrize("cert", ["missing.pem", ("a", "b"), 7, ()])
def test_a_certificate_that_cannot_be_read_is_refused(cert: Any) -> None:
    with pytest.raises(InvalidSettingsError, match="certificate of this client"):
        connection_trust(False, cert)
