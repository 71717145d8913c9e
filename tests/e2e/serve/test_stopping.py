"""How a server ends, and how it serves with several processes and with TLS."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from tests.e2e.serve.servers import SECONDS, Serve, Serving

pytestmark = [pytest.mark.slow, pytest.mark.network]

Upload = Callable[..., "subprocess.CompletedProcess[str]"]

KEY = "/api/v3/dataset/admin/molecules/revisions/" + "0" * 64 + "/objects/part"


def _connected(serving: Serving) -> socket.socket:
    host, port = serving.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)


def _head(token: str, length: int) -> bytes:
    return (
        f"PUT {KEY} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
    ).encode()


def test_an_upload_under_way_is_finished_before_the_end(serve: Serve) -> None:
    serving = serve("--grace", "20", POLARIS_SERVER_DRAIN="1.5")
    token = serving.token()
    with _connected(serving) as connection, serving.http() as http:
        connection.sendall(_head(token, 8) + b"half")
        time.sleep(0.3)
        serving.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 5
        # It says so first, and goes on serving for a moment.
        while (reply := http.get("/readyz")).status_code == 200:
            assert time.monotonic() < deadline
        assert reply.json() == {"status": "stopping"}
        assert http.get("/healthz").status_code == 200
        time.sleep(1.7)
        connection.sendall(b"done")
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert b" 201 " in answer.splitlines()[0], answer
    assert serving.process.wait(timeout=SECONDS) == 0
    with pytest.raises(ConnectionRefusedError):
        _connected(serving)
    assert (
        serving.data / "objects/datasets/admin/molecules" / ("0" * 64) / "part"
    ).read_bytes() == (b"halfdone")


def test_an_upload_that_stands_still_does_not_hold_up_the_end(serve: Serve) -> None:
    serving = serve("--grace", "1", POLARIS_SERVER_DRAIN="0")
    with _connected(serving) as connection:
        connection.sendall(_head(serving.token(), 8) + b"half")
        time.sleep(0.3)
        began = time.monotonic()
        assert serving.stop() == 0
        assert time.monotonic() - began < 10
    assert not list((serving.data / "objects").rglob("part"))


def test_ctrl_c_is_a_good_end_too(serve: Serve) -> None:
    assert serve().stop(signal.SIGINT) == 0


def test_two_processes_are_one_hub(serve: Serve, upload: Upload) -> None:
    serving = serve("--workers", "2", "--metrics", "public", "--log-format", "json")
    token = serving.token()
    assert upload(serving, token).returncode == 0
    served: set[int] = set()

    def ask() -> None:
        with serving.http(headers={"authorization": f"Bearer {token}"}) as http:
            for _ in range(20):
                assert http.get("/api/v3/dataset/admin/molecules").status_code == 200

    deadline = time.monotonic() + SECONDS
    while len(served) < 2:
        assert time.monotonic() < deadline, "only one process has answered"
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = [json.loads(line) for line in list(serving.log) if line.startswith("{")]
        access = [line for line in lines if line["logger"] == "polaris.access"]
        served = {line["process"] for line in access}
    assert {line["caller"] for line in access if "admin/molecules" in line["path"]} == {"admin"}
    # Whichever process is asked, it tells of all.
    with serving.http() as http:
        text = http.get("/metrics").text
        found = re.search(
            r'polaris_http_requests_total\{method="GET",route="/api/v3/\{kind\}/\{owner\}/\{slug\}"'
            r',status="200"\} ([0-9.]+)',
            text,
        )
        assert found is not None
        gets = [line for line in access if line["route"] == "/api/v3/{kind}/{owner}/{slug}"]
        counted = sum(line["method"] == "GET" and line["status"] == 200 for line in gets)
        assert float(found[1]) >= counted
    # One that is killed is begun anew.
    killed = min(served)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    with serving.http(headers={"authorization": f"Bearer {token}"}) as http:
        while not _another(serving, served):
            assert time.monotonic() < deadline, "".join(serving.log)
            time.sleep(0.2)
        assert http.get("/api/v3/dataset/admin/molecules").status_code == 200
    # No secret of the hub stands in the arguments or the environment of its processes.
    assert serving.stop() == 0


def _another(serving: Serving, before: set[int]) -> bool:
    begun = [line for line in list(serving.log) if "Application startup complete" in line]
    return bool({json.loads(line)["process"] for line in begun} - before)


def test_secrets_are_in_no_arguments_and_no_environment_of_processes(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "server.toml"
    file.write_text('[default]\nmetrics_token = "s3cr3t-of-metrics"\n')
    serving = serve("--workers", "2", "--config-file", str(file))
    with serving.http(headers={"authorization": "Bearer s3cr3t-of-metrics"}) as http:
        assert http.get("/metrics").status_code == 200
    pids = [serving.process.pid, *_children(serving.process.pid)]
    assert len(pids) >= 3
    for pid in pids:
        for name in ("cmdline", "environ"):
            assert b"s3cr3t" not in Path(f"/proc/{pid}/{name}").read_bytes()


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_tls_is_served_to_who_knows_the_authority(
    serve: Serve, upload: Upload, tmp_path: Path
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    chain, key, root = (tmp_path / name for name in ("chain.pem", "key.pem", "root.pem"))
    issued.private_key_pem.write_to_path(str(key))
    chain.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    authority.cert_pem.write_to_path(str(root))
    serving = serve("--tls-certificate", str(chain), "--tls-key", str(key))
    assert serving.url.startswith("https://")
    done = upload(serving, serving.token(), POLARIS_CA_BUNDLE=str(root))
    assert done.returncode == 0, done.stderr
    assert upload(serving, serving.token()).returncode == 1
    with serving.http(verify=ssl.create_default_context(cafile=str(root))) as http:
        reply = http.get("/api/v3/dataset")
        assert reply.status_code == 200
        # Other programs of this machine answer under the same name, without TLS.
        assert "strict-transport-security" not in reply.headers
        issuer = http.get("/.well-known/openid-configuration").json()["issuer"]
        assert issuer == serving.url
