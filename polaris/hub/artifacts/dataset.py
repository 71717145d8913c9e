"""The public dataset class."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from polaris.application.dataset_parts import archive_name
from polaris.application.load_files import split_location
from polaris.codec.tables import decode_table
from polaris.domain import dataset_v1 as domain
from polaris.domain.arrays import ArraySource
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.domain.tables import check_table
from polaris.errors import InvalidDatasetError, InvalidInputError, ObjectNotFoundError
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord
from polaris.ports.storage import Read

if TYPE_CHECKING:
    import pandas as pd

    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["Dataset", "DatasetV1"]


def _table(value: pd.DataFrame | str | os.PathLike[str]) -> pd.DataFrame:
    """Return a table, read from its parquet file if a path is given."""
    if not isinstance(value, (str, os.PathLike)):
        return check_table(value)
    location = os.fspath(value)
    if not location.endswith(".parquet"):
        raise InvalidDatasetError(
            f"{location!r} is not a parquet file", hint="Give a DataFrame or a .parquet file."
        )
    folder, name = split_location(location)
    data = None
    with contextlib.suppress(ObjectNotFoundError):  # Not even its folder is there.
        [data] = wait(local_services().locator.folder(folder).get([Read(name)]))
    if data is None:
        raise ObjectNotFoundError(f"{location} does not exist", hint="Check the path.")
    return check_table(decode_table(data, source=location))


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class DatasetV1(Dumping, domain.DatasetV1):
    """A table, whose columns may point into a Zarr archive.

    Everything about the data is documented on the domain class; this one adds files and hubs.

    Attributes:
        table: A DataFrame, or the path of a parquet file.
    """

    table: pd.DataFrame = attrs.field(converter=_table)

    def _connect(self) -> ArraySource:
        """Open the archive at `zarr_root_path`, read only."""
        if self.zarr_root_path is None:
            raise InvalidDatasetError(
                "The dataset has no Zarr archive", hint="Only pointer columns need one."
            )
        services = local_services()
        return services.archives.source(services.locator.folder(self.zarr_root_path), "")

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Self:
        """Load a dataset from its JSON document.

        Args:
            path: Path or URL of the document that `to_json` wrote.
            verify_checksum: As for `PolarisHubClient.get_dataset`.

        Raises:
            ObjectNotFoundError: The document or a file that it names is missing.
            PolarisChecksumError: A file was altered.
        """
        load = local_services().load_dataset
        return wait(load(os.fspath(path), verify_checksum=verify_checksum, cls=cls))

    def to_json(self, destination: str | os.PathLike[str], if_exists: str = "replace") -> str:
        """Save the dataset to a folder, which can then be moved as a whole.

        Writes ``{slug}.json``, ``table.parquet``, the archive under the name it has, and a sha256
        manifest. Saving into the folder that the dataset came from does it no harm.

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
        location = os.fspath(destination)
        self._refuse_own_archive(location)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        key = wait(services.save_dataset(self, folder, if_exists=if_exists))
        return f"{location.rstrip('/')}/{key}"

    def cache(
        self,
        destination: str | os.PathLike[str] | None = None,
        if_exists: str = "replace",
        verify_checksum: bool = True,
    ) -> str:
        """Save the dataset to a folder and read its archive from there from now on.

        Args:
            destination: The folder; by default one in the cache directory that is named after the
                dataset and its checksum, so that the same dataset is cached once.
            if_exists: As for `to_json`.
            verify_checksum: Check the copy against the checksums of what was copied.

        Returns:
            The folder.

        Raises:
            PolarisChecksumError: The copy differs.
        """
        services = local_services()
        if destination is None:
            owner = self.owner.slug if self.owner else "local"
            destination = Path(services.cache_dir, "datasets", owner, self.slug or "unnamed")
            destination = destination / self.md5sum
        location = os.fspath(destination)
        document = self.to_json(location, if_exists=if_exists)
        if self.uses_zarr:
            archive = archive_name(self)
            folder = services.locator.folder(location)
            self.zarr_root_path = f"{location.rstrip('/')}/{archive}"
            self.attach(services.archives.source(folder, archive))
        if verify_checksum:
            self.from_json(document, verify_checksum=True)
        return location

    def upload_to_hub(
        self,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Publish the dataset; see `PolarisHubClient.upload_dataset`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the dataset's own.
            if_exists: ``raise``, ``replace`` or ``skip``.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_dataset(self, access=access, owner=owner, if_exists=if_exists)

    def _refuse_own_archive(self, location: str) -> None:
        own = self.zarr_root_path
        if own is None or "://" in own or "://" in location:
            return
        if Path(location).resolve().is_relative_to(Path(own).resolve()):
            raise InvalidInputError(
                f"{location} lies inside the dataset's own archive",
                hint="Saving there would change the archive; choose a folder outside.",
            )


Dataset = DatasetV1
