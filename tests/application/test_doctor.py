"""Looking at everything that work with a hub needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from polaris.application.doctor import Doctor, Report
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.domain.secret import Secret
from polaris.errors import (
    HubUnavailableError,
    HubUnreachableError,
    MissingExtraError,
    PolarisError,
    SignInError,
    StorageError,
)
from polaris.ports.artifacts import ArtifactDraft
from polaris.ports.auth import SignInStatus
from polaris.ports.diagnosis import Diagnosis, Finding, Outcome
from polaris.ports.storage import Write
from polaris.ports.transport import Transport
from polaris.testing import (
    DiagnosisSuite,
    FakeAuth,
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    ManualClock,
)

_check: type[Diagnosis] = Doctor
REF = ArtifactRef.of(ArtifactKind.DATASET, "acme", "four-chains")


@attrs.frozen
class Found:
    """A diagnosis that finds what it was told to."""

    told: tuple[Finding, ...]

    async def findings(self) -> AsyncIterator[Finding]:
        for finding in self.told:
            yield finding


class Failing:
    """Fails at whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any, **__: Any) -> Any:
            raise self._error

        return fail


class SignedIn:
    """An `AuthPort` with accounts, of which the status is known."""

    def __init__(self, status: SignInStatus, error: PolarisError | None = None) -> None:
        self._status, self._error = status, error

    async def status(self) -> SignInStatus:
        return self._status

    async def token(self) -> Secret:
        if self._error is not None:
            raise self._error
        return Secret("very-secret")

    async def switch(self, account: str | None = None, /) -> str:
        raise AssertionError


async def _filled() -> Transport:
    artifacts, storage = InMemoryArtifacts(ManualClock()), InMemoryArtifactStorage()
    draft = ArtifactDraft(REF, {"version": 1}, "public", "r" * 64)
    publication = await artifacts.begin(draft)
    store = await storage.open(publication.location, write=True)
    await store.put([Write("table.parquet", b"bytes")])
    await artifacts.commit(publication)
    return Transport(FakeAuth("ada-lovelace"), artifacts, storage)


@pytest.fixture
async def transport() -> Transport:
    return await _filled()


async def _looked(transport: Transport, *diagnoses: Diagnosis, **given: Any) -> dict[str, Finding]:
    doctor = Doctor(diagnoses, lambda: transport, **given)
    return {finding.check: finding async for finding in doctor.findings()}


class TestDoctor(DiagnosisSuite):
    @pytest.fixture
    def diagnosis(self, transport: Transport) -> Diagnosis:
        return Doctor([], lambda: transport)

    @pytest.fixture
    def broken(self, transport: Transport) -> Diagnosis:
        failing: Any = Failing(HubUnavailableError("It is busy", hint="Try again later."))
        return Doctor([], lambda: attrs.evolve(transport, artifacts=failing))


async def test_a_hub_that_is_well(transport: Transport) -> None:
    found = await _looked(transport, Found((Finding("network", Outcome.GOOD, "well"),)))
    assert {name: f.outcome for name, f in found.items()} == dict.fromkeys(
        ("network", "sign-in", "catalogue", "objects"), Outcome.GOOD
    )


async def test_what_lies_behind_a_failure_is_not_looked_at(transport: Transport) -> None:
    failed = Finding("network", Outcome.FAILED, "down", hint="up", exit_code=7, ends=True)
    found = await _looked(transport, Found((failed,)), Found((failed,)))
    assert list(found) == ["network"]


async def test_a_hub_that_cannot_be_opened() -> None:
    def refuse() -> Transport:
        raise MissingExtraError("A hub in a folder", extra="local")

    [found] = [finding async for finding in Doctor([], refuse).findings()]
    assert (found.check, found.outcome, found.code) == ("hub", Outcome.FAILED, "missing_extra")


async def test_the_hub_is_closed_afterwards(transport: Transport) -> None:
    closed = asyncio.Event()

    async def close() -> None:
        closed.set()

    await _looked(attrs.evolve(transport, aclose=close))
    assert closed.is_set()


async def test_an_empty_hub_has_no_files_to_read() -> None:
    empty = Transport(
        FakeAuth("ada-lovelace"), InMemoryArtifacts(ManualClock()), InMemoryArtifactStorage()
    )
    found = await _looked(empty)
    assert found["catalogue"].outcome is Outcome.GOOD
    assert found["objects"].outcome is Outcome.SKIPPED


async def test_a_dataset_without_its_table(transport: Transport) -> None:
    bare = attrs.evolve(transport, storage=InMemoryArtifactStorage())
    found = await _looked(bare)
    assert found["objects"].outcome is Outcome.WARNING


async def test_each_part_fails_by_itself(transport: Transport) -> None:
    failing: Any = Failing(StorageError("The bucket is gone", hint="Ask."))
    found = await _looked(attrs.evolve(transport, storage=failing))
    assert found["catalogue"].outcome is Outcome.GOOD
    assert found["objects"].outcome is Outcome.FAILED
    assert found["objects"].message == "The bucket is gone"


async def test_a_hub_that_does_not_answer_is_not_waited_for(transport: Transport) -> None:
    class Hanging:
        async def page(self, _: Any, /) -> Any:
            await asyncio.Event().wait()

    hanging: Any = Hanging()
    found = await _looked(attrs.evolve(transport, artifacts=hanging), patience=0.01)
    assert found["catalogue"].outcome is Outcome.FAILED
    assert found["catalogue"].exit_code == 7


STATUS = SignInStatus(
    road="device", account="ada", expires_at=datetime(2026, 1, 1, 12, tzinfo=UTC), renewable=True,
    kept_in="a file",
)  # fmt: skip


async def test_a_sign_in_is_told_without_its_token(transport: Transport) -> None:
    auth: Any = SignedIn(STATUS)
    found = (await _looked(attrs.evolve(transport, auth=auth)))["sign-in"]
    assert found.outcome is Outcome.GOOD
    assert found.message == (
        "Signed in as ada, by device, until 2026-01-01 12:00 UTC; renewed by itself; kept in a file"
    )
    assert found.details["account"] == "ada"
    assert "very-secret" not in str(found)


async def test_nobody_is_signed_in(transport: Transport) -> None:
    auth: Any = SignedIn(SignInStatus())
    found = (await _looked(attrs.evolve(transport, auth=auth)))["sign-in"]
    assert found.outcome is Outcome.NOTE
    assert "polaris auth login" in found.hint


async def test_a_sign_in_that_has_ended(transport: Transport) -> None:
    auth: Any = SignedIn(STATUS, SignInError("It was revoked", hint="Sign in again."))
    found = (await _looked(attrs.evolve(transport, auth=auth)))["sign-in"]
    assert (found.outcome, found.code) == (Outcome.FAILED, "sign_in")
    assert found.details["road"] == "device"


def _report(*outcomes: tuple[Outcome, int]) -> Report:
    findings = [Finding("x", outcome, "m", exit_code=code) for outcome, code in outcomes]
    return Report("memory://x", {}, findings)


@pytest.mark.parametrize(
    ("outcomes", "outcome", "code"),
    [
        ([], Outcome.GOOD, 0),
        ([(Outcome.GOOD, 0), (Outcome.NOTE, 0), (Outcome.SKIPPED, 0)], Outcome.GOOD, 0),
        ([(Outcome.WARNING, 0), (Outcome.GOOD, 0)], Outcome.WARNING, 0),
        ([(Outcome.FAILED, 7), (Outcome.WARNING, 0)], Outcome.FAILED, 7),
        ([(Outcome.FAILED, 7), (Outcome.FAILED, 3)], Outcome.FAILED, 1),
        ([(Outcome.FAILED, 2)], Outcome.FAILED, 1),
    ],
)
def test_the_worst_finding_decides(outcomes: Any, outcome: Outcome, code: int) -> None:
    report = _report(*outcomes)
    assert (report.outcome, report.exit_code) == (outcome, code)


def test_a_finding_of_an_error_has_what_the_error_says() -> None:
    error = HubUnreachableError("two\nlines", hint="Do this.")
    found = Finding.of("network", error, ends=True)
    assert (found.message, found.hint, found.exit_code) == ("two lines", "Do this.", 7)
    assert found.ends
