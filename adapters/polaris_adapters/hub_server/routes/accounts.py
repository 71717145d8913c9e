"""Accounts: who an owner is, and their upkeep by administrators."""

from __future__ import annotations

from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.account_texts import check_email, check_label
from polaris.application.accounts.passwords import reset_password
from polaris.application.accounts.users import (
    close_account,
    create_user,
    reopen_account,
    set_administrator,
)
from polaris.application.native_wire.fields import Fields
from polaris.domain.accounts import Account, AccountType
from polaris.domain.identity import check_slug
from polaris.errors import AccountNotFoundError, HubBusyError, InvalidInputError
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub
from polaris_adapters.hub_server.reading import json_of, number_of
from polaris_adapters.hub_server.replies import json_reply

__all__ = [
    "UNSTORED",
    "get_accounts",
    "get_owner",
    "patch_account",
    "ports_of",
    "post_account",
    "post_password",
    "profile",
    "small_json",
]

# Replies with a secret.
UNSTORED = {"cache-control": "no-store"}
_BODY = 2**16
_TYPES: dict[str, AccountType] = {"user": "user", "organization": "organization"}


def ports_of(hub: Hub) -> AccountPorts:
    """Return the ports of the accounts; the routes are there only where those are."""
    assert hub.accounts is not None, "the hub has accounts"
    return hub.accounts


async def small_json(request: Request) -> Fields:
    """Return the JSON object in a body that is never long."""
    return await json_of(request, largest=_BODY)


async def get_owner(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/owners/{slug}``, to anybody."""
    hub.allow(caller, Act.SEE_OWNER, what="see who this is")
    return json_reply(profile(await _account(hub, request.path_params["slug"])))


async def get_accounts(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``GET /api/v3/accounts``: a page by slug."""
    hub.allow(caller, Act.MANAGE_ACCOUNTS, what="list the accounts")
    asked = request.query_params
    limit = number_of(request, "limit", default=100, most=1000)
    after = asked.get("after", "")
    found = await ports_of(hub).accounts.page(
        type=_type(asked.get("type")), after=after and check_slug(after), limit=limit + 1
    )
    page = found[:limit]
    more = page[-1].slug if page and len(found) > limit else None
    return json_reply({"data": [_whole(account) for account in page], "after": more})


async def post_account(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/accounts`` with a temporary password, which is told this once."""
    hub.allow(caller, Act.MANAGE_ACCOUNTS, what="add an account")
    body = await small_json(request)
    made = await create_user(
        ports_of(hub),
        body.text("slug"),
        name=body.optional_text("name"),
        email=body.optional_text("email"),
        is_administrator=body.flag("isAdministrator"),
    )
    told = {**_whole(made.account), "password": made.password.reveal()}
    return json_reply(told, status=201, headers=UNSTORED)


async def patch_account(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``PATCH /api/v3/accounts/{slug}`` (RFC 7396): what is left out stays."""
    hub.allow(caller, Act.MANAGE_ACCOUNTS, what="change an account")
    ports, body = ports_of(hub), await small_json(request)
    account = await _account(hub, request.path_params["slug"])
    name, email = _name(body, account), _email(body, account)
    is_administrator = _flag(body, "isAdministrator", account.is_administrator)
    is_closed = _flag(body, "isClosed", account.closed_at is not None)
    try:
        # What may be refused comes first.
        if not is_closed:
            account = await reopen_account(ports, account)
        if is_administrator != account.is_administrator:
            account = await set_administrator(ports, account.slug, is_administrator)
        if is_closed:
            account = await close_account(ports, account)
        before, account = account, attrs.evolve(account, name=name, email=email)
        # Whoever was closed or demoted meanwhile must not come back by that.
        if not await ports.accounts.change(account, expected=before):
            raise HubBusyError(
                f"The account {account.slug} was changed by somebody else at the same time",
                hint="Look at it and try again.",
            )
    finally:
        hub.callers.refresh()
    return json_reply(_whole(account))


async def post_password(hub: Hub, caller: Caller | None, request: Request) -> Response:
    """Answer ``POST /api/v3/accounts/{slug}/password``: a new temporary one, told this once."""
    hub.allow(caller, Act.MANAGE_ACCOUNTS, what="give somebody a new password")
    password = await reset_password(ports_of(hub), request.path_params["slug"])
    return json_reply({"password": password.reveal()}, headers=UNSTORED)


async def _account(hub: Hub, slug: str) -> Account:
    found = await ports_of(hub).accounts.find(check_slug(slug))
    if found is None:
        raise AccountNotFoundError(f"The hub has no owner {slug!r:.80}", hint="Check the name.")
    return found


def _type(text: str | None) -> AccountType | None:
    if text is not None and text not in _TYPES:
        raise InvalidInputError(
            f"type cannot be {text!r:.80}", hint="Give 'user' or 'organization'."
        )
    return None if text is None else _TYPES[text]


def _name(body: Fields, account: Account) -> str | None:
    name = body.optional_text("name") if "name" in body.values else account.name
    return None if name is None else check_label("name", name)


def _email(body: Fields, account: Account) -> str | None:
    email = body.optional_text("email") if "email" in body.values else account.email
    return None if email is None else check_email(email)


def _flag(body: Fields, name: str, present: bool) -> bool:
    return body.flag(name) if name in body.values else present


def profile(account: Account) -> dict[str, Any]:
    """Return what everybody may know of an account."""
    return {
        "slug": account.slug,
        "type": account.type,
        "name": account.name,
        "createdAt": account.created_at.isoformat(),
        "isClosed": account.closed_at is not None,
    }


def _whole(account: Account) -> dict[str, Any]:
    return {
        **profile(account),
        "id": account.id,
        "email": account.email,
        "isAdministrator": account.is_administrator,
        "closedAt": account.closed_at and account.closed_at.isoformat(),
    }
