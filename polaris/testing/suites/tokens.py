"""The conformance suite of `polaris.ports.tokens`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from polaris.domain.secret import Secret
from polaris.ports.tokens import SignIn, SignIns, StoredToken, TokenKey, TokenVault
from polaris.testing.suites.at_once import at_once

__all__ = ["TokenVaultSuite"]

_KEY = TokenKey("https://hub.example/", "client")
_OTHERS = (
    TokenKey("https://hub.example/", "other-client"),
    TokenKey("https://other.example/", "client"),
    TokenKey("https://hub.example/sub/", "client"),
)
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _sign_in(account: str = "some-user", secret: str = "a.b-c_d") -> SignIn:
    token = StoredToken(
        access=Secret(secret),
        refresh=Secret(f"refresh-{secret}"),
        issued_at=_NOW,
        expires_at=_NOW + timedelta(hours=1),
        scope="profile email",
        issuer="https://login.example/token",
    )
    return SignIn(
        account=account,
        road="browser",
        external=token,
        hub=attrs.evolve(token, refresh=None, expires_at=None),
        audience="https://hub.example/api",
        email="someone@example.org",
        claims={"username": account, "roles": ["a", {"b": None}], "name": "Zoë \u4e2d"},
        renewal="begun",
    )


class TokenVaultSuite:
    """What every `TokenVault` promises.

    Derive a class whose name begins with ``Test`` and give it the fixture ``vault``: an empty one.
    Needs pytest-asyncio in its ``auto`` mode.
    """

    async def test_at_first_there_is_nothing(self, vault: TokenVault) -> None:
        await vault.probe()
        assert await vault.load(_KEY) is None
        assert vault.describe()

    async def test_what_was_saved_is_loaded_as_it_was(self, vault: TokenVault) -> None:
        value = SignIns().with_active(_sign_in()).with_active(_sign_in("other-user"))
        await vault.save(_KEY, value)
        assert await vault.load(_KEY) == value

    async def test_the_last_value_counts(self, vault: TokenVault) -> None:
        await vault.save(_KEY, SignIns().with_active(_sign_in(secret="x" * 4000)))
        await vault.save(_KEY, SignIns().with_active(_sign_in(secret="new")))
        found = await vault.load(_KEY)
        assert found is not None
        assert found.current is not None
        assert found.current.token.access == Secret("new")

    async def test_having_signed_out_is_not_never_having_signed_in(self, vault: TokenVault) -> None:
        await vault.save(_KEY, SignIns())
        assert await vault.load(_KEY) == SignIns()

    @pytest.mark.parametrize("other", _OTHERS, ids=str)
    async def test_hubs_and_clients_are_kept_apart(
        self, vault: TokenVault, other: TokenKey
    ) -> None:
        await vault.save(_KEY, SignIns().with_active(_sign_in()))
        assert await vault.load(other) is None

    async def test_a_lock_keeps_other_tasks_out(self, vault: TokenVault) -> None:
        order: list[str] = []
        inside = asyncio.Event()

        async def second() -> None:
            await inside.wait()
            async with vault.locked(_KEY):
                order.append("second")

        task = asyncio.create_task(second())
        async with vault.locked(_KEY):
            inside.set()
            await asyncio.sleep(0)
            value = await vault.load(_KEY) or SignIns()
            await vault.save(_KEY, value.with_active(_sign_in()))
            order.append("first")
        await asyncio.wait_for(task, 30)
        assert order == ["first", "second"]

    async def test_locks_of_different_keys_do_not_wait(self, vault: TokenVault) -> None:
        entered = False
        async with vault.locked(_KEY), vault.locked(_OTHERS[0]):
            entered = True
        assert entered

    async def test_a_lock_is_free_after_an_error_and_a_cancellation(
        self, vault: TokenVault
    ) -> None:
        with pytest.raises(RuntimeError, match="inside"):
            async with vault.locked(_KEY):
                raise RuntimeError("inside")

        async def forever() -> None:
            async with vault.locked(_KEY):
                await asyncio.Event().wait()

        holder = asyncio.create_task(forever())
        await asyncio.sleep(0.01)
        waiter = asyncio.create_task(forever())
        await asyncio.sleep(0.01)
        for task in (waiter, holder):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with asyncio.timeout(30), vault.locked(_KEY):
            pass

    def test_no_change_of_several_threads_is_lost(self, vault: TokenVault) -> None:
        async def add(number: int) -> None:
            async with vault.locked(_KEY):
                known = await vault.load(_KEY) or SignIns()
                await vault.save(_KEY, known.with_active(_sign_in(f"user-{number}")))

        assert at_once(add, 6) == [None] * 6
        found = asyncio.run(vault.load(_KEY))
        assert found is not None
        assert found.accounts == [f"user-{number}" for number in range(6)]

    async def test_secrets_are_masked_wherever_they_are_printed(self, vault: TokenVault) -> None:
        await vault.save(_KEY, SignIns().with_active(_sign_in(secret="s3cr3t")))
        shown = f"{vault!r} {vault!s} {await vault.load(_KEY)!r} {vault.describe()}"
        assert "s3cr3t" not in shown
