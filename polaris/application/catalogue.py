"""Listing what a hub holds."""

from __future__ import annotations

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner, check_slug
from polaris.errors import InvalidInputError, Problem
from polaris.ports.artifacts import ArtifactPage, ArtifactQuery, ArtifactRecord, ArtifactRepository

__all__ = ["ListArtifacts", "LookUp"]

_MOST = 1000


@attrs.frozen
class ListArtifacts:
    """Lists artifacts of one kind, newest first.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(
        self,
        kind: ArtifactKind,
        *,
        limit: int = 100,
        offset: int = 0,
        owner: str | HubOwner | None = None,
        subject: ArtifactRef | None = None,
    ) -> list[ArtifactRecord]:
        """Return at most ``limit`` artifacts after passing over ``offset``.

        Raises:
            InvalidInputError: ``limit`` or ``offset`` is negative or no whole number, or the owner
                cannot be one.
            ArtifactNotFoundError: The hub does not have the subject.
        """
        problems = [
            Problem(name, f"must be a whole number from 0 up, not {value!r}")
            for name, value in (("limit", limit), ("offset", offset))
            if isinstance(value, bool) or not isinstance(value, int) or value < 0
        ]
        if owner is not None:
            try:
                # A listing would find nothing of such an owner, and not say why.
                owner = owner if isinstance(owner, HubOwner) else check_slug(owner)
            except InvalidInputError as error:
                problems += [problem._replace(path="owner") for problem in error.problems]
        if problems:
            raise InvalidInputError(problems=problems)
        found: list[ArtifactRecord] = []
        cursor: str | None = None
        while len(found) < limit:
            page = await self._page(
                kind, min(limit - len(found), _MOST), offset, cursor, owner, subject
            )
            found += page.records
            cursor = page.next_cursor
            if cursor is None:
                break
        if subject is not None and not found:
            await self.artifacts.get(subject)  # Raises where it is a mistake that nothing is found.
        return found

    async def _page(
        self,
        kind: ArtifactKind,
        limit: int,
        offset: int,
        cursor: str | None,
        owner: str | HubOwner | None,
        subject: ArtifactRef | None,
    ) -> ArtifactPage:
        return await self.artifacts.page(
            ArtifactQuery(
                kind,
                limit=limit,
                offset=offset,
                cursor=cursor,
                owner=None if owner is None else str(owner),
                subject=subject,
            )
        )


@attrs.frozen
class LookUp:
    """Returns what a hub's catalogue says of one artifact, without its objects.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(
        self, kind: ArtifactKind, owner: str | HubOwner, name: str
    ) -> ArtifactRecord:
        """Return the record.

        Raises:
            ArtifactNotFoundError: The hub has no such artifact.
        """
        return await self.artifacts.get(ArtifactRef.of(kind, owner, name))
