"""Renewing a sign-in so that no token is lost, whatever happens on the way."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime

import attrs

from polaris.domain.secret import Secret
from polaris.errors import PolarisHubError, SignInError
from polaris.ports.tokens import SignIn, StoredToken
from polaris_adapters.hub_http.auth.obtaining import Obtaining
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.auth.roads import Road

__all__ = ["Renewal"]

Keep = Callable[[SignIn], Awaitable[None]]

_AGAIN = "Sign in again: polaris auth login, or client.login(overwrite=True)."


@attrs.frozen
class Renewal:
    """Gives a sign-in new tokens. Whoever uses it holds the vault's lock.

    A refresh token that rotates is good once: when the answer that holds the next one is lost, the
    sign-in is lost with it, unless the server helps. So a renewal is named, by a key that is saved
    before anything is sent and goes along as ``Idempotency-Key``. If this process dies before the
    answer is saved, the next one finds the key, and asks again with it and the old token: a server
    that honours the key repeats its answer, one that lets old tokens live a while gives another.

    Attributes:
        obtaining: Asks for tokens.
        keep: Saves a sign-in before anything else happens.
        keep_answer: Keeps what cannot be had twice; never fails.
    """

    obtaining: Obtaining
    keep: Keep
    keep_answer: Keep

    async def renewed(self, old: SignIn, *, rejected: Secret | None) -> SignIn:
        """Return a sign-in with a token that is good, kept already.

        Args:
            old: What is there.
            rejected: A token that the hub refused, though it had not ended.

        Raises:
            SignInError: It cannot be renewed; somebody has to sign in again.
            PolarisHubError: The hub or the login provider failed, and the old token has ended.
        """
        now = self.obtaining.session.clock.now()
        refused = rejected is not None and old.token.access == rejected
        try:
            return await self._by_what_there_is(old, now)
        except PolarisHubError as error:
            if refused or old.token.is_over(now) or not (error.retryable or _is_final(error)):
                raise
            return old  # It is early: what there is will do for now.

    async def _by_what_there_is(self, old: SignIn, now: datetime) -> SignIn:
        failure: SignInError | None = None
        if old.hub is not None and old.hub.refresh is not None:
            try:
                return await self._hub_refreshed(old, old.hub)
            except SignInError as error:
                failure = error
        if old.external is not None:
            return await self._by_external(old, old.external, now)
        if old.road in (Road.PASSWORD, Road.WORKLOAD):
            again = await self.obtaining.without_asking()
            if again is not None:
                again = attrs.evolve(again, account=old.account)
                await self.keep_answer(again)
                return again
        raise failure or _over()

    async def _hub_refreshed(self, old: SignIn, token: StoredToken) -> SignIn:
        begun = await self._begun(old)
        fresh = await self._refreshed(begun, token, at_hub=True)
        done = attrs.evolve(begun, hub=fresh, renewal="")
        await self.keep_answer(done)
        return done

    async def _by_external(self, old: SignIn, external: StoredToken, now: datetime) -> SignIn:
        wants_fresh = old.hub is None or external.is_due(now)
        if wants_fresh and external.refresh is not None:
            begun = await self._begun(old)
            fresh = await self._refreshed(begun, external, at_hub=False)
            old = attrs.evolve(begun, external=fresh, renewal="")
            await self.keep_answer(old)
        elif old.hub is None or external.is_over(now):
            raise _over()
        if old.hub is None or old.external is None:
            return old
        hub = await self.obtaining.exchanged(old.external)
        done = attrs.evolve(old, hub=hub)
        await self.keep_answer(done)
        return done

    async def _begun(self, old: SignIn) -> SignIn:
        """Note that a renewal begins; if one did before and did not end, go on with that one."""
        if old.renewal:
            return old
        begun = attrs.evolve(old, renewal=uuid.uuid4().hex)
        await self.keep(begun)
        return begun

    async def _refreshed(self, begun: SignIn, token: StoredToken, *, at_hub: bool) -> StoredToken:
        obtaining = self.obtaining
        try:
            scope = "" if at_hub else (await obtaining.client()).scopes
            requests = obtaining.requests if at_hub else await obtaining.asking()
            return await requests.by_refresh(token, at_hub=at_hub, scope=scope, key=begun.renewal)
        except Refusal as refusal:
            if refusal.error == "invalid_grant":
                # Not to be asked for again and again; the access token may still be good.
                dead = attrs.evolve(token, refresh=None)
                await self.keep(
                    attrs.evolve(begun, hub=dead, renewal="")
                    if at_hub
                    else attrs.evolve(begun, external=dead, renewal="")
                )
            raise refusal.as_error("renew the sign-in") from None


def _is_final(error: PolarisHubError) -> bool:
    return isinstance(error, SignInError)


def _over() -> SignInError:
    return SignInError("The sign-in is over and cannot be renewed", hint=_AGAIN)
