"""What may be published: who may see it has to fit what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    AccessDeniedError,
    ArtifactNotFoundError,
    PolarisCreateArtifactError,
)
from polaris.ports.artifacts import Access, ArtifactQuery, ArtifactRecord
from polaris_adapters.hub_server.access import Act
from polaris_adapters.hub_server.callers import Caller
from polaris_adapters.hub_server.hub import Hub

__all__ = ["require_own_words", "require_publication"]

# By these the hub says of results that it has computed them, and from what.
_COMPUTED = ("submissionUrn", "submissionRevision")


async def require_publication(
    hub: Hub,
    caller: Caller | None,
    ref: ArtifactRef,
    *,
    access: Access,
    subject: ArtifactRef | None = None,
    evaluate: bool = False,
) -> None:
    """Refuse what would show to everybody that something private is there.

    A document names what it is about, so nothing public is about something private. Who publishes
    about what they may not see learns nothing of whether it is there: it is refused where the hub
    would score it, and taken elsewhere, as for what is not there.

    Args:
        hub: The hub.
        caller: Who publishes; may change the artifact, which is looked at before.
        ref: What is published.
        access: Who is to see it.
        subject: What it is about.
        evaluate: Whether the hub is to score it.

    Raises:
        AccessDeniedError: It is there with another access, which the caller may not change.
        PolarisCreateArtifactError: It and what it is about, or what is about it, do not fit.
    """
    there = await _found(hub, ref)
    if there is not None and there.access != access:
        hub.require_change(caller, ref, f"make {access}", act=Act.CHANGE_ACCESS)
        if access == "private":
            await _refuse_if_named(hub, ref)
    if subject is None:
        return
    try:
        about = await hub.seen(caller, subject)
    except ArtifactNotFoundError as cause:
        if not evaluate:
            return
        raise PolarisCreateArtifactError(
            f"The hub has no {subject}, which this is about", hint="Publish that first."
        ) from cause
    if access == "public" and about.access == "private":
        raise PolarisCreateArtifactError(
            f"The {ref} cannot be public: it is about the {subject}, which is private",
            hint="Make that public first, or publish this as private.",
        )


def require_own_words(caller: Caller | None, ref: ArtifactRef, document: Mapping[str, Any]) -> None:
    """Refuse results that pass for those that the hub has computed.

    What scores publishes on the hub's own ports. Administrators may bring over results of another
    hub.

    Args:
        caller: Who publishes.
        ref: What is published.
        document: What it says.

    Raises:
        AccessDeniedError: They are not the caller's to publish.
    """
    is_claimed = any(name in document for name in _COMPUTED)
    if ref.kind is not ArtifactKind.COMPETITION_RESULT and not (
        ref.kind is ArtifactKind.RESULT and is_claimed
    ):
        return
    if caller is None or not caller.is_administrator:
        raise AccessDeniedError(
            f"Cannot publish the {ref}: results of submissions are computed by the hub",
            hint="Submit predictions; results of your own say nothing of a submission.",
        )


async def _found(hub: Hub, ref: ArtifactRef) -> ArtifactRecord | None:
    try:
        return await hub.artifacts.get(ref)
    except ArtifactNotFoundError:
        return None


async def _refuse_if_named(hub: Hub, ref: ArtifactRef) -> None:
    """Refuse to make something private that is named by what everybody sees."""
    count = 0
    for kind in ArtifactKind:
        asked = ArtifactQuery(kind, limit=0, subject=ref, private_of=frozenset())
        count += (await hub.artifacts.page(asked)).total or 0
    if count:
        raise PolarisCreateArtifactError(
            f"The {ref} cannot become private: {count} public artifacts are about it",
            hint="Make those private first, or delete them.",
        )
