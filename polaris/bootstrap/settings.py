"""The settings of a client."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urljoin

import attrs

from polaris.bootstrap import settings_values as values
from polaris.bootstrap.settings_sources import Found, default_config_file, resolve
from polaris.domain.fields import Validated, ValidatedMeta
from polaris.domain.secret import Secret
from polaris.errors import InvalidSettingsError

__all__ = ["PolarisHubSettings", "settings_with_origins"]

_DERIVED = {
    "api_url": "/api",
    "hub_token_url": "/api/auth/token",
    "callback_url": "/oauth2/callback",
}


def _cache_dir() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("polaris"))


class _FromSources(ValidatedMeta):
    """Completes the arguments by what environment and files say, then checks them all."""

    def __call__(cls, **given: Any) -> Any:
        found = _completed(cls, given)
        try:
            return super().__call__(**{name: entry.value for name, entry in found.items()})
        except InvalidSettingsError as error:
            placed = [
                problem._replace(message=f"{problem.message}, from {found[name].origin}")
                if (name := problem.path.partition(".")[0]) in found
                and found[name].origin != "argument"
                else problem
                for problem in error.problems
            ]
            raise InvalidSettingsError(problems=placed) from None


def _completed(cls: type, given: dict[str, Any]) -> dict[str, Found]:
    found = resolve(given, [field.name for field in attrs.fields(cls)])
    found.setdefault("config_file", Found(default_config_file(), "default"))
    hub_url = str(found["hub_url"].value) if "hub_url" in found else _DEFAULT_HUB
    if hub_url.startswith(("http://", "https://")):
        for name, path in _DERIVED.items():
            found.setdefault(name, Found(urljoin(hub_url, path), "derived from hub_url"))
    return found


_DEFAULT_HUB = "https://polarishub.io/"


def _optional(kind: Any) -> Any:
    def convert(value: Any) -> Any:
        return None if value is None else kind(value)

    return convert


def _setting(kind: Any, default: Any = None) -> Any:
    return attrs.field(default=default, converter=kind if default is not None else _optional(kind))


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
        ca_bundle: Path of a file of certificates to trust; False trusts any certificate.
        custom_metadata_prefix: Head of the names of metadata that object stores keep in headers.
        default_timeout: ``(connect, read)`` in seconds, ``"timeout"`` or ``"never"``.
        cache_dir: Folder for cached datasets.
        profile: Section of the profile file that is read.
        config_file: The profile file.
        env_file: A file of ``POLARIS_…=value`` lines; none is read unless one is given.

    Raises:
        InvalidSettingsError: Something is unknown, unreadable or breaks a rule; says where it is
            from.
    """

    error_type: ClassVar[type[InvalidSettingsError]] = InvalidSettingsError

    hub_url: str = _setting(values.hub_url, _DEFAULT_HUB)
    api_url: str | None = _setting(values.http_url)
    hub_token_url: str | None = _setting(values.http_url)
    authorize_url: str = _setting(values.http_url, "https://clerk.polarishub.io/oauth/authorize")
    callback_url: str | None = _setting(values.http_url)
    token_fetch_url: str = _setting(values.http_url, "https://clerk.polarishub.io/oauth/token")
    user_info_url: str = _setting(values.http_url, "https://clerk.polarishub.io/oauth/userinfo")
    scopes: str = _setting(values.text, "profile email")
    client_id: str = _setting(values.text, "agQP2xVM6JqMHvGc")
    username: str | None = _setting(values.text)
    password: Secret | None = _setting(values.secret)
    ca_bundle: str | bool | None = _setting(values.ca_bundle)
    custom_metadata_prefix: str = _setting(values.text, "X-Amz-Meta-")
    default_timeout: values.Timeout = _setting(values.timeout, (10, 200))
    cache_dir: Path = attrs.field(factory=_cache_dir, converter=values.folder)
    profile: str = _setting(values.text, "default")
    config_file: Path | None = _setting(values.folder)
    env_file: Path | None = _setting(values.folder)


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
