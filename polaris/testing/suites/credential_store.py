"""The conformance suite of `polaris.ports.credentials`."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind, CredentialStore
from polaris.testing.suites.at_once import at_once

__all__ = ["CredentialStoreSuite", "credential_of"]

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
HOUR = timedelta(hours=1)
REFRESH = CredentialKind.REFRESH
PERSONAL = CredentialKind.PERSONAL


def credential_of(
    secret: str, kind: CredentialKind = CredentialKind.REFRESH, **values: Any
) -> Credential:
    """Return a credential for a secret, good for an hour and a family of its own."""
    credential = Credential(
        kind=kind,
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        family=f"family of {secret}",
        created_at=NOW,
        expires_at=NOW + HOUR,
    )
    return attrs.evolve(credential, **values)


ONE, TWO, THREE = (credential_of(secret) for secret in ("one", "two", "three"))


class CredentialStoreSuite:
    """What every `CredentialStore` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``credentials``: an empty
    store. One that outlives the process gives ``reopened`` as well: another store over the same
    place, without the memory of the first one. Needs pytest-asyncio in its ``auto`` mode.
    """

    @pytest.fixture
    def reopened(self, credentials: CredentialStore) -> CredentialStore:
        """The same store once more; replace it where there is something to reopen."""
        return credentials

    async def test_at_first_there_is_nothing(self, credentials: CredentialStore) -> None:
        assert await credentials.find(REFRESH, ONE.digest) is None
        assert list(await credentials.of_account("ada", PERSONAL)) == []
        assert list(await credentials.of_kind(PERSONAL)) == []
        assert await credentials.purge(before=NOW) == 0
        assert not await credentials.use(REFRESH, ONE.digest, now=NOW, successors=[TWO])
        assert not await credentials.change(ONE)
        assert await credentials.find(REFRESH, TWO.digest) is None

    async def test_a_credential_is_found_as_it_was_added(
        self, credentials: CredentialStore, reopened: CredentialStore
    ) -> None:
        full = attrs.evolve(
            ONE,
            account="ada",
            client="a client",
            name="My laptop, \u4e2d",
            scopes=frozenset({"write", "read", "urn:x:y"}),
            used_at=NOW + HOUR / 2,
            revoked_at=NOW + HOUR,
            claims={"b": [1, {"nested": None}], "a": "\x00\u4e2d\n", "empty": {}},
        )
        bare = attrs.evolve(TWO, expires_at=None)
        await credentials.add(full, bare)
        assert await reopened.find(REFRESH, full.digest) == full
        assert await reopened.find(REFRESH, bare.digest) == bare

    async def test_kinds_know_nothing_of_each_other(self, credentials: CredentialStore) -> None:
        access = attrs.evolve(ONE, kind=CredentialKind.ACCESS)
        await credentials.add(ONE, access)
        assert not await credentials.use(CredentialKind.CODE, ONE.digest, now=NOW)
        assert await credentials.use(CredentialKind.ACCESS, ONE.digest, now=NOW)
        assert await credentials.find(REFRESH, ONE.digest) == ONE

    async def test_all_are_added_or_none(self, credentials: CredentialStore) -> None:
        await credentials.add(ONE)
        for refused in ([TWO, ONE], [TWO, TWO], [TWO, attrs.evolve(THREE, digest="a secret")]):
            with pytest.raises(InvalidInputError, match="digest"):
                await credentials.add(*refused)
        assert await credentials.find(REFRESH, TWO.digest) is None
        await credentials.add()

    async def test_a_credential_is_used_once_and_its_successors_are_there(
        self, credentials: CredentialStore, reopened: CredentialStore
    ) -> None:
        await credentials.add(ONE)
        later = NOW + HOUR / 2
        assert await credentials.use(REFRESH, ONE.digest, now=later, successors=[TWO, THREE])
        assert await reopened.find(REFRESH, ONE.digest) == attrs.evolve(ONE, used_at=later)
        assert await reopened.find(REFRESH, TWO.digest) == TWO
        assert await reopened.find(REFRESH, THREE.digest) == THREE
        four = credential_of("four")
        assert not await credentials.use(REFRESH, ONE.digest, now=later, successors=[four])
        assert await reopened.find(REFRESH, four.digest) is None

    async def test_a_credential_that_is_not_good_is_not_used(
        self, credentials: CredentialStore
    ) -> None:
        await credentials.add(ONE, TWO)
        # The moment of its end is not good any more.
        assert not await credentials.use(REFRESH, ONE.digest, now=NOW + HOUR, successors=[THREE])
        await credentials.revoke(now=NOW, digest=TWO.digest)
        assert not await credentials.use(REFRESH, TWO.digest, now=NOW, successors=[THREE])
        assert await credentials.find(REFRESH, THREE.digest) is None
        assert await credentials.find(REFRESH, ONE.digest) == ONE
        just_before = NOW + HOUR - timedelta(microseconds=1)
        assert await credentials.use(REFRESH, ONE.digest, now=just_before)

    async def test_a_credential_is_not_used_if_its_successor_cannot_be_added(
        self, credentials: CredentialStore
    ) -> None:
        await credentials.add(ONE, TWO)
        for successors in ([THREE, TWO], [THREE, THREE]):
            with pytest.raises(InvalidInputError):
                await credentials.use(REFRESH, ONE.digest, now=NOW, successors=successors)
        assert await credentials.find(REFRESH, THREE.digest) is None
        assert await credentials.use(REFRESH, ONE.digest, now=NOW, successors=[THREE])

    async def test_some_of_a_credential_may_change(
        self, credentials: CredentialStore, reopened: CredentialStore
    ) -> None:
        await credentials.add(ONE)
        changed = attrs.evolve(
            ONE,
            account="ada",
            name="new",
            scopes=frozenset({"read"}),
            expires_at=None,
            claims={"state": "allowed"},
        )
        asked = attrs.evolve(
            changed, family="x", client="x", created_at=NOW + HOUR, used_at=NOW, revoked_at=NOW
        )
        assert await credentials.change(asked)
        assert await reopened.find(REFRESH, ONE.digest) == changed

    async def test_a_change_may_expect_claims(self, credentials: CredentialStore) -> None:
        await credentials.add(attrs.evolve(ONE, claims={"state": "waiting", "n": 1}))
        allowed = attrs.evolve(ONE, claims={"state": "allowed"})
        assert not await credentials.change(allowed, expected={"state": "waiting"})
        assert not await credentials.change(allowed, expected={})
        assert await credentials.change(allowed, expected={"n": 1, "state": "waiting"})
        assert not await credentials.change(ONE, expected={"n": 1, "state": "waiting"})
        assert await credentials.find(REFRESH, ONE.digest) == allowed

    async def test_what_is_used_up_or_revoked_does_not_change(
        self, credentials: CredentialStore
    ) -> None:
        await credentials.add(ONE, TWO)
        await credentials.use(REFRESH, ONE.digest, now=NOW)
        await credentials.revoke(now=NOW, family=TWO.family)
        for credential in (ONE, TWO):
            assert not await credentials.change(attrs.evolve(credential, name="new"))
            found = await credentials.find(REFRESH, credential.digest)
            assert found is not None
            assert found.name is None

    @pytest.mark.parametrize(
        ("selection", "expected"),
        [
            ({"family": "f"}, "abc"),
            ({"account": "ada"}, "abd"),
            ({"client": "c"}, "ad"),
            ({"digest": "a"}, "a"),
            ({"account": "ada", "kind": REFRESH}, "ad"),
            ({"account": "ada", "client": "c", "family": "f"}, "a"),
            ({"family": "of nobody"}, ""),
            ({"digest": "a", "kind": PERSONAL}, ""),
        ],
    )
    async def test_all_that_match_are_revoked(
        self, credentials: CredentialStore, selection: dict[str, Any], expected: str
    ) -> None:
        some = {
            "a": credential_of("a", account="ada", client="c", family="f"),
            "b": credential_of("b", CredentialKind.ACCESS, account="ada", family="f"),
            "c": credential_of("c", account="grace", family="f"),
            "d": credential_of("d", account="ada", client="c"),
            "e": credential_of("e"),
        }
        await credentials.add(*some.values())
        if "digest" in selection:
            selection = selection | {"digest": some[selection["digest"]].digest}
        assert await credentials.revoke(now=NOW, **selection) == len(expected)
        for name, credential in some.items():
            revoked_at = NOW if name in expected else None
            found = await credentials.find(credential.kind, credential.digest)
            assert found == attrs.evolve(credential, revoked_at=revoked_at)
        # What is taken back already stays as it was.
        assert await credentials.revoke(now=NOW + HOUR, **selection) == 0

    async def test_what_is_used_up_is_revoked_too(self, credentials: CredentialStore) -> None:
        await credentials.add(ONE)
        await credentials.use(REFRESH, ONE.digest, now=NOW)
        assert await credentials.revoke(now=NOW + HOUR, family=ONE.family) == 1
        found = await credentials.find(REFRESH, ONE.digest)
        assert found == attrs.evolve(ONE, used_at=NOW, revoked_at=NOW + HOUR)

    async def test_not_everything_is_revoked(self, credentials: CredentialStore) -> None:
        await credentials.add(ONE)
        with pytest.raises(InvalidInputError):
            await credentials.revoke(now=NOW, kind=REFRESH)
        assert await credentials.find(REFRESH, ONE.digest) == ONE

    async def test_those_of_an_account_are_listed_newest_first(
        self, credentials: CredentialStore
    ) -> None:
        made = [
            credential_of(f"{n}", PERSONAL, account="ada", created_at=NOW + n // 2 * HOUR)
            for n in range(6)
        ]
        await credentials.add(*made, credential_of("x", account="ada"))
        await credentials.add(credential_of("y", PERSONAL, account="grace"))
        expected = sorted(made, key=lambda c: c.digest)
        expected.sort(key=lambda c: c.created_at, reverse=True)
        assert list(await credentials.of_account("ada", PERSONAL)) == expected
        await credentials.revoke(now=NOW, account="ada")
        assert len(await credentials.of_account("ada", PERSONAL)) == 6

    async def test_those_of_a_kind_are_listed_by_digest(self, credentials: CredentialStore) -> None:
        made = sorted((credential_of(f"{n}", PERSONAL) for n in range(5)), key=lambda c: c.digest)
        await credentials.add(*reversed(made), credential_of("x"))
        assert list(await credentials.of_kind(PERSONAL)) == made
        assert list(await credentials.of_kind(PERSONAL, limit=2)) == made[:2]
        after = await credentials.of_kind(PERSONAL, after=made[1].digest, limit=2)
        assert list(after) == made[2:4]

    async def test_what_has_ended_long_ago_is_purged(self, credentials: CredentialStore) -> None:
        lasting = attrs.evolve(ONE, expires_at=None)
        used = credential_of("used", expires_at=None, used_at=NOW)
        revoked = credential_of("revoked", expires_at=None, revoked_at=NOW)
        await credentials.add(lasting, used, revoked, attrs.evolve(TWO, expires_at=NOW), THREE)
        assert await credentials.purge(before=NOW) == 0
        assert await credentials.purge(before=NOW + HOUR) == 3
        assert await credentials.find(REFRESH, lasting.digest) == lasting
        assert await credentials.find(REFRESH, THREE.digest) == THREE
        for gone in (used, revoked, TWO):
            assert await credentials.find(REFRESH, gone.digest) is None

    def test_of_many_threads_that_use_a_credential_one_succeeds(
        self, credentials: CredentialStore
    ) -> None:
        asyncio.run(credentials.add(ONE))

        async def use(number: int) -> bool:
            successors = [credential_of(f"successor {number}-{n}") for n in range(2)]
            return await credentials.use(REFRESH, ONE.digest, now=NOW, successors=successors)

        outcomes = at_once(use, 6)
        assert sorted(outcomes, key=str) == [False] * 5 + [True]
        winner = outcomes.index(True)
        expected = sorted(credential_of(f"successor {winner}-{n}").digest for n in range(2))
        found = asyncio.run(credentials.of_kind(REFRESH))
        assert sorted({c.digest for c in found} - {ONE.digest}) == expected

    async def test_of_many_tasks_that_use_a_credential_one_succeeds(
        self, credentials: CredentialStore
    ) -> None:
        await credentials.add(ONE)
        uses = [credentials.use(REFRESH, ONE.digest, now=NOW) for _ in range(8)]
        assert (await asyncio.gather(*uses)).count(True) == 1

    def test_no_successor_escapes_when_its_family_is_revoked(
        self, credentials: CredentialStore
    ) -> None:
        first = [credential_of(f"first {n}", family="f") for n in range(3)]
        asyncio.run(credentials.add(*first))

        async def use_or_revoke(number: int) -> None:
            if number == 3:
                await credentials.revoke(now=NOW, family="f")
                return
            successor = credential_of(f"second {number}", family="f")
            await credentials.use(REFRESH, first[number].digest, now=NOW, successors=[successor])

        assert at_once(use_or_revoke, 4) == [None] * 4
        assert not [c for c in asyncio.run(credentials.of_kind(REFRESH)) if c.is_good(NOW)]
