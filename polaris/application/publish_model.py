"""Publishing a model, and loading one."""

from __future__ import annotations

import copy
from typing import TypeVar

import attrs

from polaris.application.fetch_dataset import verify_document
from polaris.application.publish import Publish, parse_access, parse_if_exists, require_kind
from polaris.application.versions import as_next_version
from polaris.codec.documents import model_from_document, to_document
from polaris.domain.checksums.sha256sums import Sha256Manifest
from polaris.domain.identity import ArtifactKind, ArtifactRef, HubOwner
from polaris.domain.model import Model
from polaris.ports.artifacts import ArtifactRecord, ArtifactRepository
from polaris.ports.auth import AuthPort

__all__ = ["FetchModel", "PublishModel"]

ModelT = TypeVar("ModelT", bound=Model)
_NO_OBJECTS = Sha256Manifest.of({})


@attrs.frozen
class PublishModel:
    """Publishes a model."""

    publish: Publish
    auth: AuthPort

    async def __call__(
        self,
        model: Model,
        *,
        access: str = "private",
        owner: str | HubOwner | None = None,
        parent_artifact_id: str | None = None,
        if_exists: str = "replace",
    ) -> ArtifactRecord:
        """Publish a model and return what the hub now holds.

        Args:
            model: The model; it needs a name.
            access: ``public`` or ``private``.
            owner: Takes precedence over the model's own; by default whoever is signed in.
            parent_artifact_id: The model that this is a new version of.
            if_exists: ``raise`` refuses if the model is there; otherwise a new revision replaces
                it.

        Raises:
            InvalidInputError: The name is missing.
            PolarisCreateArtifactError: The parent is not on the hub.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the model is there.
        """
        require_kind(model, Model, "a model")
        parsed_access, conflict = parse_access(access), parse_if_exists(if_exists)
        chosen = owner or model.owner or (await self.auth.identity()).user
        ref = model.ref(chosen)
        announced = copy.copy(model)
        announced.owner = HubOwner.normalize(chosen)
        announced = await as_next_version(
            self.publish.artifacts, announced, ref, parent_artifact_id
        )
        return await self.publish(
            ref, to_document(announced), access=parsed_access, if_exists=conflict
        )


@attrs.frozen
class FetchModel:
    """Loads a model.

    Attributes:
        artifacts: The hub's catalogue.
    """

    artifacts: ArtifactRepository

    async def __call__(self, artifact_id: str, *, cls: type[ModelT]) -> ModelT:
        """Load a model.

        Raises:
            ArtifactNotFoundError: The hub has no such model.
            PolarisChecksumError: The document differs from what was published.
        """
        record = await self.artifacts.get(ArtifactRef.parse(ArtifactKind.MODEL, artifact_id))
        verify_document(record, _NO_OBJECTS)
        return model_from_document(dict(record.document), cls)
