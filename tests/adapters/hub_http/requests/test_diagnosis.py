"""Looking at a hub over HTTP through a transport that was handed in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from polaris.ports.diagnosis import Diagnosis, Finding, Outcome
from polaris.testing import DiagnosisSuite, ManualClock
from polaris_adapters.hub_http.diagnosis import HttpDiagnosis
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.generation import FoundGeneration, Generation
from polaris_adapters.hub_http.proxies import proxy_for

HUB = "https://hub.example"


class Answers:
    """A hub of a kind, whose clock is off by some seconds."""

    def __init__(self, kind: str = "g2", off: float = 0.0, **changes: Any) -> None:
        self.kind, self.off, self.changes = kind, off, changes

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        moment = ManualClock().now() + timedelta(seconds=self.off)
        headers = {"date": format_datetime(moment, usegmt=True), **self.changes.get("headers", {})}
        path = request.url.path
        if path == "/.well-known/polaris-hub" and self.kind == "g3":
            body = {"generation": 3, "version": self.changes.get("version", "1.2.3")}
            return httpx.Response(200, json=body, headers=headers)
        if path == f"/api/{self.kind.replace('g', 'v')}/dataset":
            return httpx.Response(200, json={"data": []}, headers=headers)
        return httpx.Response(404, headers=headers)


@pytest.fixture
def opened(make: Callable[..., Any]) -> Callable[..., HttpDiagnosis]:
    """Makes a diagnosis of a hub that gives the reply."""

    def open_(reply: Any, fixed: Generation | None = None, **given: Any) -> HttpDiagnosis:
        session = make(reply, **given).session
        return HttpDiagnosis(session, FoundGeneration(session, HUB, session.clock, fixed=fixed))

    return open_


class TestHttpDiagnosis(DiagnosisSuite):
    @pytest.fixture
    def diagnosis(self, opened: Callable[..., HttpDiagnosis]) -> Diagnosis:
        return opened(Answers())

    @pytest.fixture
    def broken(self, opened: Callable[..., HttpDiagnosis]) -> Diagnosis:
        return opened(404)


async def _found(diagnosis: HttpDiagnosis) -> dict[str, Finding]:
    return {finding.check: finding async for finding in diagnosis.findings()}


async def test_a_hub_that_is_well(opened: Callable[..., HttpDiagnosis]) -> None:
    found = await _found(opened(Answers()))
    assert list(found) == ["address", "answer", "clock", "kind of hub"]
    assert {f.outcome for f in found.values()} == {Outcome.GOOD}


@pytest.mark.parametrize(
    ("off", "outcome", "words"),
    [
        (0, Outcome.GOOD, "agrees"),
        (-25, Outcome.GOOD, "agrees"),
        (3600, Outcome.WARNING, "3600 s behind that of the hub"),
        (-90, Outcome.WARNING, "90 s ahead of that of the hub"),
    ],
)
async def test_a_clock_that_is_wrong(
    opened: Callable[..., HttpDiagnosis], off: float, outcome: Outcome, words: str
) -> None:
    found = (await _found(opened(Answers(off=off))))["clock"]
    assert found.outcome is outcome
    assert words in found.message
    assert found.details == {"seconds": off}


@pytest.mark.parametrize("date", ["", "soon", "Thu, 99 Foo 2026", "0"])
async def test_a_hub_that_does_not_tell_the_time(
    opened: Callable[..., HttpDiagnosis], date: str
) -> None:
    found = (await _found(opened(Answers(headers={"date": date}))))["clock"]
    assert found.outcome is Outcome.SKIPPED


@pytest.mark.parametrize("kind", ["g1", "g2", "g3"])
async def test_the_kind_of_hub_is_told(opened: Callable[..., HttpDiagnosis], kind: str) -> None:
    found = (await _found(opened(Answers(kind))))["kind of hub"]
    assert found.details["generation"] == kind
    assert ("version 1.2.3" in found.message) == (kind == "g3")


@pytest.mark.parametrize("version", [None, 7, "\x1b[31m", ["1"]])
async def test_a_version_that_is_none_is_passed_over(
    opened: Callable[..., HttpDiagnosis], version: Any
) -> None:
    found = (await _found(opened(Answers("g3", version=version))))["kind of hub"]
    assert found.details["version"] is None


async def test_a_kind_that_the_settings_fix_is_not_asked_for(
    opened: Callable[..., HttpDiagnosis],
) -> None:
    diagnosis = opened(404, fixed=Generation.G1)
    found = (await _found(diagnosis))["kind of hub"]
    assert found.message == "It speaks the protocol g1, as the settings say"


async def test_what_is_no_hub_is_told(opened: Callable[..., HttpDiagnosis]) -> None:
    page = httpx.Response(200, text="<html>Sign in to the network</html>")
    found = (await _found(opened(page)))["kind of hub"]
    assert (found.outcome, found.code) == (Outcome.FAILED, "hub_reply")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_a_hub_that_fails_is_not_taken_for_something_else(
    opened: Callable[..., HttpDiagnosis], status: int
) -> None:
    found = (await _found(opened(status)))["kind of hub"]
    assert (found.outcome, found.code, found.exit_code) == (Outcome.FAILED, "hub_unavailable", 7)


async def test_a_hub_that_does_not_answer(opened: Callable[..., HttpDiagnosis]) -> None:
    found = await _found(opened(httpx.ReadError("reset")))
    assert list(found) == ["address", "answer"]
    assert found["answer"].exit_code == 7


async def test_no_token_is_sent_and_none_is_told(opened: Callable[..., HttpDiagnosis]) -> None:
    diagnosis = opened(Answers(), tokens=("secret-1",), headers={"x-api-key": "secret-2"})
    found = await _found(diagnosis)
    told = json.dumps([[f.message, f.hint, dict(f.details)] for f in found.values()])
    assert "secret" not in told


# -- proxies -------------------------------------------------------------------------------------


def test_requests_go_there_directly() -> None:
    assert proxy_for(HUB, {}) is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_in_the_environment(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "proxy.example:3128")
    assert proxy_for(HUB, {}) == "http://proxy.example:3128"
    assert proxy_for(HUB, {"trust_env": False}) is None


@pytest.mark.parametrize("names", ["hub.example", "*", ".example,x"])
def test_hubs_that_are_exempt(monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", names)
    assert proxy_for(HUB, {}) is None


def test_a_proxy_that_the_user_gave() -> None:
    assert proxy_for(HUB, {"proxy": "http://me:pw@p.example"}) == "http://me:pw@p.example"


async def test_a_proxy_that_cannot_be_one(
    opened: Callable[..., HttpDiagnosis], monkeypatch: pytest.MonkeyPatch
) -> None:
    from polaris.errors import InvalidSettingsError

    monkeypatch.setenv("HTTPS_PROXY", "http://:secret@:99999")
    with pytest.raises(InvalidSettingsError, match="cannot be used") as caught:
        proxy_for(HUB, {})
    assert "secret" not in str(caught.value)
