"""Who owns an artifact and how it is named: owner, slug, name, artifact id, URN."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import ClassVar, Literal, Self

import attrs

from polaris.domain.fields import Validated
from polaris.errors import InvalidInputError, InvalidNameError, Problem

__all__ = [
    "ArtifactKind",
    "ArtifactRef",
    "HubOwner",
    "check_name",
    "check_slug",
    "is_slug",
    "parse_kind",
    "slugify",
]

_SLUG = re.compile(r"[a-z0-9-]{4,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{4,64}")


def check_slug(slug: str) -> str:
    """Return ``slug`` if it is one: 4 to 64 of ``a-z``, ``0-9`` and ``-``.

    Raises:
        InvalidNameError: It is not.
    """
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise InvalidNameError(
            f"{slug!r} is not a valid slug",
            hint="Slugs and owners have 4 to 64 characters: a-z, 0-9 and '-'.",
        )
    return slug


def is_slug(text: str) -> bool:
    """Say whether a text is a slug; see `check_slug`."""
    return bool(_SLUG.fullmatch(text))


def check_name(name: str) -> str:
    """Return ``name`` if it is one: 4 to 64 of letters, digits, ``_`` and ``-``.

    Raises:
        InvalidNameError: It is not.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidNameError(
            f"{name!r} is not a valid name",
            hint="Names have 4 to 64 characters: A-Z, a-z, 0-9, '_' and '-'.",
        )
    return name


def slugify(name: str) -> str:
    """Return the slug of a name: lower case, ``_`` to ``-``, without ``-`` at the ends."""
    return name.lower().replace("_", "-").strip("-")


@attrs.frozen
class HubOwner(Validated):
    """A user or an organization of a hub.

    Attributes:
        slug: 4 to 64 of ``a-z``, ``0-9`` and ``-``.
        external_id: Identifier at the login provider.
        type: What kind of owner it is, if known.
    """

    error_type: ClassVar[type[InvalidNameError]] = InvalidNameError
    # Names that other clients' documents and tutorials carry.
    computed: ClassVar[frozenset[str]] = frozenset(
        {"user_id", "userId", "organization_id", "organizationId"}
    )

    slug: str = attrs.field(converter=check_slug)
    external_id: str | None = attrs.field(default=None, kw_only=True)
    type: Literal["user", "organization"] | None = attrs.field(default=None, kw_only=True)

    def __str__(self) -> str:
        return self.slug

    @classmethod
    def normalize(cls, owner: str | HubOwner) -> HubOwner:
        """Return ``owner`` as a `HubOwner`, whether it came as one or as its slug."""
        return owner if isinstance(owner, HubOwner) else cls(owner)


class ArtifactKind(StrEnum):
    """The kinds of artifact; the value is the type in the URN."""

    DATASET = "dataset"
    BENCHMARK = "benchmark"
    RESULT = "result"
    MODEL = "model"
    PREDICTION = "prediction"
    COMPETITION = "competition"
    COMPETITION_PREDICTION = "competition-prediction"
    COMPETITION_RESULT = "competitionResult"


def parse_kind(value: ArtifactKind | str) -> ArtifactKind:
    """Return a kind of artifact, given it or its name.

    Raises:
        InvalidInputError: There is no such kind.
    """
    try:
        return ArtifactKind(value)
    except ValueError:
        raise InvalidInputError(
            f"{value!r} is not a kind of artifact", hint=f"Give one of {', '.join(ArtifactKind)}."
        ) from None


@attrs.frozen(order=True)
class ArtifactRef:
    """What identifies one artifact on a hub: its kind, its owner's slug and its own slug."""

    kind: ArtifactKind
    owner: str = attrs.field(converter=check_slug)
    slug: str = attrs.field(converter=check_slug)

    @property
    def artifact_id(self) -> str:
        """``owner/slug``."""
        return f"{self.owner}/{self.slug}"

    @property
    def urn(self) -> str:
        """``urn:polaris:{kind}:{owner}:{slug}``."""
        return f"urn:polaris:{self.kind}:{self.owner}:{self.slug}"

    def __str__(self) -> str:
        return f"{self.kind} {self.artifact_id}"

    @classmethod
    def of(cls, kind: ArtifactKind, owner: str | HubOwner, name: str) -> Self:
        """Make a reference from an owner and a name or slug, as users type them.

        What is a slug already stays as it is, hyphens at its ends included.

        Raises:
            InvalidNameError: Owner or name cannot be one; both are reported together.
        """
        # What is no text is left for the check, which tells of it.
        is_slug = not isinstance(name, str) or _SLUG.fullmatch(name)
        slug = name if is_slug else slugify(name)
        owner = owner.slug if isinstance(owner, HubOwner) else owner
        problems: list[Problem] = []
        for field, text in (("owner", owner), ("name", slug)):
            try:
                check_slug(text)
            except InvalidNameError as error:
                problems.append(Problem(field, error.message, error.hint))
        if problems:
            raise InvalidNameError(problems=problems)
        return cls(kind, owner, slug)

    @classmethod
    def parse(cls, kind: ArtifactKind, artifact_id: str) -> Self:
        """Make a reference from ``owner/slug`` or a URN of that kind.

        Raises:
            InvalidNameError: The text is neither.
        """
        prefix = f"urn:polaris:{kind}:"
        if not isinstance(artifact_id, str):
            raise InvalidNameError(
                f"{artifact_id!r} is not the id of a {kind}", hint="Write owner/slug."
            )
        if artifact_id.startswith(prefix):
            parts = artifact_id[len(prefix) :].split(":")
        else:
            parts = artifact_id.split("/")
        if len(parts) != 2:
            raise InvalidNameError(
                f"{artifact_id!r} is not the id of a {kind}",
                hint=f"Write owner/slug, or {prefix}owner:slug.",
            )
        return cls.of(kind, *parts)
