"""Looking at everything that work with a hub needs, and saying what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC
from typing import Any

import attrs

from polaris.application.layout import ARCHIVE, TABLE
from polaris.domain.identity import ArtifactKind
from polaris.errors import PolarisError, PolarisUnauthorizedError
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord
from polaris.ports.auth import Accounts, SignInStatus
from polaris.ports.diagnosis import Diagnosis, Finding, Outcome
from polaris.ports.transport import Transport

__all__ = ["Doctor", "Report"]

_NETWORK = 7


@attrs.frozen
class Report:
    """What a doctor found.

    Attributes:
        hub_url: The hub, without a password.
        settings: Value and origin of each setting, secrets masked.
        findings: In the order in which they were found.
    """

    hub_url: str
    settings: Mapping[str, tuple[Any, str]]
    findings: Sequence[Finding]

    @property
    def outcome(self) -> Outcome:
        """The worst of the findings: failed, warning or good."""
        found = {finding.outcome for finding in self.findings}
        for outcome in (Outcome.FAILED, Outcome.WARNING):
            if outcome in found:
                return outcome
        return Outcome.GOOD

    @property
    def exit_code(self) -> int:
        """0 if nothing failed, 7 if all that failed is the network, 1 otherwise."""
        failed = [f.exit_code for f in self.findings if f.outcome is Outcome.FAILED]
        if not failed:
            return 0
        return _NETWORK if all(code == _NETWORK for code in failed) else 1


@attrs.frozen
class Doctor:
    """Looks at a hub from the machine outwards, then at each port as work would use it.

    Nothing is changed, but a sign-in that is due is renewed. Nobody is asked anything, and each
    call is made once.

    Attributes:
        diagnoses: Of what lies below the ports.
        open: Opens the hub; called once nothing below it has failed.
        patience: Seconds that one look at a port may take.
    """

    diagnoses: Sequence[Diagnosis]
    open: Callable[[], Transport]
    patience: float = 30.0

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what is found, as it is found; no error is raised."""
        for diagnosis in self.diagnoses:
            ended = False
            async for finding in diagnosis.findings():
                ended = ended or finding.ends
                yield finding
            if ended:
                return
        try:
            transport = self.open()
        except PolarisError as error:
            yield Finding.of("hub", error, ends=True)
            return
        try:
            async for finding in self._ports(transport):
                yield finding
        finally:
            await transport.aclose()

    async def _ports(self, transport: Transport) -> AsyncIterator[Finding]:
        yield await self._looked("sign-in", lambda: _sign_in(transport))
        records: list[ArtifactRecord] = []

        async def catalogue() -> Finding:
            query = ArtifactQuery(ArtifactKind.DATASET, limit=1)
            page = await transport.artifacts.page(query)
            records.extend(page.records)
            there = "has datasets" if records else "has no dataset that you may see"
            return Finding("catalogue", Outcome.GOOD, f"The catalogue answers, and {there}")

        found = await self._looked("catalogue", catalogue)
        yield found
        if records:
            yield await self._looked("objects", lambda: _objects(transport, records[0]))
        elif found.outcome is Outcome.GOOD:
            message = "There is no dataset of which files could be read"
            yield Finding("objects", Outcome.SKIPPED, message)

    async def _looked(self, check: str, look: Callable[[], Awaitable[Finding]]) -> Finding:
        try:
            async with asyncio.timeout(self.patience):
                return await look()
        except TimeoutError:
            return Finding(
                check,
                Outcome.FAILED,
                f"There was no answer in {self.patience:.0f} s",
                hint="Try again later, or ask the operators of the hub.",
                exit_code=_NETWORK,
            )
        except PolarisError as error:
            return Finding.of(check, error)


async def _sign_in(transport: Transport) -> Finding:
    auth = transport.auth
    if not isinstance(auth, Accounts):
        user = (await auth.identity()).user.slug
        return Finding("sign-in", Outcome.GOOD, f"You are {user}; the hub has no accounts")
    status = await auth.status()
    details = _told(status)
    if status.road is None:
        return Finding(
            "sign-in",
            Outcome.NOTE,
            "Nobody is signed in; what is public can be read all the same",
            hint="To publish: polaris auth login.",
            details=details,
        )
    try:
        await auth.token()  # Renews it, if it has to be: that is what work would do.
    except PolarisUnauthorizedError as error:
        return attrs.evolve(Finding.of("sign-in", error), details=details)
    who = status.account or "somebody"
    until = ""
    if status.expires_at is not None:
        until = f", until {status.expires_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    renewed = "; renewed by itself" if status.renewable else ""
    kept = f"; kept in {status.kept_in}" if status.kept_in else ""
    return Finding(
        "sign-in",
        Outcome.GOOD,
        f"Signed in as {who}, by {status.road}{until}{renewed}{kept}",
        details=details,
    )


def _told(status: SignInStatus) -> dict[str, object]:
    return {
        "road": status.road,
        "account": status.account,
        "expires": None if status.expires_at is None else status.expires_at.isoformat(),
        "over": status.is_over,
        "renewable": status.renewable,
        "kept_in": status.kept_in or None,
    }


async def _objects(transport: Transport, listed: ArtifactRecord) -> Finding:
    record = await transport.artifacts.get(listed.ref)
    store = await transport.storage.open(record.location)
    key = ARCHIVE if record.document.get("version") == 2 else TABLE
    if key == TABLE:
        [stat] = await store.stat([key])
        is_there = stat is not None
    else:
        folder = await store.list_folder(key)
        is_there = bool(folder.objects or folder.folders)
    if is_there:
        return Finding(
            "objects", Outcome.GOOD, f"Files can be read, as those of the {listed.ref} show"
        )
    return Finding(
        "objects",
        Outcome.WARNING,
        f"The {listed.ref} has no {key}",
        hint="Perhaps it is being published just now; if not, tell the operators of the hub.",
    )
