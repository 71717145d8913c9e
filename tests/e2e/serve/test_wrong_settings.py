"""What cannot be served is said at once, in a line, and with an exit code."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
import trustme

from tests.e2e.serve.servers import COMMAND, SECONDS, Serve

pytestmark = [pytest.mark.slow, pytest.mark.network]


def _refused(serve: Serve, *arguments: str, **environment: str) -> tuple[int, str]:
    ended = subprocess.run(
        [*COMMAND, "serve", "--data", str(serve.home / "hub"), *arguments],
        env={**serve.environment, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert "Hint: " in ended.stderr
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


def test_a_port_that_is_taken(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, told = _refused(serve, "--port", str(port))
    assert code == 1
    assert f"127.0.0.1:{port}" in told
    assert "in use" in told


def test_an_address_of_another_machine(serve: Serve) -> None:
    code, told = _refused(serve, "--host", "192.0.2.1", "--insecure-http", "--url", "http://x.org")
    assert (code, "192.0.2.1" in told) == (1, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(serve: Serve) -> None:
    (serve.home / "hub").mkdir(mode=0o500)
    code, told = _refused(serve, "--port", "0")
    assert (code, str(serve.home / "hub") in told) == (1, True)


def test_a_folder_that_is_a_file(serve: Serve) -> None:
    (serve.home / "hub").write_text("no folder")
    code, told = _refused(serve, "--port", "0")
    assert (code, str(serve.home / "hub") in told) == (1, True)


def test_other_machines_need_tls_or_a_proxy(serve: Serve) -> None:
    code, told = _refused(serve, "--host", "0.0.0.0")
    assert code == 2
    assert "--insecure-http" in told or "unencrypted" in told
    assert "allowed_hosts" in told


def test_certificates_that_are_none(serve: Serve, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    code, told = _refused(
        serve, "--port", "0", "--tls-certificate", str(nothing), "--tls-key", str(nothing)
    )
    assert (code, "TLS" in told) == (2, True)
    code, told = _refused(serve, "--tls-certificate", str(nothing))
    assert (code, "tls_key" in told) == (2, True)
    one, other = trustme.CA().issue_cert("localhost"), trustme.CA().issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    one.cert_chain_pems[0].write_to_path(str(chain))
    other.private_key_pem.write_to_path(str(key))
    code, told = _refused(
        serve, "--port", "0", "--tls-certificate", str(chain), "--tls-key", str(key)
    )
    assert (code, "mismatch" in told.lower()) == (2, True)


def test_a_database_that_is_down(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    where = f"postgresql://hub:s3cr3t@127.0.0.1:{port}/hub"
    code, told = _refused(serve, "--port", "0", POLARIS_SERVER_DATABASE=where)
    assert code == 7
    assert "s3cr3t" not in told


def test_a_store_that_is_down(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    arguments = ("--storage", "s3://bucket/hub", "--storage-endpoint", f"http://127.0.0.1:{port}")
    code, told = _refused(serve, "--port", "0", *arguments)
    assert (code, "STORAGE_SECRET_KEY" in told) == (2, True)


def test_a_misspelt_setting_of_the_file(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("[default]\nworker = 2\n")
    code, told = _refused(serve, "--config-file", str(file))
    assert (code, "workers" in told) == (2, True)
