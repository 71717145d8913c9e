"""A hub that schemathesis calls in this process, and what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import schemathesis
from hypothesis import strategies as st
from schemathesis.engine import events, from_schema
from starlette.applications import Starlette

from polaris.application.accounts.organizations import create_organization, set_role
from polaris.application.accounts.personal_tokens import issue_token
from polaris.application.accounts.users import create_user
from polaris.application.native_wire.bundle import BUNDLE_TYPE, bundled
from polaris.bootstrap.server.app import build_app
from polaris.bootstrap.server.ports import ServerPorts, open_server
from polaris.bootstrap.server.settings import ServerSettings
from polaris.domain.accounts import Account, Role, Scope
from polaris.domain.identity import ArtifactKind
from polaris.ports.artifacts import Access
from polaris.ports.credentials import Credential, CredentialKind
from polaris.ports.storage import Write
from polaris.testing.suites.artifact_drafts import draft_of, publish
from polaris_adapters.argon2_passwords import Argon2Costs, Argon2Passwords
from polaris_adapters.hub_server.openapi import document_of
from tests.adapters.hub_server.openapi.closing import closed

BASE = "https://hub.example"
# Several, as some are deleted.
SLUGS = [f"{access}-{number}" for number in range(4) for access in ("public", "private")]
PHASES = ("examples", "coverage", "fuzzing", "stateful")

# A schema cannot tell how these are written.
schemathesis.openapi.media_type(
    BUNDLE_TYPE,
    st.builds(
        lambda contents: bundled(
            [{"key": key, "size": len(data)} for key, data in contents.items()], contents.values()
        ),
        st.dictionaries(st.text("abc/", min_size=1, max_size=4), st.binary(max_size=8), max_size=3),
    ),
)

# What a well-formed request may get that asks for what is not there, or may not be.
_REFUSED = ["400", "401", "403", "404", "409", "412", "415", "416", "422", "429"]


@attrs.frozen
class _Lasting:
    """A store of accounts or credentials in which some of them stay whatever is done to them.

    Else a call would sign out, or close the account of, who makes all the others.
    """

    store: Any
    kept: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def find(self, *given: Any) -> Any:
        for one in self.kept:
            names = (one.digest,) if isinstance(one, Credential) else (one.slug,)
            if given[-1] in names:
                return one
        return await self.store.find(*given)

    async def find_by_id(self, id: str) -> Any:
        return next((one for one in self.kept if one.id == id), None) or (
            await self.store.find_by_id(id)
        )


@attrs.frozen
class World:
    """A hub with an administrator, a member of an organization, and something in it.

    Attributes:
        app: The hub.
        ports: What it drives.
        tokens: Secrets by who has them; ``nobody`` has none.
        revisions: Of what is in it.
    """

    app: Starlette
    ports: ServerPorts
    tokens: Mapping[str, str]
    revisions: tuple[str, ...]

    def known(self) -> dict[str, Any]:
        """Return what makes most calls ask for something that is there."""
        values = {
            "kind": ["dataset", "model"],
            "owner": ["acme"],
            "slug": [*SLUGS, "the-member", "acme"],
            "name": SLUGS,
            "revision": self.revisions,
            "key": ["table.parquet"],
            "user": ["the-member", "the-administrator"],
            "version": ["1"],
        }
        return {
            "dictionaries": {name: {"values": list(known)} for name, known in values.items()},
            "parameters": {
                f"path.{name}": {"dictionary": name, "probability": 0.8} for name in values
            },
        }

    def headers(self, who: str) -> dict[str, str]:
        token = self.tokens.get(who)
        return {} if token is None else {"Authorization": f"Bearer {token}"}


def open_world(folder: Path) -> World:
    settings = ServerSettings(data=folder, url=BASE, allowed_hosts=("testserver",), jobs=False)
    # As cheap as can be: nothing is worth guessing here.
    cheap = Argon2Passwords(Argon2Costs(passes=1, memory=8, lanes=1))
    ports = attrs.evolve(open_server(settings), passwords=cheap)
    return asyncio.run(_filled(ports, settings))


async def _filled(ports: ServerPorts, settings: ServerSettings) -> World:
    kept: list[Account] = []
    tokens: dict[str, str] = {}
    for who in ("administrator", "member"):
        made = await create_user(
            ports.account_ports, f"the-{who}", is_administrator=who == "administrator"
        )
        issued = await issue_token(
            ports.account_ports, made.account, name=who, scopes=set(Scope), granted=None
        )
        kept.append(made.account)
        tokens[who] = issued.secret.reveal()
    await create_organization(ports.account_ports, "acme", owner="the-administrator")
    await set_role(ports.account_ports, "acme", "the-member", Role.MEMBER)
    revisions: list[str] = []
    for kind in (ArtifactKind.DATASET, ArtifactKind.MODEL):
        for slug in SLUGS:
            access: Access = "public" if slug.startswith("public") else "private"
            record = await publish(ports.artifacts, draft_of(slug, kind=kind, access=access))
            store = await ports.storage.open(record.location, write=True)
            await store.put([Write("table.parquet", b"0123456789" * 10)])
            revisions.append(record.location.revision)
    credentials = [
        credential
        for account in kept
        for credential in await ports.credentials.of_account(account.id, CredentialKind.PERSONAL)
    ]
    lasting = attrs.evolve(
        ports,
        accounts=_Lasting(ports.accounts, tuple(kept)),
        credentials=_Lasting(ports.credentials, tuple(credentials)),
    )
    return World(build_app(lasting, settings), ports, tokens, tuple(dict.fromkeys(revisions)))


def found_by(
    world: World, who: str, *, examples: int, phases: Sequence[str], only: str = ""
) -> tuple[list[str], int]:
    """Run schemathesis over the document of a hub; return what it found, and how often it called.

    Args:
        world: The hub.
        who: Makes the calls.
        examples: Requests that are made up for each operation.
        phases: Which phases of schemathesis run.
        only: Pattern of the paths that are called; all when omitted.
    """
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "continue-on-failure": True,
            "headers": world.headers(who),
            "base-url": BASE,
            "max-redirects": 0,
            "generation": {
                "max-examples": examples,
                "deterministic": True,
                "database": "none",
                "no-shrink": True,
            },
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *_REFUSED]},
                # Pages lead elsewhere whom they do not know.
                "negative_data_rejection": {"expected-statuses": ["303", "405", *_REFUSED]},
            },
            "phases": {name: {"enabled": name in phases} for name in PHASES},
            **world.known(),
            "operations": [
                {
                    # Whoever writes below 'ls' means a key that begins so.
                    "include-path-regex": "/storage/dataset/.*/ls",
                    "checks": {
                        "unsupported_method": {"enabled": False},
                        "allow_header_conformance": {"enabled": False},
                    },
                },
                {
                    # S3 refuses who does not sign with 403.
                    "include-path-regex": "^/s3/",
                    "checks": {"missing_required_header": {"enabled": False}},
                },
                *([{"exclude-path-regex": only, "enabled": False}] if only else []),
            ],
        }
    )
    schema = schemathesis.openapi.from_dict(
        closed(document_of(world.app.routes, base=BASE)), config=config
    )
    schema.app = world.app
    found: list[str] = []
    calls = 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            calls += len(event.recorder.interactions)
            found += _failures(event)
        elif isinstance(event, events.NonFatalError):
            found.append(f"{event.label}: {event.info.format()}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found, calls


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                case = event.recorder.cases[case_id].value
                yield (
                    f"{case.operation.label}: {check.name}: {failure.title}: {failure.message}\n"
                    + check.failure_info.code_sample
                )
