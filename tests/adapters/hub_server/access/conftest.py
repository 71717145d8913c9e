"""A hub with accounts: an organization with an owner and a member, a stranger, an administrator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import attrs
import httpx
import pytest

from polaris.application.accounts.account_ports import AccountPorts
from polaris.application.accounts.secrets import digest_of_secret, new_secret
from polaris.domain.accounts import Account, Role, Scope
from polaris.domain.identity import ArtifactKind
from polaris.domain.secret import Secret
from polaris.ports.accounts import StoredPassword
from polaris.ports.artifacts import Access, ArtifactRecord
from polaris.ports.credentials import Credential, CredentialKind
from polaris.ports.storage import Write
from polaris.testing import (
    InMemoryAccounts,
    InMemoryArtifacts,
    InMemoryArtifactStorage,
    InMemoryAttempts,
    InMemoryCredentials,
    InMemoryHiddenTargets,
    InMemoryJobs,
    InMemoryTargetDeposit,
    ManualClock,
)
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.argon2_passwords import Argon2Costs, Argon2Passwords
from polaris_adapters.hub_server import Hub, Tickets, create_app
from polaris_adapters.hub_server.account_callers import AccountCallers

# As cheap as can be: nothing is worth guessing here.
HASHER = Argon2Passwords(Argon2Costs(passes=1, memory=8, lanes=1))
PASSWORD = Secret("correct horse battery")
STORED = StoredPassword(HASHER.hash(PASSWORD.reveal()))

SLUGS = {
    "stranger": "mallory",
    "member": "bobby",
    "owner": "alice",
    "administrator": "root-user",
}


@attrs.frozen
class World:
    """A hub with its stores, and ways to call it.

    Attributes:
        hub: The hub.
        accounts: Its accounts.
        credentials: Its credentials.
        callers: Knows whose tokens are.
        clock: Its clock.
        http: Calls it.
        tokens: Secrets that were given out, by name.
    """

    hub: Hub
    accounts: InMemoryAccounts
    credentials: InMemoryCredentials
    callers: AccountCallers
    clock: ManualClock
    http: httpx.AsyncClient
    tokens: dict[str, Secret] = attrs.field(factory=dict)

    async def user(self, slug: str, **given: Any) -> Account:
        account = Account(
            id=f"id-of-{slug}", slug=slug, type="user", created_at=self.clock.now(), **given
        )
        await self.accounts.add(account, password=STORED)
        return account

    async def organization(self, slug: str, **roles: Role) -> Account:
        account = Account(
            id=f"id-of-{slug}", slug=slug, type="organization", created_at=self.clock.now()
        )
        await self.accounts.add(account)
        for user, role in roles.items():
            await self.accounts.set_role(slug, user, role)
        return account

    async def close(self, slug: str) -> None:
        """Close an account, as another process does."""
        account = await self.accounts.find(slug)
        assert account is not None
        await self.accounts.change(attrs.evolve(account, closed_at=self.clock.now()))

    async def token(
        self,
        slug: str,
        *,
        scopes: frozenset[str] = frozenset(Scope),
        kind: CredentialKind = CredentialKind.PERSONAL,
        days: float = 30,
        family: str | None = None,
    ) -> Secret:
        """Give a user a token."""
        secret, now = new_secret(kind), self.clock.now()
        digest = digest_of_secret(secret)
        await self.credentials.add(
            Credential(
                kind=kind,
                digest=digest,
                account=f"id-of-{slug}",
                family=family or digest,
                scopes=scopes,
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
        return secret

    async def ask(
        self,
        method: str,
        path: str,
        *,
        who: str | Secret | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Make a call as somebody: a standing, or the bearer of a token."""
        token = self.tokens.get(who) if isinstance(who, str) else who
        sent = {} if token is None else {"authorization": f"Bearer {token.reveal()}"}
        return await self.http.request(method, path, headers={**sent, **(headers or {})}, **body)

    async def published(
        self,
        slug: str,
        *,
        kind: ArtifactKind = ArtifactKind.DATASET,
        access: Access = "private",
        content: str = "first",
        evaluate: bool = False,
        **given: Any,
    ) -> ArtifactRecord:
        """Publish an artifact of ``acme`` with one object, ``table``."""
        draft = draft_of(slug, content, kind=kind, access=access, **given)
        record = await publish(self.hub.artifacts, attrs.evolve(draft, evaluate=evaluate))
        store = await self.hub.storage.open(record.location, write=True)
        await store.put([Write("table", b"content of the table")])
        return record


OpenWorld = Callable[[], Awaitable[World]]


@pytest.fixture
async def world(open_world: OpenWorld) -> World:
    return await open_world()


@pytest.fixture
def open_world() -> OpenWorld:
    """Opens hubs that know nothing of each other."""
    return _open_world


async def _open_world() -> World:
    clock = ManualClock()
    jobs = InMemoryJobs(clock)
    accounts, credentials = InMemoryAccounts(), InMemoryCredentials()
    callers = AccountCallers(accounts, credentials, clock)
    artifacts = InMemoryArtifacts(clock, jobs)
    hub = Hub(
        artifacts,
        InMemoryArtifactStorage(),
        callers,
        clock,
        InMemoryTargetDeposit(InMemoryHiddenTargets()),
        jobs,
        Tickets(b"k" * 32),
        accounts=AccountPorts(
            accounts=accounts,
            credentials=credentials,
            passwords=HASHER,
            attempts=InMemoryAttempts(),
            clock=clock,
        ),
        history=artifacts.history,
    )
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(hub)), base_url="https://hub.example"
    )
    world = World(hub, accounts, credentials, callers, clock, http)
    for standing, slug in SLUGS.items():
        await world.user(slug, is_administrator=standing == "administrator")
        world.tokens[standing] = await world.token(slug)
    await world.organization("acme", alice=Role.OWNER, bobby=Role.MEMBER)
    return world
