"""Signing in by a code that is entered on another machine (RFC 8628)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from polaris.domain.secret import Secret
from polaris.errors import HubReplyError, PolarisHubError, SignInError
from polaris.ports.clock import Clock
from polaris.ports.interaction import Interaction, SignInEvent
from polaris.ports.tokens import StoredToken
from polaris_adapters.hub_http.auth.refusals import Refusal, printable
from polaris_adapters.hub_http.auth.token_endpoint import ANSWERS, TokenRequests
from polaris_adapters.hub_http.auth.token_replies import is_sendable, object_of
from polaris_adapters.hub_http.call import Call
from polaris_adapters.hub_http.origins import checked_url

__all__ = ["DeviceCode", "sign_in_by_device"]

_INTERVAL = 5.0
_LIFE = 600.0
_SLOWER = 5.0
_SLOWEST = 120.0


@attrs.frozen(kw_only=True)
class DeviceCode:
    """The reply to a device authorization request (RFC 8628 section 3.2).

    Attributes:
        device_code: What is asked with; only we see it.
        user_code: What the person enters.
        page: Where.
        complete_page: The same with the code filled in, if offered.
        life: Seconds until it ends.
        interval: Seconds between questions, at least.
    """

    device_code: Secret
    user_code: str
    page: str
    complete_page: str | None
    life: float
    interval: float

    @classmethod
    def of(cls, body: Mapping[str, Any], *, url: str) -> DeviceCode:
        """Return the one in a reply.

        Raises:
            HubReplyError: What is needed is missing.
        """
        code, user_code = body.get("device_code"), body.get("user_code")
        if not is_sendable(code) or not isinstance(user_code, str) or not user_code.strip():
            raise HubReplyError(f"{url} gave no code to enter")
        complete = body.get("verification_uri_complete")
        return cls(
            device_code=Secret(str(code)),
            user_code=printable(user_code),
            page=checked_url(body.get("verification_uri"), base=url),
            complete_page=checked_url(complete, base=url) if isinstance(complete, str) else None,
            life=_seconds(body.get("expires_in"), _LIFE),
            interval=_seconds(body.get("interval"), _INTERVAL),
        )


def _seconds(value: Any, otherwise: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 86400:
        return otherwise
    return float(value)


async def sign_in_by_device(
    requests: TokenRequests, endpoint: str, token_endpoint: str, scope: str, person: Interaction
) -> StoredToken:
    """Show a code, and wait until it has been entered.

    Raises:
        SignInError: It was declined, or not entered in time.
        PolarisHubError: The login server refused or failed.
    """
    clock = requests.session.clock
    reply = await requests.session.send(
        Call(
            "POST",
            endpoint,
            "begin to sign in by a code",
            form={"client_id": requests.client_id, "scope": scope},
            headers={"accept": "application/json"},
            authorize=False,
            repeatable=True,  # A second code does no harm; the first is never shown.
            expect=ANSWERS,
        )
    )
    try:
        code = DeviceCode.of(object_of(reply), url=endpoint)
    except Refusal as refusal:
        raise refusal.as_error("begin to sign in by a code") from None
    await person.tell(_shown(code))
    return await _polled(requests, token_endpoint, code, clock)


def _shown(code: DeviceCode) -> SignInEvent:
    filled = f"\nor open       {code.complete_page}" if code.complete_page else ""
    return SignInEvent(
        "device_code",
        f"To sign in, open {code.page}\nand enter    {code.user_code}{filled}\n"
        f"within {code.life / 60:.0f} minutes, on any machine.",
        {
            "user_code": code.user_code,
            "verification_uri": code.page,
            "verification_uri_complete": code.complete_page,
            "expires_in": code.life,
        },
    )


async def _polled(
    requests: TokenRequests, endpoint: str, code: DeviceCode, clock: Clock
) -> StoredToken:
    """Ask until the code has been entered (RFC 8628 section 3.5)."""
    end, interval = clock.monotonic() + code.life, code.interval
    failure: PolarisHubError | None = None
    while clock.monotonic() + interval <= end:
        await clock.sleep(interval)
        try:
            return await requests.by_device_code(endpoint, code.device_code)
        except Refusal as refusal:
            failure = None
            if refusal.error == "slow_down":
                interval += _SLOWER
            elif refusal.error != "authorization_pending":
                raise refusal.as_error("sign in by a code") from None
        except PolarisHubError as error:
            if not error.retryable:
                raise
            # The server cannot be reached now: the RFC asks to come back ever later.
            failure, interval = error, min(interval * 2, _SLOWEST)
    if failure is not None:
        raise failure
    raise SignInError(
        "Cannot sign in by a code: it was not entered in time",
        hint="Begin again, and enter the new code: polaris auth login.",
    )
