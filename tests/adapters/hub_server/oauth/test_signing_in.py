"""Signing in by a password, and looking after what was given out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from polaris.ports.credentials import CredentialKind
from tests.adapters.hub_server.oauth.driving import PASSWORD

if TYPE_CHECKING:
    from tests.adapters.hub_server.oauth.driving import Hub

NEW = "another long word"


class Counting:
    """Counts what hashing costs."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.verified = inner, 0

    def hash(self, password: str, /) -> str:
        found: str = self.inner.hash(password)
        return found

    def verify(self, hash: str | None, password: str, /) -> bool:
        self.verified += 1
        found: bool = self.inner.verify(hash, password)
        return found

    def is_weak(self, hash: str, /) -> bool:
        return False


async def _try(hub: Hub, username: str, password: str = "not the password") -> str:
    browser = hub.new_browser()
    await browser.sign_in(username, password)
    hub.browser = browser
    return browser.text.partition('role="alert">')[2].partition("<")[0]


async def test_whoever_may_not_sign_in_is_told_the_same_after_the_same_work(hub: Hub) -> None:
    await hub.add_user("closed-one", closed_at=hub.clock.now())
    counting = Counting(hub.provider.passwords)
    object.__setattr__(hub.provider, "passwords", counting)
    told = set()
    names = ["alice", "nobody-here", "closed-one", "x", "not a slug", "a\x00b", "é" * 200]
    for number, name in enumerate(names, start=1):
        told.add(await _try(hub, name, PASSWORD if name == "closed-one" else "wrong word"))
        assert hub.browser.status == 403
        assert counting.verified == number
    assert len(told) == 1


async def test_names_are_not_case_sensitive_and_may_have_blanks_around(hub: Hub) -> None:
    await hub.browser.sign_in(" Alice ")
    assert "Your account" in hub.browser.text


async def test_passwords_cannot_be_guessed(hub: Hub) -> None:
    for _ in range(5):
        await _try(hub, "alice")
    told = await _try(hub, "alice")
    for _ in range(6):
        hub.clock.advance(0.1)
        told = await _try(hub, "alice", PASSWORD)
    assert hub.browser.status == 429
    assert hub.browser.page is not None
    assert int(hub.browser.page.headers["retry-after"]) >= 1
    assert "too many tries" in told
    hub.clock.advance(3600)
    assert await _try(hub, "alice", PASSWORD) == ""
    assert "Your account" in hub.browser.text


async def test_a_temporary_password_opens_nothing_but_the_choice_of_another(hub: Hub) -> None:
    await hub.add_user("bobby", temporary=True)
    await hub.browser.open(hub.authorize_url())
    await hub.browser.send(username="bobby", password=PASSWORD)
    assert "Choose a password" in hub.browser.text
    for path in ("/account", "/device", hub.authorize_url()):
        await hub.browser.open(path)
        assert "Choose a password" in hub.browser.text, path
    await hub.browser.open(hub.authorize_url(prompt="none"))
    assert hub.browser.answer["error"] == "interaction_required"
    await hub.browser.open(hub.authorize_url())
    for values, problem in (
        ({"new": NEW, "again": "b" * 12}, "differ"),
        ({"new": "short", "again": "short"}, "characters"),
        ({"new": PASSWORD, "again": PASSWORD}, "current one"),
        ({"new": NEW, "again": NEW, "current": "wrong"}, "not your password"),
    ):
        await hub.browser.send(**{"current": PASSWORD, **values})
        assert problem in hub.browser.text
    await hub.browser.send(current=PASSWORD, new=NEW, again=NEW)
    assert "<h1>Allow" in hub.browser.text
    await hub.browser.send(decision="allow")
    assert (await hub.redeem(hub.browser.answer["code"])).status_code == 200
    await _try(hub, "bobby", PASSWORD)
    assert hub.browser.status == 403


async def test_another_password_ends_every_other_sign_in(hub: Hub) -> None:
    told = await hub.tokens()
    elsewhere = hub.new_browser()
    await elsewhere.sign_in()
    await hub.browser.open("/account/password")
    await hub.browser.send(current=PASSWORD, new=NEW, again=NEW)
    assert "Your account" in hub.browser.text
    assert not await hub.is_good(told["access_token"])
    await elsewhere.open("/account")
    assert "<h1>Sign in</h1>" in elsewhere.text


async def test_sessions_end(hub: Hub) -> None:
    await hub.browser.sign_in()
    hub.clock.advance(12 * 3600)
    await hub.browser.open("/account")
    assert "<h1>Sign in</h1>" in hub.browser.text


async def test_a_hub_may_have_no_passwords(open_hub: Callable[..., Any]) -> None:
    hub = await open_hub(passwords=False)
    await hub.browser.open("/sign-in")
    assert 'type="password"' not in hub.browser.text
    await hub.browser.post("/sign-in", {"username": "alice", "password": PASSWORD})
    assert hub.browser.status == 403


async def test_a_personal_token_is_made_shown_once_and_taken_back(hub: Hub) -> None:
    await hub.browser.sign_in()
    await hub.browser.send(0, name="CI", scope_write="1", days="7")
    assert "polaris_pat_" in hub.browser.text
    await hub.browser.open("/account")
    assert "polaris_pat_" not in hub.browser.text
    assert "CI" in hub.browser.text
    [kept] = await hub.provider.credentials.of_account(hub.alice.id, CredentialKind.PERSONAL)
    assert kept.scopes == {"read", "write"}
    assert kept.expires_at is not None
    assert (kept.expires_at - hub.clock.now()).days == 7
    await hub.browser.send(0)
    assert "taken back" in hub.browser.text
    [kept] = await hub.provider.credentials.of_account(hub.alice.id, CredentialKind.PERSONAL)
    assert kept.revoked_at is not None


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"days": "9999"}, {"days": "soon"}, {"scope_read": ""}]
)
async def test_a_token_that_cannot_be_is_told_of(hub: Hub, changes: dict[str, str]) -> None:
    await hub.browser.sign_in()
    await hub.browser.send(0, **{"name": "CI", "days": "7", **changes})
    assert hub.browser.status == 400
    assert 'role="alert"' in hub.browser.text
    assert not await hub.provider.credentials.of_kind(CredentialKind.PERSONAL)


async def test_a_program_is_signed_out_on_the_account_page(hub: Hub) -> None:
    told = await hub.tokens()
    await hub.browser.open("/account")
    assert "Polaris client" in hub.browser.text
    await hub.browser.send(1)
    assert "taken back" in hub.browser.text
    assert not await hub.is_good(told["access_token"])
    reply = await hub.token(grant_type="refresh_token", refresh_token=told["refresh_token"])
    assert reply.json()["error"] == "invalid_grant"
    assert "Polaris client" not in hub.browser.text


async def test_a_browser_is_signed_out_on_the_account_page(hub: Hub) -> None:
    elsewhere = hub.new_browser()
    await elsewhere.sign_in()
    hub.clock.advance(10)
    await hub.browser.sign_in()
    await hub.browser.send(2)  # the older one
    await elsewhere.open("/account")
    assert "<h1>Sign in</h1>" in elsewhere.text
    await hub.browser.open("/account")
    await hub.browser.send(1)  # this one
    assert "<h1>Sign in</h1>" in hub.browser.text


async def test_what_is_another_users_is_not_there(hub: Hub) -> None:
    told = await hub.tokens()
    await hub.browser.open("/account")
    await hub.browser.send(0, name="CI", scope_read="1", days="7")
    kinds = (CredentialKind.PERSONAL, CredentialKind.REFRESH, CredentialKind.SESSION)
    [personal], [refresh], [session] = [
        await hub.provider.credentials.of_account(hub.alice.id, kind) for kind in kinds
    ]
    await hub.add_user("mallory")
    thief = hub.new_browser()
    await thief.sign_in("mallory")
    proof = thief.text.partition('name="csrf" value="')[2].partition('"')[0]
    for what, entry in (
        ("tokens", personal.digest), ("programs", refresh.family), ("sessions", session.digest),
    ):  # fmt: skip
        for shown in (entry, entry[:16]):
            await thief.post(f"/account/{what}/revoke", {"csrf": proof, "id": shown})
    assert await hub.is_good(told["access_token"])
    await hub.browser.open("/account")
    assert "Your account" in hub.browser.text
    found = await hub.provider.credentials.find(CredentialKind.PERSONAL, personal.digest)
    assert found is not None
    assert found.revoked_at is None


async def test_a_user_whose_account_was_closed_is_signed_out(hub: Hub) -> None:
    await hub.browser.sign_in()
    await hub.provider.accounts.change(attrs.evolve(hub.alice, closed_at=hub.clock.now()))
    await hub.browser.open("/account")
    assert "<h1>Sign in</h1>" in hub.browser.text
