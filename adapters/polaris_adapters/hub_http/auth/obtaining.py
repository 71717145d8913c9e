"""Getting a sign-in where there is none: which road, and along it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import attrs

from polaris.domain.secret import Secret
from polaris.errors import PolarisHubError
from polaris.ports.interaction import Interaction, SignInEvent, Surroundings
from polaris.ports.tokens import SignIn, StoredToken
from polaris_adapters.hub_http.auth.announced_login import LoginClient, login_client
from polaris_adapters.hub_http.auth.authorization import Authorization
from polaris_adapters.hub_http.auth.device import sign_in_by_device
from polaris_adapters.hub_http.auth.discovery import LoginServer, discover
from polaris_adapters.hub_http.auth.identities import claims_of, claims_of_token, named
from polaris_adapters.hub_http.auth.loopback import listening
from polaris_adapters.hub_http.auth.refusals import Refusal
from polaris_adapters.hub_http.auth.roads import Choice, Road, choose
from polaris_adapters.hub_http.auth.sign_in_settings import SignInSettings
from polaris_adapters.hub_http.auth.token_endpoint import TokenRequests
from polaris_adapters.hub_http.auth.workload import WorkloadIdentity, found_identity
from polaris_adapters.hub_http.session import HttpSession

__all__ = ["Obtaining"]

# A hub of the first generation takes the login provider's token as it is, and has no such address.
_NO_EXCHANGE = {404, 405, 501}


@attrs.frozen
class Obtaining:
    """Gets tokens by every road there is.

    Attributes:
        session: Sends requests.
        settings: What the user set.
        person: Who may be asked.
        environment: Variables of the process.
        patience: Seconds to wait for somebody at a browser.
    """

    session: HttpSession
    settings: SignInSettings
    person: Interaction
    environment: Mapping[str, str] = attrs.field(repr=False)
    patience: float = 300.0
    _client: list[LoginClient] = attrs.field(factory=list, init=False, repr=False)

    @property
    def requests(self) -> TokenRequests:
        """Asks for tokens, as the client that the settings name."""
        return TokenRequests(self.session, self.settings.client_id)

    async def client(self) -> LoginClient:
        """Return as which client one signs in; the hub is asked once at most.

        Raises:
            HubUnreachableError: The hub cannot be asked.
        """
        if not self._client:
            self._client.append(await login_client(self.session, self.settings))
        return self._client[0]

    async def asking(self) -> TokenRequests:
        """Return what asks for tokens as that client."""
        return TokenRequests(self.session, (await self.client()).client_id)

    @property
    def has_credentials(self) -> bool:
        """Whether the settings say by whom to sign in, so that nobody has to be asked."""
        both = self.settings.username is not None and self.settings.password is not None
        return both or self.settings.identity_token_file is not None

    def workload(self) -> WorkloadIdentity | None:
        """Return the identity that the surroundings give this job."""
        return found_identity(
            self.session,
            self.environment,
            file=self.settings.identity_token_file,
            hub_url=self.settings.hub_url,
        )

    async def without_asking(self) -> SignIn | None:
        """Sign in by what settings and surroundings offer; None where they offer nothing.

        Raises:
            SignInError: The hub refused.
        """
        username, password = self.settings.username, self.settings.password
        if username is not None and password is not None:
            return await self._by_password(username, password)
        identity = self.workload()
        return None if identity is None else await self._by_workload(identity)

    async def _by_password(self, username: str, password: Secret) -> SignIn:
        try:
            token = await self.requests.by_password(self.settings.hub_token_url, username, password)
        except Refusal as refusal:
            raise refusal.as_error("sign in by user name and password") from None
        claims = {"username": username, **claims_of_token(token.access)}
        return named(self._new(Road.PASSWORD, hub=token), claims | {"username": username})

    async def _by_workload(self, identity: WorkloadIdentity) -> SignIn:
        subject = await identity.token()
        try:
            token = await self.requests.by_exchange(
                self.settings.hub_token_url,
                subject,
                subject_type="id_token",
                audience=self.settings.hub_url,
            )
        except Refusal as refusal:
            raise refusal.as_error(f"sign in by {identity.name}") from None
        found = self._new(Road.WORKLOAD, hub=token)
        claims = claims_of_token(token.access) or claims_of_token(subject)
        if not claims:
            claims = await claims_of(self.session, self.settings.user_info_url, found)
        return named(found, claims)

    async def by_person(self, *, auto_open_browser: bool) -> SignIn:
        """Sign in by the road that hub and surroundings offer; says which, and why.

        Raises:
            SignInError: It was declined, or no road is open.
            PolarisHubError: The login server or the hub refused or failed.
        """
        surroundings = await self.person.surroundings()
        server = await discover(self.session, self.settings)
        choice = choose(
            self.settings, surroundings, server, self.workload(), open_browser=auto_open_browser
        )
        await self.person.tell(choice.event)
        if choice.road is Road.WORKLOAD:
            found = await self.without_asking()
            assert found is not None
            return found
        try:
            external = await self._external(choice, server, surroundings)
            return await self._completed(external, choice.road, server)
        except Refusal as refusal:
            raise refusal.as_error("sign in") from None

    async def _external(
        self, choice: Choice, server: LoginServer, surroundings: Surroundings
    ) -> StoredToken:
        if choice.road is Road.DEVICE:
            assert server.device_authorization_endpoint is not None
            return await sign_in_by_device(
                await self.asking(),
                server.device_authorization_endpoint,
                server.token_endpoint,
                (await self.client()).scopes,
                self.person,
            )
        if choice.road is Road.BROWSER:
            return await self._by_browser(server)
        return await self._by_pasting(server, open_browser=choice.opens_browser)

    async def _by_browser(self, server: LoginServer) -> StoredToken:
        settings = self.settings
        where: dict[str, str | int] = {}
        if not settings.is_callback_derived:
            parts = urlsplit(settings.callback_url)
            where = {"host": parts.hostname or "127.0.0.1", "path": parts.path or "/"}
            where["port"] = parts.port or 0
        async with listening(**where) as loopback:  # type: ignore[arg-type]  # by name
            request = await self._request(server, loopback.redirect_uri)
            await self._show(request, opened=await self.person.open_browser(request.url))
            parameters = await loopback.redirected(request.is_answered_by, timeout=self.patience)
        return await self._redeemed(server, request, request.code(parameters))

    async def _by_pasting(self, server: LoginServer, *, open_browser: bool) -> StoredToken:
        request = await self._request(server, self.settings.callback_url)
        opened = open_browser and await self.person.open_browser(request.url)
        await self._show(request, opened=opened)
        text = await self.person.ask("Paste the code that the page shows:")
        return await self._redeemed(server, request, request.code_of_text(text))

    async def _request(self, server: LoginServer, redirect_uri: str) -> Authorization:
        client = await self.client()
        return Authorization(
            server, client_id=client.client_id, redirect_uri=redirect_uri, scope=client.scopes
        )

    async def _show(self, request: Authorization, *, opened: bool) -> None:
        text = "A page has been opened in your browser. If you do not see it, open:"
        await self.person.tell(
            SignInEvent(
                "browser",
                f"{text if opened else 'To sign in, open this page in a browser:'}\n{request.url}",
                {"url": request.url, "opened": opened},
            )
        )

    async def _redeemed(
        self, server: LoginServer, request: Authorization, code: Secret
    ) -> StoredToken:
        return await (await self.asking()).by_code(
            server.token_endpoint,
            code=code,
            redirect_uri=request.redirect_uri,
            verifier=request.verifier,
        )

    async def _completed(self, external: StoredToken, road: Road, server: LoginServer) -> SignIn:
        # A hub of ours is its own login server, and takes what that gives.
        direct = server.is_for(self.session.api_url)
        hub = None if direct else await self.exchanged(external)
        found = self._new(road, external=external, hub=hub)
        return named(found, await claims_of(self.session, server.userinfo_endpoint, found))

    async def exchanged(self, external: StoredToken) -> StoredToken | None:
        """Return the hub's token for one of the login provider; None where it takes that itself.

        Raises:
            SignInError: The hub refused.
            PolarisHubError: The hub failed.
        """
        if self.settings.generation == "g1":
            return None
        may_lack = self.settings.generation != "g2"
        try:
            return await self.requests.by_exchange(
                self.settings.hub_token_url, external.access, subject_type="access_token"
            )
        except Refusal as refusal:
            lacks = refusal.status in _NO_EXCHANGE or refusal.error == "unsupported_grant_type"
            if may_lack and lacks:
                return None
            raise refusal.as_error("exchange the sign-in for a token of the hub") from None
        except PolarisHubError as error:
            if may_lack and error.status in _NO_EXCHANGE:
                return None
            raise

    def _new(
        self, road: Road, *, external: StoredToken | None = None, hub: StoredToken | None = None
    ) -> SignIn:
        return SignIn(
            account="unknown",
            road=road.value,
            external=external,
            hub=hub,
            audience=self.session.api_url,
        )
