"""The ports of a hub server, on the database and the store that its settings name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from polaris.application.accounts.account_ports import AccountPorts
from polaris.bootstrap.server.database import open_database
from polaris.bootstrap.server.settings import ServerSettings
from polaris.bootstrap.server.storage import open_stores, open_temporary_credentials
from polaris.ports.accounts import AccountStore, PasswordHasher
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.attempts import AttemptStore
from polaris.ports.buckets import TemporaryCredentials
from polaris.ports.clock import Clock
from polaris.ports.credentials import CredentialStore
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.jobs import JobQueue
from polaris.ports.keys import HubKeys
from polaris.ports.replies import ReplyStore
from polaris.ports.storage import StoragePort
from polaris_adapters.argon2_passwords import Argon2Passwords
from polaris_adapters.object_store.artifact_storage import RevisionStorage
from polaris_adapters.object_store.hidden_targets import StoredHiddenTargets, StoredTargetDeposit
from polaris_adapters.sql_catalogue import Database, SqlCatalogue, SqlJobs
from polaris_adapters.sql_catalogue.accounts import SqlAccounts
from polaris_adapters.sql_catalogue.attempts import SqlAttempts
from polaris_adapters.sql_catalogue.credentials import SqlCredentials
from polaris_adapters.sql_catalogue.keys import SqlKeys
from polaris_adapters.sql_catalogue.remembered_replies import SqlReplies
from polaris_adapters.system_clock import SystemClock

__all__ = ["ServerPorts", "open_server"]

# As many as have something to do at once, on most machines.
_KEPT_CONNECTIONS = 8


@attrs.frozen(kw_only=True)
class ServerPorts:
    """What stands behind a hub server. May be used from any event loop, thread or forked process.

    Attributes:
        clock: Tells and spends time.
        database: Where everything is that is no object; for what works on the whole of it.
        artifacts: The catalogue.
        history: Earlier versions, and what was deleted.
        jobs: The submissions that are to be scored.
        objects: The store behind ``storage``, as a whole.
        hidden_objects: The store behind ``deposit`` and ``hidden``, as a whole.
        incoming: Uploads of released clients that are not complete.
        storage: The objects of artifacts.
        temporary: Gives credentials of the store; None where it has no such service.
        deposit: Takes in test targets.
        hidden: Gives them to what scores.
        accounts: Users and organizations.
        credentials: What they show instead of a password.
        passwords: Hashes passwords.
        attempts: Counts tries to sign in.
        keys: What the hub signs with.
        replies: What has been answered lately.
        aclose: Releases everything; may be awaited more than once.
    """

    clock: Clock
    database: Database
    artifacts: ArtifactRepository
    history: ArtifactHistory
    jobs: JobQueue
    objects: StoragePort
    hidden_objects: StoragePort
    incoming: StoragePort
    storage: ArtifactStorage
    temporary: TemporaryCredentials | None
    deposit: TargetDeposit
    hidden: HiddenTargets
    accounts: AccountStore
    credentials: CredentialStore
    passwords: PasswordHasher
    attempts: AttemptStore
    keys: HubKeys
    replies: ReplyStore
    aclose: Callable[[], Awaitable[None]]

    @property
    def account_ports(self) -> AccountPorts:
        """What the use cases of accounts work with."""
        return AccountPorts(
            accounts=self.accounts,
            credentials=self.credentials,
            passwords=self.passwords,
            attempts=self.attempts,
            clock=self.clock,
        )


def open_server(settings: ServerSettings, clock: Clock | None = None) -> ServerPorts:
    """Open the ports of a hub server; what is not there yet is made, tables are brought up to date.

    A hub in a folder, as ``file:///folder`` makes it, is served as it is, and may be used in both
    ways at once.

    Args:
        settings: What the hub is made of.
        clock: Tells and spends time; the system's when omitted.

    Raises:
        InvalidSettingsError: What a setting names cannot be.
        MissingExtraError: A package that the database needs is not installed.
        PolarisHubError: The folder cannot be written, or the database not be opened.
    """
    clock = clock or SystemClock()
    stores = open_stores(settings)
    database = open_database(settings, keep=_KEPT_CONNECTIONS)
    artifacts = SqlCatalogue(database, clock)

    async def aclose() -> None:
        database.close()

    return ServerPorts(
        clock=clock,
        database=database,
        artifacts=artifacts,
        history=artifacts.history,
        jobs=SqlJobs(database, clock),
        objects=stores.objects,
        hidden_objects=stores.hidden,
        incoming=stores.incoming,
        storage=RevisionStorage(stores.objects),
        temporary=open_temporary_credentials(settings),
        deposit=StoredTargetDeposit(stores.hidden),
        hidden=StoredHiddenTargets(stores.hidden),
        accounts=SqlAccounts(database),
        credentials=SqlCredentials(database),
        passwords=Argon2Passwords(),
        attempts=SqlAttempts(database),
        keys=SqlKeys(database),
        replies=SqlReplies(database),
        aclose=aclose,
    )
