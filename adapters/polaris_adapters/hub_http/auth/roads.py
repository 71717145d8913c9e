"""Which road a sign-in takes, and why."""

from __future__ import annotations

from enum import StrEnum

import attrs

from polaris.errors import SignInError
from polaris.ports.interaction import SignInEvent, Surroundings
from polaris_adapters.hub_http.auth.discovery import LoginServer
from polaris_adapters.hub_http.auth.sign_in_settings import (
    PUBLIC_CLIENT_ID,
    PUBLIC_LOGIN,
    SignInSettings,
)
from polaris_adapters.hub_http.auth.workload import WorkloadIdentity
from polaris_adapters.hub_http.origins import is_loopback

__all__ = ["Choice", "Road", "choose"]


class Road(StrEnum):
    """The ways to sign in."""

    TOKEN = "token"  # noqa: S105
    PASSWORD = "password"  # noqa: S105
    WORKLOAD = "workload"
    BROWSER = "browser"
    DEVICE = "device"
    PASTED_CODE = "pasted_code"


_SHOWN = {
    Road.WORKLOAD: "by the identity of this job",
    Road.BROWSER: "by the browser",
    Road.DEVICE: "by a code that you enter on any machine",
    Road.PASTED_CODE: "by a code that you copy from the browser",
}


@attrs.frozen
class Choice:
    """A road that was chosen.

    Attributes:
        road: Which.
        why: What decided, a sentence's end after "because".
        opens_browser: Whether the browser is opened on the way.
    """

    road: Road
    why: str
    opens_browser: bool = False

    @property
    def event(self) -> SignInEvent:
        """What to tell of it."""
        return SignInEvent(
            "road",
            f"Signing in {_SHOWN[self.road]}, because {self.why}.",
            {"road": self.road.value, "why": self.why},
        )


def _redirects_here(settings: SignInSettings, server: LoginServer) -> bool:
    """Say whether the login server sends the browser back to this machine.

    The login provider of the public hub knows one redirect for the public client, a page of the
    hub. Other servers are taken to follow RFC 8252, unless ``callback_url`` says otherwise.
    """
    if settings.is_callback_derived:
        is_public = server.authorization_endpoint.startswith(PUBLIC_LOGIN)
        return not (is_public and settings.client_id == PUBLIC_CLIENT_ID)
    return is_loopback(settings.callback_url)


def choose(
    settings: SignInSettings,
    surroundings: Surroundings,
    server: LoginServer,
    identity: WorkloadIdentity | None,
    *,
    open_browser: bool,
) -> Choice:
    """Return the best road that is open.

    Args:
        settings: What the user set.
        surroundings: What there is around the process.
        server: What the login server offers.
        identity: The identity that the surroundings give this job, if any.
        open_browser: Whether the browser may be opened.

    Raises:
        SignInError: No road is open; says of each why not.
    """
    if identity is not None:
        return Choice(Road.WORKLOAD, f"there is {identity.name}")
    browser = surroundings.browser and open_browser
    around = surroundings.why if open_browser else "opening a browser was declined"
    if browser and _redirects_here(settings, server):
        return Choice(Road.BROWSER, around, opens_browser=True)
    if server.device_authorization_endpoint is not None and not browser:
        return Choice(Road.DEVICE, f"{around}, and the hub offers codes")
    if surroundings.prompt:
        return Choice(
            Road.PASTED_CODE,
            f"{around}, and the login server "
            + ("sends you to a page that shows a code" if browser else "offers no other way"),
            opens_browser=browser,
        )
    if server.device_authorization_endpoint is not None:
        return Choice(Road.DEVICE, f"{around}, and the hub offers codes")
    raise SignInError(
        f"Cannot sign in: {around}, and the login server offers no codes to enter elsewhere",
        hint="Set POLARIS_TOKEN, or POLARIS_USERNAME and POLARIS_PASSWORD, "
        "or POLARIS_IDENTITY_TOKEN_FILE.",
    )
