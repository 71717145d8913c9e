"""A Hub server in this process, for the tests of whoever uses Polaris."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from polaris.application.accounts.personal_tokens import DEFAULT_LIFE
from polaris.application.loop_thread import run_blocking
from polaris.bootstrap.container import HubContainer, close_container
from polaris.bootstrap.in_process.faults import Fault, fits
from polaris.bootstrap.in_process.orders import FaultOrders
from polaris.domain.accounts import Account, Scope
from polaris.domain.secret import Secret
from polaris.errors import ClosedError, MissingExtraError
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.client import PolarisHubClient
from polaris.testing.fakes.manual_clock import ManualClock

try:
    from polaris.bootstrap.in_process.connections import Asked
    from polaris.bootstrap.in_process.server import open_in_process_server
except ModuleNotFoundError as cause:
    if (cause.name or "").partition(".")[0] in ("polaris", "polaris_adapters"):
        raise  # Installing the extra would not mend it.
    raise MissingExtraError("A hub server in the process", extra="server") from cause

__all__ = ["Asked", "Fault", "InProcessHub"]


class InProcessHub(FaultOrders):
    """An empty Hub server in this process: the same application that ``polaris serve`` starts.

    It keeps everything in memory, opens no socket, and starts nothing that runs beside a test.
    Accounts, rights, tokens, the API and the scoring are those of a server. Its clock stands still
    until a test advances it; waits of clients, such as those between tries, advance it too and take
    no time. Close it when you are done, or use it as a context manager; pytest's fixture ``hub``
    does that.

    Faults are ordered for requests whose method and path fit two patterns (`fnmatch`: ``*`` stands
    for any characters, slashes too). Of several that fit a request, the one ordered first strikes.
    What an order returns counts in ``struck`` how often it did, and withdraws it with
    ``withdraw()`` or at the end of a ``with`` block.

    Example:
        >>> from polaris.hub.in_process_hub import InProcessHub
        >>> with InProcessHub() as hub:
        ...     hub.client("alice").list_datasets()
        []

    Args:
        url: Address that clients are given; ``https://`` and a name.
    """

    def __init__(self, url: str = "https://hub.test") -> None:
        self._server = open_in_process_server(url)
        super().__init__(self._server.faults)
        self._containers: list[HubContainer] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._closed = False

    @property
    def url(self) -> str:
        """The address of the hub; only its own clients reach it."""
        return self._server.url

    @property
    def clock(self) -> ManualClock:
        """The time of the hub and of its clients; ``clock.advance(seconds)`` lets it pass."""
        return self._server.clock

    @property
    def app(self) -> Any:
        """The ASGI application, to be called by other means than our clients; no fault strikes."""
        return self._server.app

    # -- people -------------------------------------------------------------------------------

    def add_user(self, slug: str, *, is_administrator: bool = False) -> Account:
        """Return the user of that slug, made if there is none.

        Raises:
            AccountNotFoundError: It is an organization's.
            InvalidNameError: It is no slug.
        """
        return run_blocking(self._server.people.user(slug, is_administrator=is_administrator))

    def add_organization(
        self, slug: str, owners: Iterable[str], members: Iterable[str] = ()
    ) -> Account:
        """Make an organization; its users are made if they are not there.

        Args:
            slug: Its slug.
            owners: Slugs of its owners, one at least.
            members: Slugs of its members.

        Raises:
            AccountExistsError: The slug is taken.
            InvalidInputError: It has no owner, or a slug is none.
        """
        people = self._server.people
        return run_blocking(people.organization(slug, owners=owners, members=members))

    def token(
        self,
        user: str = "alice",
        *,
        scopes: Iterable[Scope | str] = tuple(Scope),
        expires: timedelta | None = DEFAULT_LIFE,
    ) -> Secret:
        """Give a user, made if there is none, a personal token.

        Args:
            user: Slug of the user.
            scopes: What it allows: ``"read"``, ``"write"``, ``"admin"``.
            expires: How long it is good; None for ever.

        Raises:
            InvalidInputError: Slug, scopes or life cannot be one.
        """
        return run_blocking(self._server.people.token(user, scopes=scopes, expires=expires))

    def expire_tokens(self, user: str | None = None) -> int:
        """Let the tokens of a user, or of everybody, end now; return how many were good."""
        return run_blocking(self._server.people.expire(user))

    def revoke_tokens(self, user: str | None = None) -> int:
        """Take the tokens of a user, or of everybody, back; return how many were good."""
        return run_blocking(self._server.people.revoke(user))

    # -- clients ------------------------------------------------------------------------------

    def client(
        self,
        user: str = "alice",
        *,
        scopes: Iterable[Scope | str] = tuple(Scope),
        expires: timedelta | None = DEFAULT_LIFE,
        **settings: Any,
    ) -> PolarisHubClient:
        """Return a client as which a user, made if there is none, is signed in.

        It need not be closed: the hub does that at its own end.

        Args:
            user: Slug of the user.
            scopes: What the token of the client allows.
            expires: How long that is good.
            **settings: Of `PolarisHubSettings`, such as ``max_attempts=1``. Neither the
                environment nor the profile file has a say.

        Raises:
            InvalidInputError: Slug, scopes or life cannot be one.
            InvalidSettingsError: A setting is unknown, or breaks a rule.
        """
        token = self.token(user, scopes=scopes, expires=expires)
        return PolarisHubClient(container=self._container(token, settings))

    def async_client(
        self,
        user: str = "alice",
        *,
        scopes: Iterable[Scope | str] = tuple(Scope),
        expires: timedelta | None = DEFAULT_LIFE,
        **settings: Any,
    ) -> AsyncPolarisHubClient:
        """Return a client for code in an event loop; see `client`."""
        token = self.token(user, scopes=scopes, expires=expires)
        return AsyncPolarisHubClient(container=self._container(token, settings))

    def anonymous(self, **settings: Any) -> PolarisHubClient:
        """Return a client as which nobody is signed in; see `client`."""
        return PolarisHubClient(container=self._container(None, settings))

    def async_anonymous(self, **settings: Any) -> AsyncPolarisHubClient:
        """Return a client for code in an event loop as which nobody is signed in."""
        return AsyncPolarisHubClient(container=self._container(None, settings))

    def http_options(self, user: str | None = "alice") -> dict[str, Any]:
        """Return keywords with which a client that your code makes itself reaches this hub.

        Write ``PolarisHubClient(PolarisHubSettings(hub_url=hub.url), **hub.http_options())``. The
        time of such a client is the machine's: it really waits between tries.

        Args:
            user: Slug of who is signed in; None for nobody.
        """
        given: dict[str, Any] = {"transport": self._server.connections, "cache_auth_token": False}
        return given if user is None else {**given, "token": self.token(user)}

    def _container(self, token: Secret | None, settings: dict[str, Any]) -> HubContainer:
        if self._closed:
            raise ClosedError("The hub has been closed", hint="Make a new one.")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="polaris-hub-")
        options = {} if token is None else {"token": token}
        container = self._server.container(options, Path(self._folder.name), **settings)
        self._containers.append(container)
        return container

    # -- what happens -------------------------------------------------------------------------

    def work(self) -> int:
        """Score the submissions that are due, as the workers of a hub do.

        Returns:
            How many were worked on. One whose scoring failed for a reason that may pass is due
            again after half a minute of `clock`.
        """
        return run_blocking(self._server.work())

    @property
    def requests(self) -> list[Asked]:
        """What the clients have asked so far, in order, refused connections included."""
        return self._server.connections.asked

    def asked(self, path: str = "*", *, method: str = "*") -> list[Asked]:
        """Return those of `requests` whose path and method fit two patterns."""
        return [
            asked
            for asked in self.requests
            if fits(asked.method, asked.path, wanted_method=method, wanted_path=path)
        ]

    def corrupt(self, key: str) -> list[str]:
        """Flip the bits of one byte, the middle one, of objects that the hub keeps.

        Args:
            key: Pattern of their keys: ``datasets/alice/molecules/*/table.parquet``, or the end of
                that behind a slash, ``table.parquet``.

        Returns:
            The whole keys of those that were changed.

        Raises:
            InvalidInputError: It fits no object that has a byte.
        """
        return run_blocking(self._server.corrupt(key))

    # -- the end ------------------------------------------------------------------------------

    def close(self) -> None:
        """Release what its clients hold, and remove what they cached; may be called again."""
        self._closed = True
        while self._containers:
            run_blocking(close_container(self._containers.pop()))
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"
