"""What all artifacts have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any, ClassVar, cast

import attrs
from packaging.version import InvalidVersion, Version

from polaris.domain.fields import Validated, check_assignment, frozen, keywords, rule
from polaris.domain.html import card
from polaris.domain.identity import (
    ArtifactKind,
    ArtifactRef,
    HubOwner,
    check_name,
    check_slug,
    slugify,
)
from polaris.domain.short_text import few
from polaris.errors import InvalidInputError, Problem

__all__ = [
    "Artifact",
    "VersionedArtifact",
    "library_version",
    "parse_artifact_id",
    "positive",
    "text",
    "text_list",
    "text_map",
]


@cache
def library_version() -> str:
    """Return the version of this library, ``"dev"`` when it is not installed."""
    try:
        return metadata.version("polaris-hub")
    except metadata.PackageNotFoundError:
        return "dev"


def text(value: Any) -> str:
    """Return a text unchanged; refuse anything else."""
    if not isinstance(value, str):
        raise InvalidInputError(f"must be a text, not {type(value).__name__}")
    return value


def text_list(value: Any) -> list[str]:
    """Return a list of texts; refuse anything else."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InvalidInputError(f"must be a list of texts, not {type(value).__name__}")
    return [text(item) for item in value]


def text_map(value: Any) -> dict[str, str]:
    """Return a mapping of text to text; refuse anything else, naming every bad entry."""
    if not isinstance(value, Mapping):
        raise InvalidInputError(f"must be a mapping of texts, not {type(value).__name__}")
    problems = [
        Problem(str(key), f"must be a text, not {type(item).__name__}")
        for key, item in value.items()
        if not isinstance(item, str)
    ]
    if problems:
        raise InvalidInputError(problems=problems)
    return {text(key): item for key, item in value.items()}


def _owner(value: str | HubOwner | Mapping[str, Any] | None) -> HubOwner | None:
    if value is None or isinstance(value, HubOwner):
        return value
    return HubOwner(**keywords(value)) if isinstance(value, Mapping) else HubOwner(value)


def _name(value: str | None) -> str | None:
    return None if value is None else check_name(value)


def _version(value: str) -> str:
    if text(value) != "dev":
        try:
            Version(value)
        except InvalidVersion as cause:
            raise InvalidInputError(
                f"{value!r} is not a version", hint="Give a PEP 440 version, or 'dev'."
            ) from cause
    return value


def positive(value: Any) -> int:
    """Return a whole number from 1 up; refuse anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInputError(f"must be a whole number from 1 up, not {value!r}")
    return value


def parse_artifact_id(value: Any) -> str:
    """Return the id of an artifact, ``owner/slug``; refuse anything else."""
    if not isinstance(value, str) or len(value.split("/")) != 2:
        raise InvalidInputError(f"{value!r} is not owner/slug", hint="Write owner/slug.")
    for part in value.split("/"):
        check_slug(part)
    return value


def _rename(artifact: Any, attribute: attrs.Attribute[Any], name: str | None) -> str | None:
    """Check a new name, and let a slug that was derived from the old one follow it."""
    old = artifact.slug
    if old is not None and old != slugify(artifact.name or ""):
        return cast("str | None", check_assignment(artifact, attribute, name))
    object.__setattr__(artifact, "slug", None)
    try:
        checked = cast("str | None", check_assignment(artifact, attribute, name))
    except InvalidInputError:
        object.__setattr__(artifact, "slug", old)
        raise
    object.__setattr__(artifact, "slug", None if checked is None else slugify(checked))
    return checked


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class Artifact(Validated):
    """What all artifacts have in common.

    Attributes:
        name: 4 to 64 of letters, digits, ``_`` and ``-``; None for one that is not named yet.
        slug: The name in URLs; derived from ``name`` unless given.
        description: One or a few sentences.
        tags: Free words.
        user_attributes: Free pairs of texts.
        owner: User or organization; a slug is accepted.
        polaris_version: Version of the library that made the artifact.
    """

    kind: ClassVar[ArtifactKind]
    version: ClassVar[int] = 1
    computed: ClassVar[frozenset[str]] = frozenset({"artifactId", "artifact_id", "urn", "version"})

    name: str | None = attrs.field(default=None, converter=_name, on_setattr=_rename)
    slug: str | None = attrs.field(default=None)
    description: str = attrs.field(default="", converter=text)
    tags: list[str] = attrs.field(factory=list, converter=text_list)
    user_attributes: dict[str, str] = attrs.field(factory=dict, converter=text_map)
    owner: HubOwner | None = attrs.field(default=None, converter=_owner)
    polaris_version: str = attrs.field(factory=library_version, converter=_version)

    def __attrs_post_init__(self) -> None:
        # Derived, and so not checked again: the name `_a_b` has the three letters `a-b` as its
        # slug.
        if self.slug is None and self.name is not None:
            object.__setattr__(self, "slug", slugify(self.name))
        super().__attrs_post_init__()

    @rule("slug", "name")
    def _slug_is_valid(self) -> Iterator[Problem]:
        derived = self.name is not None and self.slug == slugify(self.name)
        if self.slug is not None and not derived:
            try:
                check_slug(self.slug)
            except InvalidInputError as error:
                yield Problem("slug", error.message, error.hint)

    @property
    def artifact_id(self) -> str | None:
        """``owner/slug``, None while one of them is missing."""
        if self.owner is None or self.slug is None:
            return None
        return f"{self.owner.slug}/{self.slug}"

    @property
    def urn(self) -> str | None:
        """``urn:polaris:{kind}:{owner}:{slug}``, None while a part is missing."""
        if self.owner is None or self.slug is None:
            return None
        return self.urn_for(self.owner.slug, self.slug)

    @classmethod
    def urn_for(cls, owner: str, slug: str) -> str:
        """Return the URN of the artifact of this kind with that owner and slug."""
        return f"urn:polaris:{cls.kind}:{owner}:{slug}"

    def ref(self, owner: str | HubOwner | None = None) -> ArtifactRef:
        """Return the reference under which a hub knows this artifact.

        Args:
            owner: Takes precedence over the artifact's own owner.

        Raises:
            InvalidInputError: Owner or name is missing; both are reported together.
        """
        chosen = owner if owner is not None else self.owner
        problems = []
        if chosen is None:
            problems.append(Problem("owner", "is required", "Set the owner, or pass owner=…"))
        if self.slug is None:
            problems.append(Problem("name", "is required", "Set the name."))
        if problems or chosen is None or self.slug is None:
            raise self.error_type(problems=problems)
        return ArtifactRef.of(self.kind, chosen, self.slug)

    def _summary(self) -> str:
        """Return the few words that `repr` adds after the name."""
        return ""

    def __repr__(self) -> str:
        title = self.artifact_id or self.name or "unnamed"
        detail = self._summary()
        return f"{type(self).__name__}({title!r}{', ' + detail if detail else ''})"

    def _facts(self) -> dict[str, object]:
        """Return what notebooks show of the artifact, by its name there; no data is read for it."""
        return {
            "Id": self.artifact_id,
            "Content": self._summary(),
            "Description": self.description,
            "Tags": few(self.tags) if self.tags else None,
        }

    def _repr_html_(self) -> str:
        return card(self._title(), self._facts())

    def _title(self) -> str:
        return f"{type(self).__name__} {self.name or 'unnamed'}"


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class VersionedArtifact(Artifact):
    """An artifact with a readme and a history of published versions.

    Attributes:
        readme: Markdown.
        artifact_version: Number of the published version, from 1; cannot be assigned.
        artifact_changelog: What this version changed.
        parent_artifact_id: The artifact that this is a new version of, ``owner/slug``; set by
            publishing it with ``parent_artifact_id=…``.
    """

    readme: str = attrs.field(default="", converter=text)
    artifact_version: int = attrs.field(default=1, converter=positive, on_setattr=frozen)
    artifact_changelog: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(text)
    )
    parent_artifact_id: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(parse_artifact_id)
    )

    def _facts(self) -> dict[str, object]:
        return super()._facts() | {"Version": self.artifact_version, "Readme": self.readme}
