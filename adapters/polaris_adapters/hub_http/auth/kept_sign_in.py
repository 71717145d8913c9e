"""The sign-in in use: from the vault, from polaris-lib, renewed when it is time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from polaris.domain.secret import Secret
from polaris.errors import (
    DamagedFileError,
    HubUnreachableError,
    PolarisHubError,
    StorageError,
)
from polaris.ports.tokens import SignIn, SignIns, TokenKey, TokenVault
from polaris_adapters.hub_http.auth.obtaining import Obtaining
from polaris_adapters.hub_http.auth.polaris_lib import ForeignSignIn
from polaris_adapters.hub_http.auth.renewal import Renewal
from polaris_adapters.hub_http.origins import same_origin

__all__ = ["KeptSignIn"]

_log = logging.getLogger(__name__)

R = TypeVar("R")

# A token that is refused so soon after it came will not get better by another one, seconds.
_TOO_FRESH = 30.0
# Others wait for the lock meanwhile, and give up a little later, seconds.
_LONGEST_RENEWAL = 45.0
# Between attempts to save what could not be saved, seconds.
_SAVE_AGAIN = 10.0
# Between attempts to renew a token that is still good, where the server is away, seconds.
_RENEW_AGAIN = 10.0


class KeptSignIn:
    """Gives the token in use to any number of tasks, threads and processes.

    In one event loop, all tasks wait for one renewal; between loops and processes the vault's lock
    stands, and whoever gets it looks first at what the one before has saved. A task that is
    cancelled does not stop the renewal that others wait for.

    Args:
        obtaining: Asks for tokens.
        vault: Keeps them.
        key: Under which.
        foreign: A sign-in that others made, for where the vault knows of none.
    """

    def __init__(
        self, obtaining: Obtaining, vault: TokenVault, key: TokenKey, foreign: ForeignSignIn | None
    ) -> None:
        self.vault = vault
        self.key = key
        self._obtaining = obtaining
        self._foreign = foreign
        self._clock = obtaining.session.clock
        self._cached: SignIn | None = None
        self._unsaved_since: float | None = None
        self._rests_until = 0.0
        self._turn = threading.Lock()
        self._flights: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[str, asyncio.Task[Any]]
        ] = WeakKeyDictionary()

    async def get(self) -> SignIn | None:
        """Return the sign-in in use, good now; None where nobody is signed in.

        Raises:
            SignInError: It is over, and somebody has to sign in again.
            PolarisHubError: It could not be renewed.
            StorageError: The vault cannot be read.
        """
        await self._save_again()
        cached, now = self._cached, self._clock.now()
        if cached is not None:
            rests = self._clock.monotonic() < self._rests_until
            if not (cached.token.is_over(now) if rests else cached.token.is_due(now)):
                return cached
        return await self._once("get", self._found)

    async def instead_of(self, rejected: Secret) -> SignIn | None:
        """Return a sign-in with another token than one that the hub refused; None if there is none.

        Raises:
            SignInError: The sign-in was taken back.
            PolarisHubError: It could not be renewed.
        """
        cached = self._cached
        if cached is not None and cached.token.access != rejected:
            return cached
        found = await self._once("instead", lambda: self._renewed(rejected))
        return None if found is None or found.token.access == rejected else found

    async def adopt(self, sign_in: SignIn) -> None:
        """Use a new sign-in, and keep it for the next process.

        Raises:
            StorageError: It could not be kept; it is used in this process all the same.
        """
        self._cached = sign_in
        async with self.vault.locked(self.key):
            known = await self.load_or_nothing()
            await self.vault.save(self.key, known.with_active(sign_in))
        self._unsaved_since = None

    def forget(self) -> None:
        """Look into the vault anew the next time."""
        self._cached = None
        self._unsaved_since = None
        self._rests_until = 0.0

    def use(self, sign_in: SignIn) -> None:
        """Use a sign-in in this process only."""
        self._cached = sign_in

    async def load_or_nothing(self) -> SignIns:
        """Return what the vault has; what is damaged counts as nothing, and saving replaces it.

        Raises:
            StorageError: The vault cannot be read.
        """
        try:
            return await self.vault.load(self.key) or SignIns()
        except DamagedFileError as error:
            _log.warning("%s", error)
            return SignIns()

    async def _once(self, name: str, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Do a piece of work once for all tasks of this event loop that want it now."""
        loop = asyncio.get_running_loop()
        flights = self._flights.setdefault(loop, {})
        task: asyncio.Task[R] | None = flights.get(name)
        if task is None or task.done():
            task = flights[name] = loop.create_task(work())

            def ended(done: asyncio.Task[Any]) -> None:
                if flights.get(name) is done:
                    del flights[name]
                if not done.cancelled():
                    done.exception()  # Whoever waited may be gone.

            task.add_done_callback(ended)
        return await asyncio.shield(task)

    async def _found(self) -> SignIn | None:
        now = self._clock.now()
        if self._obtaining.has_credentials:
            return await self._by_credentials(None)
        known = await self.vault.load(self.key)
        if known is None and self._foreign is not None:
            return await self._foreign.get()
        current = None if known is None else known.current
        if current is None or not self._may_go_there(current):
            self._cached = None
            return None
        if not current.token.is_due(now):
            self._cached = current
            return current
        return await self._renewed(None)

    async def _by_credentials(self, rejected: Secret | None) -> SignIn | None:
        """Sign in by the settings, once for all threads; it is kept in memory only."""
        while not self._turn.acquire(blocking=False):  # noqa: ASYNC110  threads hold it too
            await asyncio.sleep(0.005)
        try:
            cached, now = self._cached, self._clock.now()
            if cached is not None:
                refused = cached.token.access == rejected
                if not refused and not cached.token.is_due(now):
                    return cached
                if refused and self._is_too_fresh(cached):
                    return None
            try:
                self._cached = await self._obtaining.without_asking()
            except PolarisHubError as error:
                if rejected is not None or cached is None or cached.token.is_over(now):
                    raise
                if not error.retryable:
                    raise
                self._rests_until = self._clock.monotonic() + _RENEW_AGAIN
            return self._cached
        finally:
            self._turn.release()

    def _may_go_there(self, sign_in: SignIn) -> bool:
        api_url = self._obtaining.session.api_url
        if same_origin(sign_in.audience, api_url):
            return True
        _log.warning(
            "The sign-in of %s is for %s and is not used at %s: sign in again",
            sign_in.account,
            sign_in.audience,
            api_url,
        )
        return False

    async def _renewed(self, rejected: Secret | None) -> SignIn | None:
        if self._obtaining.has_credentials:
            return await self._by_credentials(rejected)
        if await self.vault.load(self.key) is None:
            return None  # What others made is theirs to renew.
        async with self.vault.locked(self.key):
            return await self._renewed_alone(rejected)

    async def _renewed_alone(self, rejected: Secret | None) -> SignIn | None:
        """Renew under the lock, unless somebody else did so before."""
        known = await self.vault.load(self.key) or SignIns()
        current = known.current
        if current is None or not self._may_go_there(current):
            return None
        if self._cached is not None and self._unsaved_since is not None:
            current = self._cached  # The vault was full; what it has is older.
        due = current.token.is_due(self._clock.now())
        refused = rejected is not None and current.token.access == rejected
        if not due and not refused:
            self._cached = current
            return current
        if refused and not due and self._is_too_fresh(current):
            return None

        async def keep(sign_in: SignIn) -> None:
            nonlocal known
            known = known.with_active(sign_in)
            await self.vault.save(self.key, known)

        async def keep_answer(sign_in: SignIn) -> None:
            self._cached = sign_in
            try:
                await keep(sign_in)
            except StorageError as error:
                self._unsaved_since = self._clock.monotonic()
                _log.warning("The renewed sign-in is in memory only: %s", error)
            else:
                self._unsaved_since = None

        renewal = Renewal(self._obtaining, keep, keep_answer)
        try:
            async with asyncio.timeout(_LONGEST_RENEWAL):
                fresh = await renewal.renewed(current, rejected=rejected)
        except TimeoutError as cause:
            raise HubUnreachableError(
                f"Cannot renew the sign-in: no answer in {_LONGEST_RENEWAL:.0f} s",
                hint="Try again; polaris doctor looks at the network.",
            ) from cause
        if fresh.token == current.token:
            # It is good for a while yet, and calls must not wait for the server one by one.
            self._rests_until = self._clock.monotonic() + _RENEW_AGAIN
        self._cached = fresh
        return fresh

    def _is_too_fresh(self, sign_in: SignIn) -> bool:
        age = (self._clock.now() - sign_in.token.issued_at).total_seconds()
        return 0 <= age < _TOO_FRESH

    async def _save_again(self) -> None:
        """Try to keep what could not be kept when it came."""
        since = self._unsaved_since
        if since is None or self._clock.monotonic() - since < _SAVE_AGAIN:
            return
        await self._once("save", self._saved_again)

    async def _saved_again(self) -> None:
        if self._cached is None:
            return
        try:
            await self.adopt(self._cached)
        except StorageError:
            self._unsaved_since = self._clock.monotonic()

    async def aclose(self) -> None:
        """Try a last time to keep what could not be kept."""
        if self._unsaved_since is not None:
            await self._saved_again()
