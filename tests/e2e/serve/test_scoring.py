"""Submissions to a server: scored in it, or by workers of their own on a database and a store."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.serve.servers import COMMAND, SECONDS, Serve, Serving
from tests.s3_fixtures import KEY, ROLE, SECRET

pytestmark = [pytest.mark.slow, pytest.mark.network]

_SUBMIT = """
import sys, time
import pandas as pd
from polaris.benchmark import SingleTaskBenchmarkSpecification
from polaris.dataset import DatasetV1
from polaris.hub.client import PolarisHubClient
from polaris.hub.settings import PolarisHubSettings

url, patience = sys.argv[1], float(sys.argv[2])
rows = range(10)
table = pd.DataFrame({"smiles": ["C" * (n + 1) for n in rows], "y": [float(n) for n in rows]})
dataset = DatasetV1(table=table, name="molecules", owner="admin", license="CC-BY-4.0")
benchmark = SingleTaskBenchmarkSpecification(
    name="guessing", owner="admin", dataset=dataset, input_cols="smiles", target_cols="y",
    split=(list(range(8)), [8, 9]), metrics=["mean_absolute_error"],
)
settings = PolarisHubSettings(hub_url=url)
with PolarisHubClient(settings=settings) as client:
    if patience:
        client.upload_dataset(dataset)
        client.upload_benchmark(benchmark)
        benchmark.submit_predictions([8.5, 8.5], "a-guess", "admin", settings=settings)
    end = time.monotonic() + patience
    while True:
        [job] = client.list_submissions("urn:polaris:benchmark:admin:guessing")
        if job.state.is_final or time.monotonic() >= end:
            break
        time.sleep(0.2)
    print(job.state.value, job.reason or "")
    if job.results is not None:
        found = client.get_results(job.results.owner, job.results.slug)
        print(found.results["Score"].tolist())
"""


def _submitted(serving: Serving, token: str, patience: float) -> list[str]:
    """Submit where patience is not 0, and return the state of the submission and its scores."""
    ended = subprocess.run(
        [sys.executable, "-c", _SUBMIT, serving.url + "/", str(patience)],
        env={**serving.environment, "POLARIS_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr + "".join(serving.log)
    return ended.stdout.split("\n")[:-1]


def test_a_server_scores_what_is_submitted_to_it(serve: Serve) -> None:
    serving = serve(POLARIS_SERVER_JOB_POLL="0.1")
    assert _submitted(serving, serving.token(), SECONDS) == ["scored ", "[0.5]"]


def test_workers_of_their_own_score_for_a_server(serve: Serve) -> None:
    serving = serve("--no-jobs")
    token = serving.token()
    assert _submitted(serving, token, 0.1) == ["waiting "]
    worked = serving.run("hub", "work", "--once", "--data", str(serving.data))
    assert worked.returncode == 0, worked.stderr
    assert "Worked on 1 submissions" in worked.stderr
    assert _submitted(serving, token, 0) == ["scored ", "[0.5]"]


def test_a_worker_ends_when_it_is_told_to(serve: Serve, tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [*COMMAND, "hub", "work", "--data", str(tmp_path / "hub"), "--poll", "0.1"],
        env=serve.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert worker.stderr is not None
    assert "Scoring submissions" in worker.stderr.readline()
    deadline = time.monotonic() + SECONDS
    while not (tmp_path / "hub" / "catalogue.sqlite").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=SECONDS) == 130
    worker.stderr.close()


def test_a_hub_on_postgresql_and_s3(
    serve: Serve,
    upload: Callable[..., subprocess.CompletedProcess[str]],
    postgres_url: str,
    s3_server: str,
) -> None:
    settings = {
        "POLARIS_SERVER_DATABASE": postgres_url,
        "POLARIS_SERVER_STORAGE": f"s3://polaris/{secrets.token_hex(8)}",
        "POLARIS_SERVER_STORAGE_ENDPOINT": s3_server,
        "POLARIS_SERVER_STORAGE_ACCESS_KEY": KEY,
        "POLARIS_SERVER_STORAGE_SECRET_KEY": SECRET,
        "POLARIS_SERVER_STORAGE_ROLE": ROLE,
    }
    serving = serve("--workers", "2", "--no-jobs", "--metrics", "public", settings=settings)
    assert not (serving.data / "catalogue.sqlite").exists()
    token = serving.token()
    with serving.http() as http:
        assert http.get("/readyz").json()["checks"] == {"database": "ok", "storage": "ok"}
    assert _submitted(serving, token, 0.1) == ["waiting "]
    with serving.http() as http:
        metrics = http.get("/metrics").text
        assert "polaris_jobs_waiting 1.0" in metrics
        assert "polaris_database_connections_used" in metrics
    # Another machine has the database and the store in common with the server, and nothing else.
    elsewhere = serving.run("hub", "work", "--once", "--data", str(serve.home / "elsewhere"))
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert _submitted(serving, token, 0) == ["scored ", "[0.5]"]
    assert upload(serving, None).returncode == 1
    assert serving.stop() == 0
    assert not (serving.data / "objects").exists()


def test_a_store_that_is_not_there_is_told_soon(serve: Serve) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    began = time.monotonic()
    ended = subprocess.run(
        [
            *COMMAND, "serve", "--port", "0", "--data", str(serve.home / "hub"),
            "--storage", "s3://bucket/hub", "--storage-endpoint", f"http://127.0.0.1:{port}",
        ],
        env={**serve.environment, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s3cr3t"},
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 7
    assert f"127.0.0.1:{port}" in ended.stderr
    assert "s3cr3t" not in ended.stderr
    assert time.monotonic() - began < 45
