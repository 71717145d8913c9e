"""What a client can do with models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods

if TYPE_CHECKING:
    from polaris.domain.model import Model as DomainModel
    from polaris.hub.artifacts.model import Model
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["ModelMethods"]


class ModelMethods(CatalogueMethods):
    """What a client can do with models."""

    async def list_models(
        self, limit: int = 100, offset: int = 0, **narrowing: Unpack[OwnerNarrowing]
    ) -> list[str]:
        """List the models of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.MODEL, limit, offset, **narrowing)

    async def get_model(self, artifact_id: str) -> Model:
        """Load a model.

        Args:
            artifact_id: Its id, ``owner/slug``, or its URN.

        Raises:
            ArtifactNotFoundError: The hub has no such model.
            InvalidNameError: The text is no id.
        """
        from polaris.hub.artifacts.model import Model

        return await self._open.fetch_model(artifact_id, cls=Model)

    async def upload_model(
        self,
        model: DomainModel,
        owner: HubOwner | str | None = None,
        parent_artifact_id: str | None = None,
        if_exists: str = "replace",
        *,
        access: Access = "private",
    ) -> ArtifactRecord:
        """Publish a model.

        Args:
            model: The model; it needs a name.
            owner: Takes precedence over ``model.owner``; by default whoever is signed in.
            parent_artifact_id: The model that this is a new version of, ``owner/slug``: its version
                is one more than the parent's. Say in ``model.artifact_changelog`` what is new.
            if_exists: ``raise`` refuses if the model is there; otherwise it is replaced.
            access: ``public`` or ``private``.

        Returns:
            What the hub now holds.

        Raises:
            InvalidInputError: The name is missing.
            PolarisCreateArtifactError: The parent is not on the hub.
        """
        return await self._open.publish_model(
            model,
            access=access,
            owner=owner,
            parent_artifact_id=parent_artifact_id,
            if_exists=if_exists,
        )
