"""The public model class."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

import attrs

from polaris.application.load_files import split_file
from polaris.application.model_files import LoadModel, save_model
from polaris.domain import model as domain
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.domain.locations import location_text
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["Model"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class Model(Dumping, domain.Model):
    """A method or trained model that makes predictions.

    Its fields are documented on the domain class; this one adds files and hubs.
    """

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """Load a model from a JSON file.

        Raises:
            ObjectNotFoundError: There is no such file.
            InvalidInputError: Its content breaks a rule.
        """
        return wait(LoadModel(local_services().locator)(location_text(path), cls=cls))

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Save the model as a JSON file; the folder is made where missing."""
        folder, name = split_file(location_text(path))
        wait(save_model(self, local_services().locator.folder(folder, create=True), name))

    def upload_to_hub(
        self,
        owner: HubOwner | str | None = None,
        parent_artifact_id: str | None = None,
        if_exists: str = "replace",
        *,
        access: Access = "private",
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Publish the model; see `PolarisHubClient.upload_model`.

        Args:
            owner: Takes precedence over the model's own; by default whoever is signed in.
            parent_artifact_id: The model that this is a new version of.
            if_exists: ``raise`` or ``replace``.
            access: ``public`` or ``private``.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_model(self, owner, parent_artifact_id, if_exists, access=access)
