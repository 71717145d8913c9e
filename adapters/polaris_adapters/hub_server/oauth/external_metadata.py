"""What an OpenID provider elsewhere says of itself, checked.

Source: OpenID Connect Discovery sections 3 and 4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import attrs

from polaris.errors import HubReplyError

__all__ = ["ProviderMetadata", "unusable"]


@attrs.frozen(kw_only=True)
class ProviderMetadata:
    """What a provider says of itself, as far as it is needed.

    Attributes:
        authorization_endpoint: Where browsers are sent.
        token_endpoint: Where codes are redeemed.
        jwks_uri: Where its keys are.
        userinfo_endpoint: Where more is told of users; None where it is not.
        names_issuer: Whether its redirects always carry ``iss``.
        takes_post: Whether it wants the client's secret in the form, and not in a header.
    """

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    names_issuer: bool
    takes_post: bool

    @classmethod
    def of(cls, found: Mapping[str, Any], *, issuer: str) -> Self:
        """Return what is needed of a provider's metadata.

        Raises:
            HubReplyError: They are another one's, or name addresses that are not to be followed.
        """
        if found.get("issuer") != issuer:
            raise unusable(f"it calls itself {found.get('issuer')!r:.100}, not {issuer!r:.100}")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        info = "userinfo_endpoint"
        return cls(
            authorization_endpoint=_address(found, "authorization_endpoint", issuer),
            token_endpoint=_address(found, "token_endpoint", issuer),
            jwks_uri=_address(found, "jwks_uri", issuer),
            userinfo_endpoint=None if found.get(info) is None else _address(found, info, issuer),
            names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
            takes_post=isinstance(methods, list) and "client_secret_basic" not in methods,
        )


def _address(found: Mapping[str, Any], name: str, issuer: str) -> str:
    """Return an address of a provider; of https, unless it itself is not."""
    value = found.get(name)
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise unusable(f"its {name} is missing")
    try:
        parts = urlsplit(value)
    except ValueError as cause:
        raise unusable(f"its {name} cannot be used") from cause
    schemes = {"https", urlsplit(issuer).scheme}
    if parts.scheme not in schemes or not parts.hostname or "\\" in value or parts.username:
        raise unusable(f"its {name} cannot be used")
    return value


def unusable(why: str) -> HubReplyError:
    """Return the error for a provider that is not as it should be."""
    return HubReplyError(
        f"The sign-in server cannot be used: {why}",
        hint="Tell the operators of the hub; its settings name the issuer.",
    )
