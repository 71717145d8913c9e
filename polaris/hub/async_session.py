"""A client's session with a hub: wiring, signing in and out, closing."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from polaris.bootstrap.container import HubContainer, build_container, close_container
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.domain.identity import HubOwner
from polaris.errors import ClosedError
from polaris.hub.use_cases import UseCases
from polaris.message_text import without_credentials
from polaris.ports.auth import Identity

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["AsyncHubSession"]


class AsyncHubSession:
    """What a client is before it knows of artifacts: wired, signed in or not, open or closed.

    Args:
        settings: Where the hub is and how to reach it; read from the environment and the profile
            file when omitted.
        cache_auth_token: Whether a sign-in is kept for the next client.
        container: The wiring; made from ``settings`` when omitted. Its owner closes it.
        **kwargs: Handed to the hub's HTTP client; of no effect on hubs without HTTP.

    Raises:
        InvalidSettingsError: The settings cannot be read, or break a rule.
        UnknownTransportError: No transport serves the scheme of the hub's URL.
    """

    def __init__(
        self,
        settings: PolarisHubSettings | None = None,
        cache_auth_token: bool = True,
        *,
        container: HubContainer | None = None,
        **kwargs: Any,
    ) -> None:
        self._owns_container = container is None
        if container is None:
            container = build_container(
                settings or PolarisHubSettings(),
                http_options={**kwargs, "cache_auth_token": cache_auth_token},
            )
        self._container: HubContainer = container
        self._closed = False
        self.settings: PolarisHubSettings = container.settings()
        # Fails here, and not at the first call, where no transport serves the URL.
        self._use_cases = UseCases(container)

    # -- signing in ---------------------------------------------------------------------------

    async def login(self, overwrite: bool = False, auto_open_browser: bool = True) -> Identity:
        """Sign in to the hub, by whatever road it and the surroundings offer.

        Args:
            overwrite: Sign in anew even if somebody is signed in already.
            auto_open_browser: Open the browser where the road leads through one.

        Returns:
            Who is signed in.

        Raises:
            PolarisUnauthorizedError: The hub refused, or no road is open.
        """
        return await self._open.transport.auth.sign_in(
            overwrite=overwrite, auto_open_browser=auto_open_browser
        )

    async def logout(self) -> None:
        """Sign out; does nothing when nobody is signed in."""
        await self._open.transport.auth.sign_out()

    @property
    def user_info(self) -> Awaitable[dict[str, Any]]:
        """What the hub says of the signed-in user: ``username``, ``email`` and more."""
        return self._user_info()

    async def _user_info(self) -> dict[str, Any]:
        identity = await self._open.transport.auth.identity()
        known = {"username": identity.user.slug, "email": identity.email}
        return {**identity.claims, **{k: v for k, v in known.items() if v is not None}}

    @property
    def user_as_owner(self) -> Awaitable[HubOwner]:
        """The signed-in user as an owner of artifacts."""
        return self._user_as_owner()

    async def _user_as_owner(self) -> HubOwner:
        return (await self._open.transport.auth.identity()).user

    async def close(self) -> None:
        """Release what the client holds; it cannot be used afterwards. May be called again."""
        if not self._closed:
            self._closed = True
            if self._owns_container:
                await close_container(self._container)

    async def __aenter__(self) -> Self:
        self.check_open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({without_credentials(self.settings.hub_url)!r})"

    def check_open(self) -> None:
        """Raise `ClosedError` if the client has been closed."""
        if self._closed:
            raise ClosedError(
                "The client has been closed", hint="Make a new one, or close it later."
            )

    @property
    def _open(self) -> UseCases:
        self.check_open()
        return self._use_cases
