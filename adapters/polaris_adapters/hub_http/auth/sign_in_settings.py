"""The settings that a sign-in depends on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

import attrs

from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError
from polaris.ports.tokens import TokenKey
from polaris_adapters.hub_http.auth.token_replies import is_sendable
from polaris_adapters.hub_http.origins import same_origin

__all__ = [
    "DEFAULT_SCOPES",
    "PUBLIC_CLIENT_ID",
    "PUBLIC_HUB",
    "PUBLIC_LOGIN",
    "SignInSettings",
]

# The client of the public hub. Its login provider knows one redirect for it: the hub's page.
PUBLIC_CLIENT_ID = "agQP2xVM6JqMHvGc"
PUBLIC_HUB = "https://polarishub.io/"
# What is asked for unless it is set.
DEFAULT_SCOPES = "profile email"
# The addresses of the public hub's login provider, which are the defaults of the settings.
PUBLIC_LOGIN = "https://clerk.polarishub.io/oauth/"


@attrs.frozen(kw_only=True)
class SignInSettings:
    """What the user set; see `PolarisHubSettings` for what each means."""

    hub_url: str
    api_url: str
    hub_token_url: str
    authorize_url: str
    token_fetch_url: str
    user_info_url: str
    callback_url: str
    scopes: str
    client_id: str
    username: str | None = None
    password: Secret | None = None
    token: Secret | None = None
    identity_token_file: Path | None = None
    generation: str = "auto"

    @classmethod
    def of(cls, settings: Mapping[str, Any], *, token: Secret | None = None) -> Self:
        """Return those among all settings.

        Args:
            settings: All settings, by name.
            token: What the user handed to the client itself; it wins over the settings'.

        Raises:
            InvalidSettingsError: The token cannot be one.
        """
        found = {
            field.name: settings[field.name]
            for field in attrs.fields(cls)
            if settings.get(field.name) is not None
        }
        if token is not None:
            found["token"] = token
        if "token" in found:
            found["token"] = _checked(found["token"])
        return cls(**found)

    @property
    def key(self) -> TokenKey:
        """Where sign-ins with these settings are kept."""
        return TokenKey(self.hub_url.rstrip("/") + "/", self.client_id)

    @property
    def is_login_known(self) -> bool:
        """Whether the settings say where to sign in to this hub.

        The defaults are the login of the public hub; what it gives is for that hub and no other.
        """
        is_default = self.token_fetch_url.startswith(PUBLIC_LOGIN)
        return not is_default or same_origin(self.hub_url, PUBLIC_HUB)

    @property
    def is_client_open(self) -> bool:
        """Whether the hub may say as which client one signs in to it.

        The default is the client of the public hub; no other hub has to know it.
        """
        return self.client_id == PUBLIC_CLIENT_ID and not same_origin(self.hub_url, PUBLIC_HUB)

    @property
    def is_callback_derived(self) -> bool:
        """Whether the callback is the page below ``hub_url``, and not one that was set."""
        return self.callback_url == urljoin(self.hub_url, "/oauth2/callback")


def _checked(token: Secret) -> Secret:
    """Return a token without space around it, if it can stand in a header."""
    text = token.reveal().strip()
    if not is_sendable(text):
        raise InvalidSettingsError(
            "The token in the settings is none: it is empty, or has characters that no token has",
            hint="Check POLARIS_TOKEN, or token=; a token is one word.",
        )
    return Secret(text)
