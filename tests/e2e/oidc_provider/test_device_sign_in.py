"""Device authorization against the certified provider (RFC 8628)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent
from polaris.testing import ManualClock, ScriptedInteraction

if TYPE_CHECKING:
    from tests.e2e.oidc_provider.conftest import MakeAuth, Provider, Visitor


class Person(ScriptedInteraction):
    """Opens the page of a code on another machine."""

    def __init__(self, visitor: Visitor) -> None:
        super().__init__()
        self.visitor = visitor

    async def tell(self, event: SignInEvent, /) -> None:
        await super().tell(event)
        if event.kind == "device_code":
            page = str(event.details["verification_uri_complete"])
            await self.visitor.visit(page, user_code=str(event.details["user_code"]))


async def test_a_code_that_is_entered_elsewhere_signs_in(
    make_auth: MakeAuth, visitor: Visitor
) -> None:
    made = make_auth(Person(visitor))
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert (await made.auth.status()).road == "device"
    assert made.clock.sleeps == [5]


async def test_the_provider_is_asked_until_the_code_has_been_entered(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider
) -> None:
    """RFC 8628 section 3.5: authorization_pending."""

    class SlowClock(ManualClock):
        async def sleep(self, seconds: float, /) -> None:
            if len(self.sleeps) == 3:
                await visitor.visit(pages[0])
            await super().sleep(seconds)

    pages: list[str] = []

    class Later(ScriptedInteraction):
        async def tell(self, event: SignInEvent, /) -> None:
            if event.kind == "device_code":
                pages.append(str(event.details["verification_uri_complete"]))

    before = provider.counts().get("error authorization_pending", 0)
    made = make_auth(Later(), clock=SlowClock())
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert provider.counts()["error authorization_pending"] == before + 3


async def test_a_code_that_is_declined_is_told(make_auth: MakeAuth, visitor: Visitor) -> None:
    visitor.agrees = False
    with pytest.raises(SignInError, match="access_denied"):
        await make_auth(Person(visitor)).auth.sign_in()


async def test_a_code_that_nobody_enters_ends(make_auth: MakeAuth) -> None:
    made = make_auth()
    with pytest.raises(SignInError, match="not entered in time"):
        await asyncio.wait_for(made.auth.sign_in(), 90)
    assert made.vault.saved == []


async def test_a_client_that_may_not_is_told(make_auth: MakeAuth) -> None:
    with pytest.raises(SignInError, match="begin to sign in"):
        await make_auth(client_id="limited").auth.sign_in()
    with pytest.raises(SignInError, match="invalid_client"):
        await make_auth(client_id="nobody-knows").auth.sign_in()
