"""The public factory of datasets, and what makes a dataset of files in one call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from polaris.application.conversion import factory as application
from polaris.application.conversion.converter import Converter
from polaris.application.conversion.factory import Axis
from polaris.application.conversion.new_archive import WhenThere
from polaris.application.conversion.services import ConversionServices
from polaris.hub.artifacts.dataset import Dataset
from polaris.hub.local_services import local_services

__all__ = ["DatasetFactory", "create_dataset_from_file", "create_dataset_from_files"]


def _services() -> ConversionServices:
    services = local_services()
    return ConversionServices(
        locator=services.locator,
        archives=services.archives,
        molecules=services.molecules,
        structures=services.structures,
    )


class DatasetFactory(application.DatasetFactory[Dataset]):
    """Builds a dataset: a table that grows by columns and by files, and an archive for arrays.

    A call that fails changes nothing.

    Args:
        zarr_root_path: Where the archive is to be written; needed for files whose content does not
            fit into cells.
        converters: Converters by the extension of files; those of ``sdf``, ``pdb`` and ``zarr``
            when omitted.
        if_exists: What to do where an archive lies at ``zarr_root_path`` already: ``raise``, or
            ``replace`` it.

    Example:
        >>> factory = DatasetFactory("ligands.zarr")
        >>> factory.add_from_file("ligands.sdf")            # doctest: +SKIP
        >>> factory.add_columns(measured, merge_on="name")  # doctest: +SKIP
        >>> dataset = factory.build()                       # doctest: +SKIP
    """

    def __init__(
        self,
        zarr_root_path: str | os.PathLike[str] | None = None,
        converters: Mapping[str, Converter] | None = None,
        if_exists: WhenThere = "raise",
    ) -> None:
        super().__init__(
            zarr_root_path,
            converters,
            if_exists=if_exists,
            services=_services(),
            dataset_cls=Dataset,
        )


def create_dataset_from_file(
    path: str | os.PathLike[str],
    zarr_root_path: str | os.PathLike[str] | None = None,
    if_exists: WhenThere = "raise",
) -> Dataset:
    """Make a dataset of a file.

    Args:
        path: An SDF file, a PDB file, or a Zarr archive. It is only read.
        zarr_root_path: Where the dataset's archive is to be written. When it is omitted, a Zarr
            archive is read where it lies; other files need it.
        if_exists: See `DatasetFactory`.

    Raises:
        InvalidInputError: There is no converter for the file.
        ObjectNotFoundError: The file does not exist.
        InvalidDatasetError: The file cannot be made into a dataset.
        DamagedFileError: The file cannot be read.
        ObjectExistsError: There is something at ``zarr_root_path`` already.
        MissingExtraError: A package for the format is not installed.
    """
    factory = DatasetFactory(zarr_root_path, if_exists=if_exists)
    factory.add_from_file(path)
    return factory.build()


def create_dataset_from_files(
    paths: Sequence[str | os.PathLike[str]],
    zarr_root_path: str | os.PathLike[str] | None = None,
    axis: Axis = 0,
    if_exists: WhenThere = "raise",
) -> Dataset:
    """Make a dataset of several files.

    Args:
        paths: See `create_dataset_from_file`.
        zarr_root_path: See `create_dataset_from_file`.
        axis: 0 or ``index``: the rows of each file follow those of the one before, and all are of
            one format. 1 or ``columns``: the columns of each file are new ones.
        if_exists: See `DatasetFactory`.

    Raises:
        PolarisError: See `create_dataset_from_file`.
    """
    factory = DatasetFactory(zarr_root_path, if_exists=if_exists)
    factory.add_from_files(paths, axis=axis)
    return factory.build()
