"""The public class of datasets that are archives."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import attrs

from polaris.application.dataset_parts import archive_name
from polaris.application.open_dataset_v2 import check_consolidated
from polaris.codec.zarr_manifest import encode_zarr_manifest
from polaris.domain import dataset_v2 as domain
from polaris.domain.arrays import ArrayLayout, ArraySource
from polaris.domain.fields import check_assignment
from polaris.domain.locations import location_text
from polaris.errors import InvalidDatasetError
from polaris.hub.artifacts.column_views import ColumnViews
from polaris.hub.artifacts.dataset import DatasetV1
from polaris.hub.artifacts.dataset_files import DatasetFiles
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.storage import Write

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DatasetV2"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class DatasetV2(DatasetFiles, ColumnViews, Dumping, domain.DatasetV2):
    """A dataset whose columns are the arrays of a Zarr archive.

    Everything about the data is documented on the domain class; this one adds files and hubs.
    """

    def _connect(self) -> ArraySource:
        """Open the archive at `zarr_root_path`, read only."""
        assert self.zarr_root_path is not None
        services = local_services()
        archive = services.archives.source(services.locator.folder(self.zarr_root_path), "")
        return check_consolidated(archive, self.zarr_root_path)

    @classmethod
    def from_arrays(
        cls,
        path: str | os.PathLike[str],
        columns: Mapping[str, NDArray[Any] | Iterable[NDArray[Any]]],
        *,
        zarr_format: Literal[2, 3] = 2,
        chunks: int | Mapping[str, int] | None = None,
        shards: int | bool = False,
        **fields: Any,
    ) -> Self:
        """Write a new archive and return the dataset of it.

        Args:
            path: Folder of the archive; see `polaris.dataset.zarr.write_archive`.
            columns: See there, and so for the layout.
            zarr_format: 2 or 3.
            chunks: Rows in a chunk.
            shards: Rows in a shard.
            **fields: The dataset's name, description and so on.

        Raises:
            ObjectExistsError: There is something at the path already.
            InvalidDatasetError: Columns cannot be stored, or a field breaks a rule.
        """
        layout = ArrayLayout(zarr_format=zarr_format, chunks=chunks, shards=shards)
        location = location_text(path)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        services.archives.write_columns(folder, "", columns, layout)
        return cls(zarr_root_path=location, **fields)

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Self:
        """Load a dataset from its JSON document.

        Args:
            path: Path or URL of the document that `to_json` wrote.
            verify_checksum: As for `PolarisHubClient.get_dataset`.

        Raises:
            ObjectNotFoundError: The document or the archive is missing.
            InvalidDatasetError: It describes a dataset of version 1, or breaks a rule.
            PolarisChecksumError: A file was altered.
        """
        load = local_services().load_dataset
        dataset = wait(
            load(location_text(path), verify_checksum=verify_checksum, cls=DatasetV1, cls_v2=cls)
        )
        if not isinstance(dataset, cls):
            raise InvalidDatasetError(
                f"{location_text(path)} describes a dataset of version 1, which has a table",
                hint="Load it with load_dataset or Dataset.from_json.",
            )
        return dataset

    def cache(
        self,
        destination: str | os.PathLike[str] | None = None,
        if_exists: str = "replace",
        verify_checksum: bool = True,
    ) -> str:
        """Save the dataset to a folder and read its archive from there from now on.

        Args:
            destination: The folder; by default one in the cache directory that is named after the
                dataset and its content, so that the same dataset is cached once.
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
            destination = destination / self.zarr_digest.partition("-")[0]
        location = location_text(destination)
        document = self.to_json(location, if_exists=if_exists)
        if verify_checksum:
            self.from_json(document, verify_checksum=True)
        archive = archive_name(self)
        copied = services.archives.source(services.locator.folder(location), archive)
        self.attach(copied, zarr_root_path=f"{location.rstrip('/')}/{archive}")
        return location

    def _manifest_md5sum(self) -> str:
        data = encode_zarr_manifest(self.zarr_manifest)
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    @property
    def zarr_manifest_path(self) -> str:
        """Path of the archive's manifest as parquet, written anew to the cache directory.

        One row a file of the archive, sorted by path; columns ``path`` and ``md5_checksum``.
        """
        services = local_services()
        data = encode_zarr_manifest(self.zarr_manifest)
        self.zarr_manifest_md5sum = hashlib.md5(data, usedforsecurity=False).hexdigest()
        folder = str(Path(services.cache_dir, "manifests"))
        name = f"{self.zarr_manifest_md5sum}.parquet"
        wait(services.locator.folder(folder, create=True).put([Write(name, data)]))
        return f"{folder}/{name}"
