"""What can be done with any dataset outside: saving it to files, publishing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polaris.domain.dataset_v1 import DatasetV1
from polaris.domain.dataset_v2 import DatasetV2
from polaris.domain.identity import HubOwner
from polaris.domain.locations import location_text
from polaris.errors import InvalidInputError
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["DatasetFiles"]


class DatasetFiles:
    """Adds saving and publishing to a dataset."""

    __slots__ = ()

    def to_json(self, destination: str | os.PathLike[str], if_exists: str = "replace") -> str:
        """Save the dataset to a folder, which can then be moved as a whole.

        Writes ``{slug}.json``, the table as ``table.parquet`` or else the archive's manifest as
        ``zarr_manifest.parquet``, the archive under the name it has, and a sha256 manifest. Saving
        into the folder that the dataset came from does it no harm.

        Args:
            destination: The folder; made where missing.
            if_exists: ``replace``, ``raise`` (nothing is written if a file is there), or ``skip``
                (files of an archive that is there are kept, and refused if they differ).

        Returns:
            The path of the JSON document.

        Raises:
            InvalidInputError: The folder lies inside the dataset's own archive.
            ObjectExistsError: See ``if_exists``.
        """
        assert isinstance(self, (DatasetV1, DatasetV2))
        location = location_text(destination)
        _refuse_own_archive(self, location)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        key = wait(services.save_dataset(self, folder, if_exists=if_exists))
        return f"{location.rstrip('/')}/{key}"

    def upload_to_hub(
        self,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Publish the dataset; see `PolarisHubClient.upload_dataset`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the dataset's own.
            if_exists: ``raise``, ``replace`` or ``skip``.
            parent_artifact_id: The dataset that this is a new version of.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        assert isinstance(self, (DatasetV1, DatasetV2))
        dataset: DatasetV1 | DatasetV2 = self
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_dataset(
                dataset,
                access=access,
                owner=owner,
                if_exists=if_exists,
                parent_artifact_id=parent_artifact_id,
            )


def _refuse_own_archive(dataset: DatasetV1 | DatasetV2, location: str) -> None:
    own = dataset.zarr_root_path
    if own is None or "://" in own or "://" in location:
        return
    if Path(location).resolve().is_relative_to(Path(own).resolve()):
        raise InvalidInputError(
            f"{location} lies inside the dataset's own archive",
            hint="Saving there would change the archive; choose a folder outside.",
        )
