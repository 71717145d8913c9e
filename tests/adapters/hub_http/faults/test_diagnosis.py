"""`polaris doctor` on loopback: names, connections, proxies, certificates."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from polaris.application.doctor import Report
from polaris.hub.doctor import run_doctor
from polaris.ports.diagnosis import Finding, Outcome

pytestmark = pytest.mark.network


@pytest.fixture
def looked(tmp_path: Path) -> Callable[..., Report]:
    """Looks at a hub."""

    def run(url: str, **settings: Any) -> Report:
        given: dict[str, Any] = {"token_store": "memory", "token": "sekret"}
        return run_doctor(hub_url=url, cache_dir=tmp_path / "cache", **given, **settings)

    return run


def _found(report: Report) -> dict[str, Finding]:
    return {finding.check: finding for finding in report.findings}


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Acme Authority")


@pytest.fixture
def protect(server: Any, authority: trustme.CA) -> Iterator[Callable[..., Any]]:
    """Starts the hub behind TLS, with a certificate that is good for so many days."""
    import contextlib

    with contextlib.ExitStack() as stack:

        def run(days: int | None = None) -> Any:
            trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            until = None if days is None else datetime.now(UTC) + timedelta(days=days, hours=1)
            authority.issue_cert("127.0.0.1", not_after=until).configure_cert(trust)
            return stack.enter_context(type(server)().running(trust))

        yield run


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_hub_that_answers(server: Any, looked: Callable[..., Report]) -> None:
    report = looked(server.url)
    found = _found(report)
    assert list(found) == [
        "cache", "address", "name", "connection", "answer", "clock", "kind of hub", "sign-in",
        "catalogue", "objects",
    ]  # fmt: skip
    assert report.exit_code == 0
    assert found["kind of hub"].details["generation"] == "g2"
    assert found["clock"].outcome is Outcome.WARNING  # It is always the first of January there.
    assert found["objects"].outcome is Outcome.SKIPPED


def test_nobody_listens(looked: Callable[..., Report], free_port: int) -> None:
    report = looked(f"http://127.0.0.1:{free_port}")
    assert report.findings[-1].check == "connection"
    assert "Connection refused" in report.findings[-1].message
    assert report.exit_code == 7


def test_a_name_that_nobody_has(looked: Callable[..., Report]) -> None:
    report = looked("https://no-such-host.invalid")
    assert report.findings[-1].check == "name"
    assert report.exit_code == 7


def test_a_hub_that_is_busy(
    server: Any, looked: Callable[..., Report], status_fault: Callable[..., Any]
) -> None:
    server.begin(lambda number, line: status_fault(503))
    report = looked(server.url)
    assert report.findings[-1].check == "kind of hub"
    assert report.exit_code == 7
    assert len(server.asked) <= 3  # It looks once.


def test_a_certificate_that_is_trusted(
    protect: Callable[..., Any], looked: Callable[..., Report], bundle: str
) -> None:
    found = _found(looked(protect().url, ca_bundle=bundle))["certificate"]
    assert found.outcome is Outcome.GOOD
    assert found.message.startswith("By Acme Authority")
    assert str(found.details["protocol"]).startswith("TLS")


def test_a_certificate_that_ends_soon(
    protect: Callable[..., Any], looked: Callable[..., Report], bundle: str
) -> None:
    found = _found(looked(protect(days=3).url, ca_bundle=bundle))["certificate"]
    assert found.outcome is Outcome.WARNING
    assert found.message.endswith(": 3 days")


def test_a_certificate_that_has_ended(
    protect: Callable[..., Any], looked: Callable[..., Report], bundle: str
) -> None:
    report = looked(protect(days=-3).url, ca_bundle=bundle)
    found = _found(report)["certificate"]
    assert found.outcome is Outcome.FAILED
    assert "expired" in found.message
    assert report.exit_code == 7


def test_a_certificate_of_somebody_unknown(
    protect: Callable[..., Any], looked: Callable[..., Report]
) -> None:
    report = looked(protect().url)
    found = _found(report)["certificate"]
    assert (found.outcome, found.code) == (Outcome.FAILED, "ssl")
    assert "it is by Acme Authority" in found.message
    assert "ca_bundle" in found.hint
    assert report.findings[-1] is found


def test_certificates_that_are_not_verified(
    protect: Callable[..., Any], looked: Callable[..., Report]
) -> None:
    report = looked(protect().url, ca_bundle=False)
    found = _found(report)["certificate"]
    assert found.outcome is Outcome.WARNING
    assert "Acme Authority" in found.message
    assert report.exit_code == 0


def test_https_where_there_is_none(server: Any, looked: Callable[..., Report]) -> None:
    server.begin(lambda number, line: None)
    report = looked(server.url.replace("http://", "https://"), default_timeout=(1, 1))
    assert report.exit_code == 7
    assert report.findings[-1].check == "certificate"


def test_a_proxy_that_refuses(
    server: Any,
    looked: Callable[..., Report],
    status_fault: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", "http://me:sekret@"))
    server.begin(lambda number, line: status_fault(407))
    report = looked("https://hub.invalid")
    found = _found(report)
    assert found["proxy"].message == f"Calls go through the proxy {server.url}"
    assert "through the proxy: 407" in found["answer"].message
    assert report.exit_code == 7
    assert "sekret" not in str(report)


def test_no_secret_is_told(
    server: Any, looked: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLARIS_PASSWORD", "sekret")
    url = server.url.replace("http://", "http://me:sekret@")
    report = looked(url, authorize_url="https://me:sekret@login.example/?key=sekret")
    told = json.dumps([report.hub_url, dict(report.settings), str(report.findings)])
    assert "sekret" not in told
    assert report.settings["token"][0] == "***"
    assert report.settings["password"][1] == "environment POLARIS_PASSWORD"
