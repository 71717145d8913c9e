"""Device authorization against the certified provider (RFC 8628)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import pytest

from polaris.domain.secret import Secret
from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent
from polaris.testing import ManualClock, ScriptedInteraction
from polaris_adapters.hub_http.auth.refusals import Refusal

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


async def test_a_provider_that_is_asked_too_often_is_asked_more_rarely(
    make_auth: MakeAuth, visitor: Visitor, provider: Provider
) -> None:
    """RFC 8628 section 3.5: slow_down adds five seconds to the pauses."""
    before = provider.counts().get("error slow_down", 0)
    made = make_auth(Person(visitor), client_id="hurried")
    assert (await made.auth.sign_in()).user.slug == "alice"
    assert provider.counts()["error slow_down"] == before + 1
    assert made.clock.sleeps == [5, 10]


async def test_a_client_that_the_token_endpoint_turns_away_is_told(
    make_auth: MakeAuth, visitor: Visitor
) -> None:
    """RFC 6749 section 5.2: unauthorized_client."""
    made = make_auth(Person(visitor), client_id="unwelcome")
    with pytest.raises(SignInError, match="unauthorized_client"):
        await made.auth.sign_in()
    assert made.vault.saved == []


async def test_a_code_that_has_ended_is_told(make_auth: MakeAuth, provider: Provider) -> None:
    """RFC 8628 section 3.5: expired_token."""
    requests = make_auth(client_id="brief").auth._obtaining.requests
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        asked = {"client_id": "brief", "scope": "openid"}
        reply = await client.post(f"{provider.issuer}/device/auth", data=asked)
    await asyncio.sleep(2)  # The provider's clock cannot be moved.
    code = Secret(reply.json()["device_code"])
    with pytest.raises(Refusal) as caught:
        await requests.by_device_code(f"{provider.issuer}/token", code)
    assert caught.value.error == "expired_token"
    assert "expired_token" in caught.value.as_error("sign in").message


async def test_a_client_that_may_not_is_told(make_auth: MakeAuth) -> None:
    with pytest.raises(SignInError, match="begin to sign in"):
        await make_auth(client_id="limited").auth.sign_in()
    with pytest.raises(SignInError, match="invalid_client"):
        await make_auth(client_id="nobody-knows").auth.sign_in()
