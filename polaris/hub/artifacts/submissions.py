"""The public classes of what is submitted."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import attrs

from polaris.application.predictions_archive import write_predictions
from polaris.codec.unstructuring import camel, snake
from polaris.domain import submissions as domain
from polaris.domain.fields import check_assignment
from polaris.errors import ObjectExistsError
from polaris.hub.artifacts.dump_files import DumpFiles
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait

if TYPE_CHECKING:
    import zarr

__all__ = ["BenchmarkPredictionsV2", "CompetitionPredictions"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionPredictions(DumpFiles, domain.CompetitionPredictions):
    """A submission to a competition.

    Its fields are documented on the domain class; this one adds dictionary forms and files.
    """


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkPredictionsV2(Dumping, domain.BenchmarkPredictionsV2):
    """A submission for a benchmark.

    Its fields are documented on the domain class; this one adds dictionary forms and archives.
    """

    _folder: str | None = attrs.field(default=None, init=False)

    def model_dump(
        self, *, by_alias: bool = False, exclude: Collection[str] = ()
    ) -> dict[str, Any]:
        """Return the submission as a dictionary, predictions as lists, nulls left out.

        Args:
            by_alias: Use the camelCase names of the wire.
            exclude: Names to leave out.
        """
        shown = Dumping.model_dump(self, by_alias=by_alias, exclude=exclude)
        name = (camel if by_alias else snake)("predictions")
        return shown if name in exclude else shown | {name: self.as_lists()}

    def to_zarr(self, destination: str | os.PathLike[str] | None = None) -> str:
        """Write the predictions as a Zarr archive: a group a test set, an array a target.

        Arrays have the type, chunks, compressor and filters of the dataset's columns.

        Args:
            destination: Folder of the archive, which must be empty or missing; by default a
                temporary one, which is removed with this object.

        Returns:
            The folder.

        Raises:
            ObjectExistsError: There is something in the folder.
            InvalidPredictionsError: The predictions are of a kind that cannot be stored.
        """
        location = os.fspath(destination) if destination is not None else _temporary(self)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        found = wait(folder.list_folder(""))
        if found.folders or found.objects:
            raise ObjectExistsError(
                f"There is something in {location} already", hint="Choose an empty folder."
            )
        wait(write_predictions(self, services.archives, folder, ""))
        return location

    @property
    def zarr_root_path(self) -> str:
        """Folder of the predictions as an archive; written when first asked for."""
        if self._folder is None:
            object.__setattr__(self, "_folder", self.to_zarr())
        assert self._folder is not None
        return self._folder

    @property
    def zarr_root(self) -> zarr.Group:
        """The root of the predictions as an archive, read only."""
        services = local_services()
        root: zarr.Group = services.archives.source(
            services.locator.folder(self.zarr_root_path), ""
        ).group
        return root


def _temporary(owner: object) -> str:
    folder = tempfile.mkdtemp(prefix="polaris-predictions-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder
