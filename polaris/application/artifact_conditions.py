"""What catalogues refuse; every one of them in the same words."""

from __future__ import annotations

from polaris.domain.identity import ArtifactRef
from polaris.errors import (
    ArtifactChangedError,
    ArtifactDeletedError,
    ArtifactNotFoundError,
    InvalidInputError,
)
from polaris.ports.artifacts import Publication

__all__ = [
    "check_deleted",
    "check_expected",
    "check_length",
    "check_newest",
    "no_artifact",
    "no_version",
]


def check_deleted(ref: ArtifactRef, *, is_deleted: bool) -> None:
    """Refuse to publish in the place of a deleted artifact.

    Raises:
        ArtifactDeletedError: It is deleted.
    """
    if is_deleted:
        raise ArtifactDeletedError(
            f"The {ref} was deleted, and its name is kept",
            hint="Restore it and publish again, have it purged, or choose another name.",
        )


def check_newest(publication: Publication, newest: str | None) -> None:
    """Refuse a commit whose conditions are not met.

    Args:
        publication: The publication.
        newest: The newest committed revision of the artifact; None if there is none.

    Raises:
        ArtifactChangedError: They are not.
    """
    if publication.must_be_new and newest is not None:
        raise ArtifactChangedError(
            f"The {publication.draft.ref} is on the hub already",
            hint="Get it, and publish again with its revision as the one that is expected.",
        )
    if publication.expected_revision is not None:
        check_expected(publication.draft.ref, publication.expected_revision, newest)


def check_expected(ref: ArtifactRef, expected: str | None, newest: str | None) -> None:
    """Refuse a change of an artifact that has moved on.

    Args:
        ref: The artifact.
        expected: What the caller takes for its newest revision; None for whatever it is.
        newest: The newest committed revision; None if there is none.

    Raises:
        ArtifactChangedError: It is another one.
    """
    if expected is not None and newest != expected:
        there = "nothing" if newest is None else f"revision {newest[:12]}…"
        raise ArtifactChangedError(
            f"The {ref} has changed: {there} where revision {expected[:12]}… was expected",
            hint="Get it again, look at what has changed, and try once more.",
        )


def check_length(limit: int) -> int:
    """Return the length of a page of versions or tombstones if it can be one.

    Raises:
        InvalidInputError: It cannot.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 1000:
        raise InvalidInputError(f"A page cannot have {limit!r} entries", hint="Ask for 1 to 1000.")
    return limit


def no_artifact(ref: ArtifactRef) -> ArtifactNotFoundError:
    """Return the error for an artifact that there is none of."""
    return ArtifactNotFoundError(
        f"The hub has no {ref}", hint="Check owner and name; listing shows what there is."
    )


def no_version(ref: ArtifactRef, version: int | str) -> ArtifactNotFoundError:
    """Return the error for a version that there is none of."""
    return ArtifactNotFoundError(
        f"The hub has no version {version!s:.80} of the {ref}",
        hint="Check owner and name; the list of its versions shows what there is.",
    )
