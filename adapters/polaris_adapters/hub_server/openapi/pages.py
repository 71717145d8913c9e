"""The pages that people see in a browser, as far as programs have to know of them."""

from __future__ import annotations

from collections.abc import Sequence

from polaris.application.accounts.oauth_clients import CALLBACK
from polaris_adapters.hub_server.openapi.describing import Described, Json, Reply
from polaris_adapters.hub_server.openapi.schemas_values import TEXT
from polaris_adapters.hub_server.openapi.sign_in import form

__all__ = ["PAGES"]

_HTML: dict[str, Json] = {"text/html": TEXT}
_WRONG = {
    400: "The request cannot be understood.",
    403: "The form is not of this hub, or is out of date; or this is not allowed.",
    404: "There is nothing here.",
    429: "Too many tries.",
    500: "The hub could not do it.",
    502: "The place where people sign in did not answer.",
    503: "The hub cannot do it now.",
}
_ALWAYS = (400, 500, 502, 503)
_GUARDED = (400, 403, 500, 502, 503)
_SIGNED_IN: tuple[Json, ...] = ({"session": []},)
_ANYBODY: tuple[Json, ...] = ({},)
_AUTHORIZE = tuple(
    f"query.{name}"
    for name in (
        "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce",
        "code_challenge", "code_challenge_method", "prompt", "max_age", "login_hint",
        "id_token_hint",
    )
)  # fmt: skip
_LEADS = Reply("Goes on elsewhere.", required=("Location",))
_SHOWN = Reply("The page.", _HTML, headers=("Cache-Control",))


def _texts(*names: str) -> dict[str, Json]:
    return form({}, dict.fromkeys(names, TEXT))


def _page(
    id: str,
    summary: str,
    wrong: Sequence[int] = _ALWAYS,
    *,
    query: Sequence[str] = (),
    body: dict[str, Json] | None = None,
    shown: bool = True,
    leads: bool = True,
    security: Sequence[Json] = _ANYBODY,
) -> Described:
    refused = {
        status: Reply(_WRONG[status], _HTML, required=("Retry-After",) if status == 429 else ())
        for status in wrong
    }
    replies = {
        **({200: _SHOWN} if shown else {}),
        **({303: _LEADS} if leads else {}),
        **refused,
    }
    return Described(
        id=id,
        tag="pages",
        summary=summary,
        parameters=query,
        body=body,
        replies=replies,
        security=security,
    )


_NEXT = ("query.next",)

PAGES: dict[tuple[str, str], Described] = {
    ("GET", "/"): _page("showHub", "Show what the hub is", leads=False),
    ("GET", "/oauth2/style.css"): Described(
        id="getStyle",
        tag="pages",
        summary="Get the style of the pages",
        parameters=("query.v",),
        replies={200: Reply("The style.", {"text/css": TEXT}, required=("Cache-Control",))},
    ),
    ("GET", "/oauth2/authorize"): _page(
        "authorize", "Ask a user to let a client in", query=_AUTHORIZE
    ),
    ("POST", "/oauth2/authorize"): _page(
        "authorizeByForm",
        "The same, by a form",
        body=_texts(*(name.removeprefix("query.") for name in _AUTHORIZE)),
        shown=False,
    ),
    ("POST", "/oauth2/consent"): _page(
        "consent", "Allow or decline", _GUARDED, body=_texts("request", "decision", "csrf")
    ),
    ("GET", CALLBACK): _page(
        "showCode",
        "Show a code, which is pasted elsewhere",
        query=("query.code", "query.error", "query.state", "query.iss"),
        leads=False,
    ),
    ("GET", "/sign-in"): _page(
        "showSignIn", "Ask who it is", query=(*_NEXT, "query.again", "query.login_hint")
    ),
    ("POST", "/sign-in"): _page(
        "signIn",
        "Sign in by a password",
        (*_GUARDED, 429),
        body=_texts("username", "password", "next", "csrf"),
        shown=False,
    ),
    ("GET", "/account/password"): _page(
        "showPasswordChange", "Ask for another password", query=_NEXT, security=_SIGNED_IN
    ),
    ("POST", "/account/password"): _page(
        "enterPassword",
        "Choose another password",
        (*_GUARDED, 429),
        body=_texts("current", "new", "again", "next", "csrf"),
        shown=False,
        security=_SIGNED_IN,
    ),
    ("GET", "/oauth2/logout"): _page(
        "showSignOut",
        "Ask whether to sign out",
        query=(
            "query.client_id", "query.id_token_hint", "query.post_logout_redirect_uri",
            "query.state",
        ),
    ),
    ("POST", "/oauth2/logout"): _page(
        "signOutOfBrowser",
        "Sign out",
        _GUARDED,
        body=_texts("to", "client", "state", "csrf"),
    ),
    ("GET", "/oauth2/external"): _page(
        "beginExternal",
        "Go to sign in elsewhere",
        (*_ALWAYS, 404),
        query=_NEXT,
        shown=False,
    ),
    ("GET", "/oauth2/external/callback"): _page(
        "endExternal",
        "Come back from signing in elsewhere",
        (*_GUARDED, 404),
        query=("query.code", "query.error", "query.state", "query.iss"),
        shown=False,
    ),
    ("GET", "/device"): _page(
        "showDevice", "Ask for the code of a device", query=("query.user_code",)
    ),
    ("POST", "/device"): _page(
        "enterDeviceCode",
        "Enter the code of a device, and decide",
        (*_GUARDED, 429),
        body=_texts("user_code", "decision", "proof", "csrf"),
    ),
    ("GET", "/account"): _page(
        "showAccount",
        "Show what was given out: tokens, programs, browsers",
        query=("query.done",),
        security=_SIGNED_IN,
    ),
    ("POST", "/account/tokens"): _page(
        "makeTokenByForm",
        "Make a personal token",
        _GUARDED,
        body=_texts("name", "days", "scope_read", "scope_write", "scope_admin", "csrf"),
        security=_SIGNED_IN,
    ),
    ("POST", "/account/{what}/revoke"): _page(
        "revokeByForm",
        "Take something back",
        _GUARDED,
        body=_texts("id", "csrf"),
        shown=False,
        security=_SIGNED_IN,
    ),
}  # fmt: skip
