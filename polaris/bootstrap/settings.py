"""The settings of a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin

import attrs
from attrs.converters import optional

from polaris.bootstrap import settings_values as values
from polaris.bootstrap.settings_reading import FromSources
from polaris.bootstrap.settings_sources import Found, default_config_file, resolve
from polaris.domain.fields import Validated
from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError
from polaris.message_text import without_credentials

__all__ = ["PolarisHubSettings", "settings_with_origins"]

_DERIVED = {
    "api_url": "/api",
    "hub_token_url": "/api/auth/token",
    "callback_url": "/oauth2/callback",
}


def _cache_dir() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("polaris"))


def _url_repr(url: str | None) -> str:
    return without_credentials(repr(url))


class _FromSources(FromSources):
    def found(cls, given: dict[str, Any]) -> dict[str, Found]:
        return _completed(cls, given)


def _completed(cls: type, given: dict[str, Any]) -> dict[str, Found]:
    found = resolve(given, [field.name for field in attrs.fields(cls)])
    found.setdefault("config_file", Found(default_config_file(), "default"))
    hub_url = str(found["hub_url"].value) if "hub_url" in found else _DEFAULT_HUB
    if hub_url.startswith(("http://", "https://")):
        for name, path in _DERIVED.items():
            found.setdefault(name, Found(urljoin(hub_url, path), "derived from hub_url"))
    return found


_DEFAULT_HUB = "https://polarishub.io/"


@attrs.frozen(kw_only=True)
class PolarisHubSettings(Validated, metaclass=_FromSources):
    """Where a hub is, and how to reach it.

    Read when it is constructed: an argument wins over the environment variable of the same name
    (``POLARIS_HUB_URL`` and so on), that over the ``env_file`` if one is given, that over the
    profile file, that over the default. The profile file is TOML with a section for each profile;
    values of ``[default]`` hold for every profile that does not set them.

    The values that OAuth needs need not be kept secret, since the hub uses PKCE (RFC 7636).

    Attributes:
        hub_url: The hub. ``file:///folder`` is one in a folder of this machine, ``memory://name``
            one in this process.
        api_url: Base of the calls of its API; below ``hub_url`` unless given.
        hub_token_url: Where the hub gives tokens of its own; below ``hub_url`` unless given.
        authorize_url: The OAuth 2 authorization endpoint.
        callback_url: Where the browser is sent after authorization; below ``hub_url`` unless given.
        token_fetch_url: The OAuth 2 token endpoint.
        user_info_url: The OpenID Connect user info endpoint.
        scopes: The scopes that are asked for, separated by spaces.
        client_id: The OAuth 2 client.
        username: With ``password``, for hubs that offer signing in by these.
        password: See ``username``.
        token: A token that calls carry as it is, instead of signing in.
        identity_token_file: A file with a token that says who this job is, kept fresh by the
            platform; it is exchanged for one of the hub.
        token_store: Where sign-ins are kept: ``"file"``, the system's ``"keyring"``, or
            ``"memory"``, until the process ends. ``"auto"`` is a file.
        ca_bundle: Path of a file, or a folder, of certificates to trust; True, or None, trusts what
            the system does, False any certificate.
        custom_metadata_prefix: Head of the names of metadata that object stores keep in headers.
        default_timeout: ``(connect, read)`` in seconds, ``"timeout"`` or ``"never"``.
        max_attempts: How often a call is made at most, the first time included.
        total_timeout: Seconds that all tries of a call may take together.
        generation: The protocol that the hub speaks: ``"g1"``, ``"g2"``, ``"g3"``, or ``"auto"`` to
            find out.
        cache_dir: Folder for cached datasets.
        profile: Section of the profile file that is read.
        config_file: The profile file.
        env_file: A file of ``POLARIS_…=value`` lines; none is read unless one is given.

    Raises:
        InvalidSettingsError: Something is unknown, unreadable or breaks a rule; says where it is
            from.
    """

    error_type: ClassVar[type[InvalidSettingsError]] = InvalidSettingsError

    hub_url: str = attrs.field(default=_DEFAULT_HUB, converter=values.hub_url, repr=_url_repr)
    api_url: str | None = attrs.field(
        default=None, converter=optional(values.http_url), repr=_url_repr
    )
    hub_token_url: str | None = attrs.field(
        default=None, converter=optional(values.http_url), repr=_url_repr
    )
    authorize_url: str = attrs.field(
        default="https://clerk.polarishub.io/oauth/authorize",
        converter=values.http_url,
        repr=_url_repr,
    )
    callback_url: str | None = attrs.field(
        default=None, converter=optional(values.http_url), repr=_url_repr
    )
    token_fetch_url: str = attrs.field(
        default="https://clerk.polarishub.io/oauth/token",
        converter=values.http_url,
        repr=_url_repr,
    )
    user_info_url: str = attrs.field(
        default="https://clerk.polarishub.io/oauth/userinfo",
        converter=values.http_url,
        repr=_url_repr,
    )
    scopes: str = attrs.field(default="profile email", converter=values.text)
    client_id: str = attrs.field(default="agQP2xVM6JqMHvGc", converter=values.text)
    username: str | None = attrs.field(default=None, converter=optional(values.text))
    password: Secret | None = attrs.field(default=None, converter=optional(values.secret))
    token: Secret | None = attrs.field(default=None, converter=optional(values.secret))
    identity_token_file: Path | None = attrs.field(default=None, converter=optional(values.folder))
    token_store: str = attrs.field(default="auto", converter=values.token_store)
    ca_bundle: str | bool | None = attrs.field(default=None, converter=optional(values.ca_bundle))
    custom_metadata_prefix: str = attrs.field(default="X-Amz-Meta-", converter=values.text)
    default_timeout: values.Timeout = attrs.field(default=(10, 200), converter=values.timeout)
    max_attempts: int = attrs.field(default=6, converter=values.attempts)
    total_timeout: float = attrs.field(default=120.0, converter=values.seconds)
    generation: str = attrs.field(default="auto", converter=values.generation)
    cache_dir: Path = attrs.field(factory=_cache_dir, converter=values.folder)
    profile: str = attrs.field(default="default", converter=values.text)
    config_file: Path | None = attrs.field(default=None, converter=optional(values.folder))
    env_file: Path | None = attrs.field(default=None, converter=optional(values.folder))


def settings_with_origins(**given: Any) -> tuple[PolarisHubSettings, dict[str, str]]:
    """Return settings, and for each of them where its value is from.

    Args:
        **given: As for `PolarisHubSettings`.

    Raises:
        InvalidSettingsError: See `PolarisHubSettings`.
    """
    settings = PolarisHubSettings(**given)
    found = _completed(PolarisHubSettings, given)
    names = [field.name for field in attrs.fields(PolarisHubSettings)]
    return settings, {name: found[name].origin if name in found else "default" for name in names}
