"""Signing in to a hub over HTTP, staying so, and signing out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from weakref import WeakKeyDictionary

from polaris.domain.secret import Secret
from polaris.errors import (
    DamagedFileError,
    InvalidInputError,
    PolarisUnauthorizedError,
    SignInError,
    StorageError,
)
from polaris.ports.auth import Identity, SignInStatus
from polaris.ports.interaction import Interaction, SignInEvent
from polaris.ports.tokens import SignIn, SignIns, StoredToken, TokenVault
from polaris_adapters.hub_http.auth.identities import (
    account_of,
    claims_of,
    identity_of,
    named,
    refuse_ended,
)
from polaris_adapters.hub_http.auth.kept_sign_in import KeptSignIn
from polaris_adapters.hub_http.auth.obtaining import Obtaining
from polaris_adapters.hub_http.auth.polaris_lib import ForeignSignIn, ForeignTokens
from polaris_adapters.hub_http.auth.revocation import revoke
from polaris_adapters.hub_http.auth.roads import Road
from polaris_adapters.hub_http.auth.sign_in_settings import SignInSettings
from polaris_adapters.hub_http.auth.statuses import status_of
from polaris_adapters.hub_http.origins import is_loopback
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["HubAuth"]

_SIGN_IN = "Sign in: polaris auth login, or client.login()."


class HubAuth:
    """An `AuthPort`, with `Accounts`, of a hub over HTTP; also the bearer of its session.

    Who is signed in is decided by the first of these that there is: a token in the settings; a user
    name and password, or an identity token file, in the settings; the vault; what polaris-lib has
    cached. The first two are kept in memory only: they sign in every process by themselves.

    Args:
        session: Sends requests.
        settings: What the user set.
        vault: Keeps sign-ins for the next process.
        person: Who may be asked.
        environment: Variables of the process.
        foreign: Reads what another library has cached; None to look at nothing.
        patience: Seconds to wait for somebody at a browser.
    """

    def __init__(
        self,
        session: HttpSession,
        settings: SignInSettings,
        vault: TokenVault,
        person: Interaction,
        *,
        environment: Mapping[str, str],
        foreign: ForeignTokens | None = None,
        patience: float = 300.0,
    ) -> None:
        self._session = session
        self._settings = settings
        self._person = person
        self._obtaining = Obtaining(session, settings, person, environment, patience)
        others = None if foreign is None else ForeignSignIn(foreign, self._obtaining)
        self._others = others
        self._kept = KeptSignIn(self._obtaining, vault, settings.key, others)
        self._signed_out = False
        self._told: Identity | None = None
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = (
            WeakKeyDictionary()
        )

    # -- the bearer of the session ---------------------------------------------------------------

    async def current(self) -> Secret | None:
        """Return a token that is good now; None where nobody is signed in; see `Bearer`."""
        found = await self._in_use()
        return None if found is None else found.token.access

    async def after_rejection(self, rejected: Secret, /) -> Secret | None:
        """Return another token than one that the hub refused; see `Bearer`."""
        if self._signed_out or self._settings.token is not None:
            return None
        found = await self._kept.instead_of(rejected)
        return None if found is None else found.token.access

    async def _in_use(self) -> SignIn | None:
        if self._signed_out:
            return None
        if self._settings.token is not None:
            return self._by_token(self._settings.token)
        return await self._kept.get()

    def _by_token(self, token: Secret) -> SignIn:
        stored = StoredToken(access=token, issued_at=self._session.clock.now())
        return SignIn(account="unknown", road=Road.TOKEN, hub=stored)

    # -- signing in and out ----------------------------------------------------------------------

    async def sign_in(self, *, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """Sign in by the best road that is open, and say which; see `AuthPort`.

        Raises:
            SignInError: It was declined, not answered, not to be trusted, or no road is open.
            StorageError: Signed in, but the sign-in cannot be kept for the next process.
            PolarisHubError: The hub or the login provider failed.
        """
        turn = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with turn:  # Two at once would open two pages.
            self._signed_out = False
            self._told = None
            await self._warn()
            if self._settings.token is not None or self._obtaining.has_credentials:
                identity = await self._by_settings()
            else:
                present = None if overwrite else await self._present()
                identity = present or await self._by_person(auto_open_browser)
        self._told = identity
        return identity

    async def _warn(self) -> None:
        """Say so where everybody on the way can read the token."""
        url = self._session.api_url
        if url.startswith("http://") and not is_loopback(url):
            await self._tell("note", f"Tokens for {url} travel unprotected: it is not https.")

    async def _by_settings(self) -> Identity:
        by_token = self._settings.token is not None
        road = "token" if by_token else "password" if self._settings.password else "workload"
        await self._tell(
            "road",
            f"Signing in by the {'token' if by_token else 'credentials'} in the settings; "
            "nothing is kept.",
            road=road,
        )
        if not by_token:
            found = await self._obtaining.without_asking()
            assert found is not None
            self._kept.use(found)
        elif self._settings.token is not None:
            refuse_ended(self._settings.token, now=self._session.clock.now())
        return await self._identity()

    async def _present(self) -> Identity | None:
        """Return who is signed in already; None where that is nobody, or no longer good."""
        try:
            return await self._identity() if await self._in_use() is not None else None
        except (SignInError, DamagedFileError) as error:
            await self._tell("note", error.message)
            return None

    async def _by_person(self, auto_open_browser: bool) -> Identity:
        # Before anybody is asked for anything: a sign-in that cannot be kept is in vain.
        await self._kept.vault.probe()
        found = await self._obtaining.by_person(auto_open_browser=auto_open_browser)
        try:
            await self._kept.adopt(found)
        except StorageError as error:
            raise StorageError(
                f"Signed in, but only until this process ends: {error.message}", hint=error.hint
            ) from error
        await self._tell(
            "signed_in",
            f"Signed in to {self._settings.hub_url} as {found.account}; kept in "
            f"{self._kept.vault.describe()}.",
            account=found.account,
            hub_url=self._settings.hub_url,
            kept_in=self._kept.vault.describe(),
        )
        return identity_of(found)

    async def sign_out(self) -> None:
        """Take the tokens back at their servers (RFC 7009), and forget them; see `AuthPort`.

        Servers that cannot be reached, or do not take tokens back, are told of; the tokens are
        forgotten here in any case.
        """
        signed_out, self._signed_out = self._signed_out, True
        self._told = None
        if self._settings.token is not None or self._obtaining.has_credentials:
            self._kept.forget()
            if not signed_out:
                await self._tell("note", "The settings sign in again the next time.")
            return
        vault, key = self._kept.vault, self._kept.key
        if await self._kept.load_or_nothing() == SignIns() and not self._has_others():
            return
        async with vault.locked(key):
            known = await self._kept.load_or_nothing()
            current = known.current
            if current is not None:
                await self._revoke(current)
                known = known.without(current.account)
            await vault.save(key, known)
        self._kept.forget()
        if current is not None:
            await self._tell(
                "signed_out", f"Signed out {current.account}.", account=current.account
            )

    def _has_others(self) -> bool:
        now = self._session.clock.now()
        return self._others is not None and self._others.tokens.load(now) is not None

    async def _revoke(self, sign_in: SignIn) -> None:
        for note in await revoke(self._session, self._settings, sign_in):
            await self._tell("note", note)

    async def identity(self) -> Identity:
        """Return who is signed in; see `AuthPort`."""
        if self._told is None:
            self._told = await self._identity()
        return self._told

    async def _identity(self) -> Identity:
        found = await self._in_use()
        if found is None:
            raise PolarisUnauthorizedError("Nobody is signed in", hint=_SIGN_IN)
        if found.road in (Road.TOKEN, "polaris-lib"):
            url = self._settings.user_info_url
            found = named(found, await claims_of(self._session, url, found))
        return identity_of(found)

    # -- accounts --------------------------------------------------------------------------------

    async def status(self) -> SignInStatus:
        """Return what is known without asking anybody; see `Accounts`."""
        known = SignIns()
        if self._signed_out:
            current = None
        elif self._settings.token is not None:
            current = self._by_token(self._settings.token)
        elif self._obtaining.has_credentials:
            road = Road.PASSWORD if self._settings.password is not None else Road.WORKLOAD
            return SignInStatus(
                road=road, account=_slug(self._settings.username), kept_in="the settings"
            )
        else:
            loaded = await self._kept.vault.load(self._kept.key)
            known = loaded or known
            current = known.current
            if loaded is None and self._others is not None:
                current = self._others.tokens.load(self._session.clock.now())
        if current is None:
            return SignInStatus(accounts=tuple(known.accounts))
        return status_of(
            current,
            known,
            now=self._session.clock.now(),
            kept_in=self._kept.vault.describe(),
        )

    async def token(self) -> Secret:
        """Return the token that calls carry, renewed if need be; see `Accounts`."""
        found = await self.current()
        if found is None:
            raise PolarisUnauthorizedError("Nobody is signed in", hint=_SIGN_IN)
        return found

    async def switch(self, account: str | None = None, /) -> str:
        """Use another account from now on; see `Accounts`."""
        vault, key = self._kept.vault, self._kept.key
        async with vault.locked(key):
            known = await self._kept.load_or_nothing()
            others = [name for name in known.accounts if name != known.active]
            if account is None and len(others) != 1:
                listed = ", ".join(known.accounts) or "none"
                raise InvalidInputError(
                    f"Cannot tell which account is meant: signed in are {listed}",
                    hint="Name one: polaris auth switch ACCOUNT.",
                )
            chosen = others[0] if account is None else account
            await vault.save(key, known.switched(chosen))
        self._kept.forget()
        self._signed_out, self._told = False, None
        return chosen

    async def aclose(self) -> None:
        """Keep what could not be kept before, if that is possible now."""
        await self._kept.aclose()

    async def _tell(self, kind: str, message: str, **details: object) -> None:
        await self._person.tell(SignInEvent(kind, message, details))


def _slug(username: str | None) -> str | None:
    return None if username is None else account_of({"username": username})
