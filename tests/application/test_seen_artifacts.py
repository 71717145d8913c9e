"""A catalogue as somebody sees it, and whose private artifacts somebody may see."""

from __future__ import annotations

import attrs
import pytest

from polaris.application.accounts.sight import may_see
from polaris.application.seen_artifacts import SeenArtifacts
from polaris.domain.accounts import Account, AccountType, Role
from polaris.domain.identity import ArtifactKind
from polaris.errors import ArtifactNotFoundError
from polaris.ports.artifacts import ArtifactQuery
from polaris.testing import InMemoryAccounts, InMemoryArtifacts, ManualClock
from polaris.testing.suites.artifact_drafts import draft_of, publish


class TestSeenArtifacts:
    async def test_what_is_private_is_there_for_who_sees_it(self) -> None:
        inner = InMemoryArtifacts(ManualClock())
        secret = await publish(inner, draft_of("secret"))
        shown = await publish(inner, draft_of("open", access="public"))
        asked = []

        async def sees(owner: str) -> bool:
            asked.append(owner)
            return len(asked) > 1

        artifacts = SeenArtifacts(inner, sees)
        assert await artifacts.get(shown.ref) == shown
        with pytest.raises(ArtifactNotFoundError, match="has no dataset acme/secret"):
            await artifacts.get(secret.ref)
        assert await artifacts.get(secret.ref) == secret
        assert asked == ["acme", "acme"]

    async def test_it_lists_nothing_private_and_publishes(self) -> None:
        async def sees(owner: str) -> bool:
            return True

        artifacts = SeenArtifacts(InMemoryArtifacts(ManualClock()), sees)
        await publish(artifacts, draft_of("secret"))
        shown = await publish(artifacts, draft_of("open", access="public"))
        page = await artifacts.page(ArtifactQuery(ArtifactKind.DATASET))
        assert page.records == (shown,)


class TestMaySee:
    @pytest.mark.parametrize(
        ("who", "owner", "expected"),
        [
            ("alice", "alice", True),
            ("alice", "bobby", False),
            ("alice", "acme", True),
            ("bobby", "acme", False),
            ("acme", "acme", True),
            # Whoever makes an organization may put anybody into it.
            ("acme", "alice", False),
            ("admin", "bobby", True),
            ("closed", "acme", False),
            ("nobody", "acme", False),
        ],
    )
    async def test_it_goes_by_the_roles_of_now(self, who: str, owner: str, expected: bool) -> None:
        assert await may_see(await _accounts(), who, owner) is expected

    async def test_a_hub_without_an_administrator_is_one_of_a_folder(self) -> None:
        assert await may_see(InMemoryAccounts(), "alice", "bobby")


async def _accounts() -> InMemoryAccounts:
    accounts, now = InMemoryAccounts(), ManualClock().now()
    kinds: dict[str, AccountType] = {
        "acme": "organization", "alice": "user", "bobby": "user", "closed": "user", "admin": "user"
    }  # fmt: skip
    for slug, kind in kinds.items():
        account = Account(id=slug, slug=slug, type=kind, created_at=now)
        await accounts.add(attrs.evolve(account, is_administrator=slug == "admin"))
    for slug in ("alice", "closed"):
        await accounts.set_role("acme", slug, Role.MEMBER)
    closed = await accounts.find("closed")
    assert closed is not None
    await accounts.change(attrs.evolve(closed, closed_at=now))
    return accounts
