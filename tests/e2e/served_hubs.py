"""Hubs that `polaris serve` serves for a whole run of the tests, and that tests find empty.

Accounts, tokens and the process stay; what is published is removed, from the database and the
store, before each test.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from sqlalchemy import delete, text

from polaris.bootstrap.server.ports import ServerPorts, open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.sql_catalogue.accounts_tables import remembered_replies
from polaris_adapters.sql_catalogue.tables import artifacts, jobs, revisions
from tests.e2e.serve.servers import Serve, Serving
from tests.e2e.visitor import NEW_PASSWORD, Visitor

__all__ = ["ORGANIZATIONS", "OWNER", "PASSWORD", "STRANGER", "ServedHub", "served_hub"]

OWNER, STRANGER, PASSWORD = "alice-u", "mallory", NEW_PASSWORD
# Those whose artifacts the conformance suites and the scenarios publish.
ORGANIZATIONS = ("acme", "other", "acme-corp", "acme-cor", "nobody")


@attrs.frozen(eq=False)
class ServedHub:
    """A hub in processes of its own, with two users; the first one owns every organization.

    Attributes:
        serve: Starts servers.
        serving: The one that serves.
        variables: Its settings, as variables of the environment.
        ports: What stands behind it, for tests that look there.
        tokens: A personal token of each user.
    """

    serve: Serve
    serving: Serving
    variables: Mapping[str, str]
    ports: ServerPorts
    tokens: dict[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def url(self) -> str:
        """Its address, without a ``/`` at its end."""
        return self.serving.url

    def operate(self, *arguments: str) -> str:
        """Run a command of operators on its machine, and return what it wrote."""
        done = self.serving.run("hub", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def beside(self, **variables: str) -> Serving:
        """Start one more server of the same hub, with other settings; end it by `Serving.stop`."""
        given = {**self.variables, **variables}
        return self.serve("--no-jobs", data=self.serving.data, settings=given)

    def requests(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Return what its log tells of requests, from a line of the log on."""
        lines = (json.loads(line) for line in self.serving.log[since:] if line.startswith("{"))
        return [line for line in lines if line.get("logger") == "polaris.access"]

    def empty(self) -> None:
        """Remove everything that was published, deleted or begun."""
        asyncio.run(_remove_objects(self.ports))
        with self.ports.database.writing() as connection:
            for table in (jobs, revisions, artifacts, remembered_replies):
                connection.execute(delete(table))
            if connection.dialect.name == "sqlite":
                connection.execute(text("DELETE FROM artifact_words"))


async def _remove_objects(ports: ServerPorts) -> None:
    for store in (ports.objects, ports.hidden_objects, ports.incoming):
        async for page in store.list():
            await store.delete([stat.key for stat in page])


@contextmanager
def served_hub(home: Path, *arguments: str, **settings: str) -> Iterator[ServedHub]:
    """Start a hub as an operator would, and make its accounts.

    Args:
        home: A folder for its machine.
        *arguments: Of ``polaris serve``.
        **settings: Of the server.
    """
    serve = Serve(home)
    named = {"data": str(home / "hub"), **settings}
    variables = {f"POLARIS_SERVER_{name.upper()}": value for name, value in named.items()}
    try:
        serving = serve(
            "--no-jobs", "--log-format", "json", *arguments,
            data=home / "hub", settings=variables,
        )  # fmt: skip
        given: dict[str, Any] = dict(named)
        hub = ServedHub(serve, serving, variables, open_server(ServerSettings(**given)))
        _make_accounts(hub)
        yield hub
        hub.ports.database.close()
    finally:
        serve.close()


def _make_accounts(hub: ServedHub) -> None:
    for user, email in ((OWNER, "alice@example.org"), (STRANGER, "mallory@example.org")):
        temporary = hub.operate("user", "add", user, "--email", email, "-q")
        visitor = Visitor(user, temporary)
        visitor.visit(f"{hub.url}/account", shows="Personal tokens</h2>")
        visitor.close()
        hub.tokens[user] = hub.operate("token", "new", user)
    for organization in ORGANIZATIONS:
        hub.operate("org", "add", organization, "--owner", OWNER)
