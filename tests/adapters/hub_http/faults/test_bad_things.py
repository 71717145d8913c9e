"""Bad things between here and the hub: each has a clear error, and nothing is lost."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import trustme

from polaris.dataset import Dataset
from polaris.errors import (
    AccessDeniedError,
    ArtifactExistsError,
    ArtifactNotFoundError,
    HubReplyError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidSettingsError,
    PolarisCreateArtifactError,
    PolarisSSLError,
    PolarisUnauthorizedError,
)
from polaris.prediction import CompetitionPredictions

pytestmark = pytest.mark.network


def _dataset() -> Dataset:
    table = pd.DataFrame({"smiles": ["C", "CC"], "y": [0.5, 1.5]})
    return Dataset(name="two-chains", owner="acme", license="MIT", table=table)


# -- statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "times"),
    [
        (401, PolarisUnauthorizedError, 1),
        (403, AccessDeniedError, 1),
        (404, ArtifactNotFoundError, 1),
        (409, ArtifactExistsError, 1),
        (412, ArtifactExistsError, 1),
        (422, PolarisCreateArtifactError, 1),
        (429, HubUnavailableError, 4),
        (500, HubUnavailableError, 4),
        (502, HubUnavailableError, 4),
        (503, HubUnavailableError, 4),
    ],
)
def test_a_hub_that_refuses_an_upload(
    server: Any,
    open_client: Callable[..., Any],
    status_fault: Callable[..., Any],
    status: int,
    kind: type[Exception],
    times: int,
) -> None:
    server.begin(lambda number, line: status_fault(status))
    with pytest.raises(kind, match=f"HTTP status {status}: status {status}"):
        open_client().upload_dataset(_dataset())
    assert server.asked == ["PUT /api/v1/dataset/acme/two-chains"] * times
    assert server.hub.documents == {}
    # And when the hub is well again, the same upload succeeds.
    server.begin()
    open_client().upload_dataset(_dataset())
    assert server.hub.shows("v1/dataset/acme/two-chains")


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b"[]", b"{", b"null", b"\xff"])
def test_a_hub_that_answers_with_something_else(
    server: Any, open_client: Callable[..., Any], body: bytes
) -> None:
    server.hub.instead = (200, {"content-type": "text/html"}, body)
    with pytest.raises(HubReplyError) as caught:
        open_client().list_datasets()
    assert "api_url" in caught.value.hint
    assert len(server.asked) == 1


# -- no way there --------------------------------------------------------------------------------


def test_nobody_listens(server: Any, open_client: Callable[..., Any], free_port: int) -> None:
    client = open_client(hub_url=f"http://127.0.0.1:{free_port}")
    with pytest.raises(HubUnreachableError, match="no connection") as caught:
        client.list_datasets()
    assert "polaris doctor" in caught.value.hint
    assert caught.value.exit_code == 7


def test_a_name_that_nobody_has(open_client: Callable[..., Any]) -> None:
    with pytest.raises(HubUnreachableError, match="its name cannot be resolved"):
        open_client(hub_url="http://no-such-host.invalid").list_datasets()


def test_a_proxy_that_refuses(
    server: Any,
    open_client: Callable[..., Any],
    status_fault: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proxy = server.url.replace("http://", "http://me:secret@")
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    server.begin(lambda number, line: status_fault(407))
    with pytest.raises(HubUnreachableError, match="through the proxy: 407") as caught:
        open_client(hub_url="https://hub.invalid").upload_dataset(_dataset())
    assert "HTTPS_PROXY" in caught.value.hint
    assert "secret" not in str(caught.value)
    assert len(server.asked) == 1  # No proxy locks somebody out because of us.
    assert all("bearer" not in str(headers).lower() for headers in server.headers)


def test_a_proxy_that_is_busy_is_asked_again(
    server: Any,
    open_client: Callable[..., Any],
    status_fault: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    server.begin(lambda number, line: status_fault(502))
    with pytest.raises(HubUnreachableError, match="through the proxy: 502"):
        open_client(hub_url="https://hub.invalid").list_datasets()
    assert len(server.asked) == 4


# -- certificates --------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Acme Authority")


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def protected(server: Any, authority: trustme.CA) -> Iterator[Any]:
    """The hub behind TLS."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(trust)
    with type(server)().running(trust) as found:
        yield found


def test_a_certificate_of_somebody_unknown(protected: Any, open_client: Callable[..., Any]) -> None:
    with pytest.raises(PolarisSSLError, match="cannot be verified") as caught:
        open_client(hub_url=protected.url).list_datasets()
    assert "ca_bundle" in caught.value.hint
    assert protected.asked == []


def test_a_certificate_of_another_authority(
    protected: Any, open_client: Callable[..., Any], tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    with pytest.raises(PolarisSSLError, match="cannot be verified"):
        open_client(hub_url=protected.url, ca_bundle=other).list_datasets()


def test_a_certificate_for_another_name(
    protected: Any, open_client: Callable[..., Any], bundle: str
) -> None:
    url = protected.url.replace("127.0.0.1", "localhost")
    with pytest.raises(PolarisSSLError, match=r"[Hh]ostname mismatch"):
        open_client(hub_url=url, ca_bundle=bundle).list_datasets()


def test_an_authority_in_a_file(
    protected: Any, open_client: Callable[..., Any], bundle: str
) -> None:
    assert open_client(hub_url=protected.url, ca_bundle=bundle).list_datasets() == []


def test_an_authority_of_the_system(
    protected: Any,
    open_client: Callable[..., Any],
    bundle: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    assert open_client(hub_url=protected.url, ca_bundle=True).list_datasets() == []


def test_an_authority_that_the_user_hands_over(
    protected: Any, open_client: Callable[..., Any], bundle: str
) -> None:
    assert open_client({"verify": bundle}, hub_url=protected.url).list_datasets() == []


def test_any_certificate_if_that_is_wanted(protected: Any, open_client: Callable[..., Any]) -> None:
    assert open_client(hub_url=protected.url, ca_bundle=False).list_datasets() == []


def test_a_file_that_holds_no_certificates(
    protected: Any, open_client: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(InvalidSettingsError, match="cannot be read"):
        open_client(hub_url=protected.url, ca_bundle=tmp_path / "empty.pem")


def test_a_server_without_tls(server: Any, open_client: Callable[..., Any]) -> None:
    url = server.url.replace("http://", "https://")
    with pytest.raises((PolarisSSLError, HubUnreachableError)):
        open_client(hub_url=url, default_timeout=(0.3, 0.3)).list_datasets()
    assert server.asked == []


# -- Ctrl-C ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_an_upload_leaves_nothing_half_visible(
    server: Any, faults: dict[str, Any], open_client: Callable[..., Any], tmp_path: Path
) -> None:
    document = _dataset().to_json(str(tmp_path / "saved"))
    # The store takes the table in, and then does not answer.
    server.begin(lambda number, line: faults["hang"] if line.startswith("PUT /bkt") else None)
    environment = os.environ | {
        "POLARIS_HUB_URL": server.url,
        "POLARIS_GENERATION": "g2",
        "POLARIS_TOKEN": "tok",
        "POLARIS_TOKEN_STORE": "memory",
    }
    arguments = [sys.executable, "-m", "polaris_adapters.cli", "dataset", "put", document]
    process = subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 90
    while not any(line.startswith("PUT /bkt") for line in server.asked):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not server.hub.shows("v1/dataset/acme/two-chains")
    server.begin()
    client = open_client(default_timeout=(10, 10))
    assert client.list_datasets() == []
    client.upload_dataset(_dataset())
    assert client.list_datasets() == ["acme/two-chains"]


# -- competitions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "kind", "words"),
    [
        ({"startTime": "tomorrow"}, HubReplyError, "is no time"),
        ({"endTime": 7}, HubReplyError, "is no time"),
        ({"startTime": "2999-01-01T00:00:00"}, PolarisCreateArtifactError, "opens 2999"),
        ({"endTime": "2001-01-01T00:00:00Z"}, PolarisCreateArtifactError, "closed 2001"),
    ],
)
def test_times_of_a_competition_that_are_odd_or_over(
    server: Any,
    open_client: Callable[..., Any],
    times: dict[str, Any],
    kind: type[Exception],
    words: str,
) -> None:
    server.hub.documents["v1/competition/acme/contest"] = {
        "name": "contest", "targetCols": ["y"], "metrics": [{"label": "r2"}], **times,
    }  # fmt: skip
    predictions = CompetitionPredictions(
        name="forest", owner="acme", paper_url="https://example.org/report",
        predictions={"test": {"y": [1.0]}}, target_labels=["y"], test_set_labels=["test"],
        test_set_sizes={"test": 1},
    )  # fmt: skip
    with pytest.raises(kind, match=words):
        open_client().submit_competition_predictions("acme/contest", predictions)
    assert server.hub.results == []
