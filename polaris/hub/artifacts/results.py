"""The public results class."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self, cast

import attrs

from polaris.application.load_files import split_file
from polaris.application.save_files import save_results
from polaris.domain import results as domain
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.domain.locations import location_text
from polaris.hub.artifacts.dump_files import DumpFiles
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["BenchmarkResults", "BenchmarkResultsV1", "BenchmarkResultsV2", "CompetitionResults"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkResultsV1(Dumping, domain.BenchmarkResultsV1):
    """The scores of one method on one benchmark.

    Everything about the scores is documented on the domain class; this one adds files and hubs.
    """

    @classmethod
    def from_json(cls, path: str | os.PathLike[str]) -> Self:
        """Load results from a JSON file.

        Raises:
            ObjectNotFoundError: There is no such file.
            InvalidResultError: Its content breaks a rule.
        """
        # Whoever asks for results, which version 1 is by its other name, gets either version.
        newer = BenchmarkResultsV2 if issubclass(BenchmarkResultsV2, cls) else cls
        load = local_services().load_results
        return cast("Self", wait(load(location_text(path), cls=cls, cls_v2=newer)))

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Save the results as a JSON file; the folder is made where missing.

        Raises:
            InvalidInputError: The path names no file, or a score is something that JSON cannot
                hold.
            StorageError: The file cannot be written.
        """
        folder, name = split_file(location_text(path))
        store = local_services().locator.folder(folder, create=True)
        wait(save_results(self, store, name))

    def plot(self) -> Figure:
        """Draw the scores: a panel a metric, a bar for each target of each test set.

        Returns:
            The figure; ``figure.savefig(path)`` saves it.

        Raises:
            MissingExtraError: matplotlib is not installed.
        """
        from polaris.hub.artifacts.figures import results_figure

        return results_figure(self.results, self.name or self.benchmark_artifact_id or "Results")

    def upload_to_hub(
        self,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Publish the results; see `PolarisHubClient.upload_results`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the results' own; by default whoever is signed in.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_results(self, access=access, owner=owner)


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkResultsV2(BenchmarkResultsV1, domain.BenchmarkResultsV2):
    """The scores of one method on one benchmark of version 2; test sets are named by its splits."""


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionResults(DumpFiles, domain.CompetitionResults):
    """The scores of one submission to a competition, as the hub computed them.

    Their fields are documented on the domain class; this one adds dictionary forms and files.
    """


BenchmarkResults = BenchmarkResultsV1
