"""Listing what a hub holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypedDict, get_args

import attrs

from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner, check_slug
from polaris.errors import InvalidInputError, Problem
from polaris.ports.artifacts import ArtifactQuery, ArtifactRecord, ArtifactRepository, Sort

__all__ = ["ListArtifacts", "LookUp", "Narrowing", "OwnerNarrowing", "parse_moment"]

_MOST = 1000


class Narrowing(TypedDict, total=False):
    """What a listing may be narrowed to, and its order.

    Attributes:
        search: Only those in whose owner, slug, name, tags or description each word of this text
            begins a word, without regard to case.
        tags: Only those that have all these tags; one may be given as it is.
        sort: ``created``, ``updated`` or ``name``: what the order goes by.
        descending: Whether the greatest comes first; by default the newest, and the first of names.
        created_since: Only those that were first published then or later; as a `datetime` or as
            text, ``2024-01-31`` or ``2024-01-31T10:00:00Z``; UTC unless it says otherwise.
        updated_since: Only those whose newest revision was published then or later.
    """

    search: str | None
    tags: str | Iterable[str] | None
    sort: Sort
    descending: bool | None
    created_since: datetime | str | None
    updated_since: datetime | str | None


class OwnerNarrowing(Narrowing, total=False):
    """The same, and whose artifacts.

    Attributes:
        owner: Only those of this owner.
    """

    owner: str | HubOwner | None


@attrs.frozen
class ListArtifacts:
    """Lists artifacts of one kind, newest first unless another order is asked for.

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
        search: str | None = None,
        tags: str | Iterable[str] | None = None,
        sort: Sort = "created",
        descending: bool | None = None,
        created_since: datetime | str | None = None,
        updated_since: datetime | str | None = None,
    ) -> list[ArtifactRecord]:
        """Return at most ``limit`` artifacts after passing over ``offset``; see `Narrowing`.

        Raises:
            InvalidInputError: ``limit`` or ``offset`` is negative or no whole number, the owner
                cannot be one, or what is searched for has no word.
            ArtifactNotFoundError: The hub does not have the subject.
        """
        problems = [
            Problem(name, f"must be a whole number from 0 up, not {value!r}")
            for name, value in (("limit", limit), ("offset", offset))
            if isinstance(value, bool) or not isinstance(value, int) or value < 0
        ]
        if sort not in get_args(Sort):
            problems.append(Problem("sort", f"must be created, updated or name, not {sort!r}"))
        given = {"created_since": created_since, "updated_since": updated_since}
        since: dict[str, datetime | None] = {}
        try:
            # A listing would find nothing of an owner that cannot be, and not say why.
            if owner is not None and not isinstance(owner, HubOwner):
                check_slug(owner)
        except InvalidInputError as error:
            problems += [problem._replace(path="owner") for problem in error.problems]
        for name, value in given.items():
            try:
                since[name] = None if value is None else parse_moment(value)
            except InvalidInputError as error:
                problems += [problem._replace(path=name) for problem in error.problems]
        if problems:
            raise InvalidInputError(problems=problems)
        query = ArtifactQuery(
            kind,
            limit=min(limit, _MOST),
            offset=offset,
            owner=None if owner is None else str(owner),
            subject=subject,
            text=search,
            tags=frozenset([tags] if isinstance(tags, str) else tags or ()),
            sort=sort,
            descending=descending,
            created_since=since["created_since"],
            updated_since=since["updated_since"],
            with_total=False,
        )
        found = await self._walk(query, limit)
        if subject is not None and not found:
            await self.artifacts.get(subject)  # Raises where it is a mistake that nothing is found.
        return found

    async def _walk(self, query: ArtifactQuery, limit: int) -> list[ArtifactRecord]:
        found: list[ArtifactRecord] = []
        while len(found) < limit:
            query = attrs.evolve(query, limit=min(limit - len(found), _MOST))
            page = await self.artifacts.page(query)
            found += page.records
            if page.next_cursor is None:
                break
            query = attrs.evolve(query, cursor=page.next_cursor)
        return found


def parse_moment(value: datetime | str) -> datetime:
    """Return a time that a user gave; without a time zone it is UTC.

    Raises:
        InvalidInputError: It is none.
    """
    found: Any = value
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        moment: datetime = found.astimezone(UTC)
    except (ValueError, OverflowError, AttributeError, TypeError) as cause:
        raise InvalidInputError(
            f"{value!r:.80} is not a time", hint="Write 2024-01-31 or 2024-01-31T10:00:00Z."
        ) from cause
    return moment


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
