"""The operations of accounts: who calls, tokens, organizations, and what administrators do."""

from __future__ import annotations

from polaris_adapters.hub_server.openapi.describing import (
    Described,
    Json,
    Reply,
    json_of,
    member,
)

__all__ = ["ACCOUNT_OPERATIONS"]

_TAG = "accounts"
_MEMBERS = "/api/v3/organizations/{slug}/members"
_DIGEST = ("Content-Digest",)
_KEY = ("header.Idempotency-Key",)
_SENT = ("header.Content-Digest",)
_BODY = (415, 422)


def _told(name: str, about: str, status: int = 200, links: Json | None = None) -> dict[int, Reply]:
    return {status: Reply(about, json_of(name), required=_DIGEST, links=links or {})}


def _link(operation: str, about: str, **given: str) -> dict[str, Json]:
    return {operation: {"operationId": operation, "description": about, "parameters": given}}


_OF_SLUG = member("response", "slug")

ACCOUNT_OPERATIONS: dict[tuple[str, str], Described] = {
    ("GET", "/api/v3/me"): Described(
        id="getMe",
        tag=_TAG,
        summary="See who calls",
        replies=_told("Me", "Who it is."),
        problems=(401,),
    ),
    ("POST", "/api/v3/sign-out"): Described(
        id="signOut",
        tag=_TAG,
        summary="Take the token of the call back",
        parameters=_KEY,
        replies=_told("Nothing", "It is good no more."),
        problems=(401,),
    ),
    ("GET", "/api/v3/me/tokens"): Described(
        id="listTokens",
        tag=_TAG,
        summary="List the own personal tokens",
        replies=_told("TokenList", "The newest first; those that have ended too."),
        problems=(401, 403),
    ),
    ("POST", "/api/v3/me/tokens"): Described(
        id="makeToken",
        tag=_TAG,
        summary="Make a personal token",
        about="The secret is told this once; the call made again makes another token.",
        parameters=_SENT,
        body=json_of("TokenAsked"),
        replies=_told(
            "NewToken",
            "The token.",
            201,
            _link("revokeToken", "Take it back.", id=member("response", "id")),
        ),
        problems=(401, 403, *_BODY),
    ),
    ("DELETE", "/api/v3/me/tokens/{id}"): Described(
        id="revokeToken",
        tag=_TAG,
        summary="Take a personal token back",
        parameters=_KEY,
        replies=_told("Token", "What is kept of it."),
        problems=(401, 403, 404),
    ),
    ("PUT", "/api/v3/me/password"): Described(
        id="changePassword",
        tag=_TAG,
        summary="Choose another password",
        about="All sign-ins end with it, personal tokens do not.",
        parameters=(*_KEY, *_SENT),
        body=json_of("PasswordChange"),
        replies=_told("Nothing", "Done."),
        problems=(401, 403, *_BODY),
    ),
    ("GET", "/api/v3/owners/{slug}"): Described(
        id="getOwner",
        tag=_TAG,
        summary="See who an owner is",
        replies=_told("Owner", "The owner."),
        problems=(401, 404),
    ),
    ("POST", "/api/v3/organizations"): Described(
        id="makeOrganization",
        tag=_TAG,
        summary="Found an organization",
        about="Its first owner is who calls.",
        parameters=(*_KEY, *_SENT),
        body=json_of("OrganizationAsked"),
        replies=_told(
            "Owner",
            "The organization.",
            201,
            {
                **_link("getOwner", "The same.", slug=_OF_SLUG),
                **_link("listMembers", "Who belongs to it.", slug=_OF_SLUG),
            },
        ),
        problems=(401, 403, 404, 409, *_BODY),
    ),
    ("GET", _MEMBERS): Described(
        id="listMembers",
        tag=_TAG,
        summary="List the members of an organization",
        replies=_told("MemberList", "By user."),
        problems=(401, 403, 404),
    ),
    ("GET", _MEMBERS + "/{user}"): Described(
        id="getMember",
        tag=_TAG,
        summary="See what a user is in an organization",
        replies=_told("Member", "The member."),
        problems=(401, 403, 404),
    ),
    ("PUT", _MEMBERS + "/{user}"): Described(
        id="setMember",
        tag=_TAG,
        summary="Add a member, or change the role of one",
        parameters=(*_KEY, *_SENT),
        body=json_of("RoleChange"),
        replies=_told("Member", "The member."),
        problems=(401, 403, 404, 409, *_BODY),
    ),
    ("DELETE", _MEMBERS + "/{user}"): Described(
        id="removeMember",
        tag=_TAG,
        summary="Remove a member, or leave",
        parameters=_KEY,
        replies=_told("Nothing", "Done."),
        problems=(401, 403, 404, 409),
    ),
    ("GET", "/api/v3/accounts"): Described(
        id="listAccounts",
        tag=_TAG,
        summary="List accounts by slug",
        parameters=("query.type", "query.after", "query.limit"),
        replies=_told("AccountPage", "A page."),
        problems=(401, 403),
    ),
    ("POST", "/api/v3/accounts"): Described(
        id="makeAccount",
        tag=_TAG,
        summary="Add a user",
        about="With a temporary password, which is told this once.",
        parameters=_SENT,
        body=json_of("AccountAsked"),
        replies=_told(
            "NewAccount",
            "The account.",
            201,
            {
                **_link("changeAccount", "Change it.", slug=_OF_SLUG),
                **_link("resetPassword", "Give it another password.", slug=_OF_SLUG),
                **_link("getOwner", "What everybody may know of it.", slug=_OF_SLUG),
            },
        ),
        problems=(401, 403, 409, *_BODY),
    ),
    ("PATCH", "/api/v3/accounts/{slug}"): Described(
        id="changeAccount",
        tag=_TAG,
        summary="Change an account",
        about="What is left out stays (RFC 7396).",
        parameters=(*_KEY, *_SENT),
        body=json_of("AccountChange"),
        replies=_told("Account", "The account."),
        problems=(401, 403, 404, 409, *_BODY),
    ),
    ("POST", "/api/v3/accounts/{slug}/password"): Described(
        id="resetPassword",
        tag=_TAG,
        summary="Give a user another temporary password",
        replies=_told("Password", "It is told this once."),
        problems=(401, 403, 404),
    ),
}
