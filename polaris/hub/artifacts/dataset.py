"""The public dataset class."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

import attrs

from polaris.application.dataset_parts import archive_name
from polaris.application.load_files import split_location
from polaris.codec.tables import decode_table
from polaris.domain import dataset_v1 as domain
from polaris.domain.arrays import ArraySource
from polaris.domain.fields import check_assignment
from polaris.domain.locations import location_text
from polaris.domain.tables import check_table
from polaris.errors import InvalidDatasetError, ObjectNotFoundError
from polaris.hub.artifacts.column_views import ColumnViews
from polaris.hub.artifacts.dataset_files import DatasetFiles
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.storage import Read

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["Dataset", "DatasetV1"]


def _table(value: pd.DataFrame | str | os.PathLike[str]) -> pd.DataFrame:
    """Return a table, read from its parquet file if a path is given."""
    if not isinstance(value, (str, os.PathLike)):
        return check_table(value)
    location = location_text(value)
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
class DatasetV1(DatasetFiles, ColumnViews, Dumping, domain.DatasetV1):
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
        return wait(load(location_text(path), verify_checksum=verify_checksum, cls=cls))

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
        location = location_text(destination)
        document = self.to_json(location, if_exists=if_exists)
        if self.uses_zarr:
            archive = archive_name(self)
            folder = services.locator.folder(location)
            self.zarr_root_path = f"{location.rstrip('/')}/{archive}"
            self.attach(services.archives.source(folder, archive))
        if verify_checksum:
            self.from_json(document, verify_checksum=True)
        return location


Dataset = DatasetV1
