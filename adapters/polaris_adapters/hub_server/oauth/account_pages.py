"""The page where people look after what they have given out: tokens, programs, browsers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.personal_tokens import (
    issue_token,
    list_tokens,
    revoke_token,
    token_id,
)
from polaris.domain.accounts import Account, Scope
from polaris.errors import InvalidInputError
from polaris.ports.credentials import Credential, CredentialKind
from polaris_adapters.hub_server.oauth.browser import PageError, Visit, visit_of
from polaris_adapters.hub_server.oauth.consents import forget
from polaris_adapters.hub_server.oauth.issuing import revoke_family
from polaris_adapters.hub_server.oauth.parameters import Parameters, form_of
from polaris_adapters.hub_server.oauth.provider import Provider
from polaris_adapters.hub_server.oauth.scopes import SCOPES, in_order

__all__ = ["AccountPages"]

_LIVES = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "a year"))
_NEW = {"name": "", "scopes": ("read",), "days": 90}
_NOTICES = {
    "taken-back": "It was taken back.",
    "signed-out": "That browser is signed out.",
}
_Row = dict[str, str | None]


@attrs.frozen
class AccountPages:
    """Answers people who look at their account.

    Attributes:
        provider: Gave it all out.
    """

    provider: Provider

    async def show(self, request: Request) -> Response:
        """Answer ``GET /account``."""
        visit = await visit_of(self.provider, request)
        missing = _missing_sign_in(visit)
        notice = _NOTICES.get(request.query_params.get("done", ""))
        return missing or await self._page(visit, notice=notice)

    async def make_token(self, request: Request) -> Response:
        """Answer ``POST /account/tokens``: a new personal token, shown once."""
        visit, form, missing = await self._posted(request)
        if missing is not None:
            return missing
        assert visit.account is not None
        days, scopes = _days(form), [s for s in Scope if f"scope_{s.value}" in form]
        name = form.get("name", "")
        try:
            made = await issue_token(
                self.provider.ports, visit.account, name=name, scopes=scopes,
                life=timedelta(days=days), granted=frozenset(Scope),
            )  # fmt: skip
        except InvalidInputError as error:
            given = {"name": name[:100], "scopes": tuple(s.value for s in scopes), "days": days}
            text = f"{error.message}. {error.hint}"
            return await self._page(visit, problem=text, given=given, status=400)
        until = made.credential.expires_at
        return visit.page(
            "token",
            name=made.credential.name,
            token=made.secret.reveal(),
            until=None if until is None else f"{until:%d %B %Y}",
        )

    async def revoke(self, request: Request) -> Response:
        """Answer ``POST /account/{what}/revoke``; what is not the user's own is not there."""
        visit, form, missing = await self._posted(request)
        if missing is not None:
            return missing
        assert visit.account is not None
        what, chosen = request.path_params["what"], form.get("id", "")
        if what not in ("tokens", "programs", "sessions"):
            raise PageError(404, "Nothing here", "There is nothing of this kind to take back.")
        if what == "tokens":
            try:
                await revoke_token(self.provider.ports, visit.account, chosen)
            except InvalidInputError:
                return visit.go("/account")
        elif what == "programs":
            await self._revoke_program(visit.account, chosen)
        else:
            await self._revoke_session(visit.account, chosen)
            if visit.session is not None and chosen == token_id(visit.session):
                return visit.forgetting(visit.go("/sign-in"))
            return visit.go("/account?done=signed-out")
        return visit.go("/account?done=taken-back")

    async def _posted(self, request: Request) -> tuple[Visit, Parameters, Response | None]:
        """Return who sent which form of ours, and the reply where a sign-in is missing."""
        visit = await visit_of(self.provider, request)
        form = await form_of(request)
        visit.require_own_form(form)
        return visit, form, _missing_sign_in(visit)

    async def _revoke_program(self, account: Account, id: str) -> None:
        for found in await self._good(account, CredentialKind.REFRESH, CredentialKind.ACCESS):
            if found.family[:16] == id:
                await revoke_family(self.provider, found.family)
                if found.client is not None:
                    await forget(self.provider, account.id, found.client)

    async def _revoke_session(self, account: Account, id: str) -> None:
        for found in await self._good(account, CredentialKind.SESSION):
            if token_id(found) == id:
                await self.provider.credentials.revoke(
                    now=self.provider.now(), kind=found.kind, digest=found.digest
                )

    async def _good(self, account: Account, *kinds: CredentialKind) -> list[Credential]:
        now = self.provider.now()
        return [
            found
            for kind in kinds
            for found in await self.provider.credentials.of_account(account.id, kind)
            if found.is_good(now)
        ]

    async def _page(
        self,
        visit: Visit,
        *,
        notice: str | None = None,
        problem: str | None = None,
        given: dict[str, Any] | None = None,
        status: int = 200,
    ) -> Response:
        account = visit.account
        assert account is not None
        now = self.provider.now()
        kept = await self.provider.accounts.password(account.id)
        tokens = [t for t in await list_tokens(self.provider.ports, account) if t.is_good(now)]
        return visit.page(
            "account",
            status=status,
            notice=notice,
            problem=problem,
            given=given or _NEW,
            lifetimes=_LIVES,
            scopes=[(s.value, SCOPES[s.value]) for s in Scope],
            has_password=kept is not None,
            tokens=[_row(t, id=token_id(t)) for t in tokens],
            programs=await self._programs(account),
            sessions=await self._sessions(visit, account),
        )

    async def _programs(self, account: Account) -> list[_Row]:
        """Return the programs that are signed in, one row for each sign-in."""
        kinds = (CredentialKind.REFRESH, CredentialKind.ACCESS)
        found = [c for c in await self._good(account, *kinds) if c.client is not None]
        families: dict[str, Credential] = {}
        for each in found:
            families.setdefault(each.family, each)
        # What a personal token was exchanged for goes with that token.
        own = {t.family for t in await list_tokens(self.provider.ports, account)}
        return [_row(c, id=f[:16]) for f, c in families.items() if f not in own]

    async def _sessions(self, visit: Visit, account: Account) -> Sequence[_Row]:
        rows = []
        for found in await self._good(account, CredentialKind.SESSION):
            is_this = visit.session is not None and found.digest == visit.session.digest
            rows.append(_row(found, id=token_id(found), note="this one" if is_this else None))
        return rows


def _row(found: Credential, *, id: str, note: str | None = None) -> _Row:
    about = f"since {found.created_at:%d %b %Y}"
    if found.expires_at is not None:
        about += f", until {found.expires_at:%d %b %Y}"
    if found.scopes:
        about += f" · {', '.join(in_order(found.scopes))}"
    return {"id": id, "name": found.name or "without a name", "note": note, "about": about}


def _days(form: Parameters) -> int:
    text = form.get("days", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _missing_sign_in(visit: Visit) -> Response | None:
    if visit.account is None:
        return visit.go("/sign-in?next=%2Faccount")
    if visit.must_change:
        return visit.go("/account/password?next=%2Faccount")
    return None
