"""The use cases of the application, over the ports that a container provides.

Each is made, and its module imported, when it is first asked for: listing a hub must not pay for
the libraries that reading a dataset needs.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from polaris.application.catalogue import ListArtifacts, LookUp
from polaris.ports.transport import Transport

if TYPE_CHECKING:
    from polaris.application.fetch_benchmark import FetchBenchmark, FetchResults
    from polaris.application.fetch_dataset import FetchDataset
    from polaris.application.fetch_submissions import FetchCompetitionResults, FetchPredictions
    from polaris.application.leaderboard import Leaderboard
    from polaris.application.list_submissions import ListSubmissions
    from polaris.application.open_archive import OpenArchive
    from polaris.application.past_artifacts import PastArtifacts
    from polaris.application.publish import Publish
    from polaris.application.publish_benchmark import PublishBenchmark, PublishResults
    from polaris.application.publish_competition import FetchCompetition, PublishCompetition
    from polaris.application.publish_dataset import PublishDataset
    from polaris.application.publish_model import FetchModel, PublishModel
    from polaris.application.submit_predictions import SubmitPredictions
    from polaris.bootstrap.container import HubContainer
    from polaris.ports.http import RawHttp
    from polaris.ports.jobs import JobReader

__all__ = ["UseCases"]


class UseCases:
    """Everything a client can do at a hub.

    Args:
        container: Provides the ports.
    """

    def __init__(self, container: HubContainer) -> None:
        self.transport = transport = Transport(
            container.auth(), container.artifacts(), container.storage()
        )
        self._container = container
        self.list_artifacts = ListArtifacts(transport.artifacts)
        self.look_up = LookUp(transport.artifacts)

    @cached_property
    def past_artifacts(self) -> PastArtifacts:
        """Earlier versions, and what was deleted."""
        from polaris.application.past_artifacts import PastArtifacts

        return PastArtifacts(self._container.history(), self.transport.auth)

    @cached_property
    def fetch_dataset(self) -> FetchDataset:
        """Loads a dataset."""
        from polaris.application.fetch_dataset import FetchDataset

        return FetchDataset(
            self.transport.artifacts,
            self.transport.storage,
            self._container.archives(),
            self._container.progress(),
        )

    @cached_property
    def fetch_benchmark(self) -> FetchBenchmark:
        """Loads a benchmark."""
        from polaris.application.fetch_benchmark import FetchBenchmark

        return FetchBenchmark(self.transport.artifacts, self.fetch_dataset)

    @cached_property
    def fetch_results(self) -> FetchResults:
        """Loads results."""
        from polaris.application.fetch_benchmark import FetchResults

        return FetchResults(self.transport.artifacts, self.transport.storage)

    @cached_property
    def open_archive(self) -> OpenArchive:
        """Opens a Zarr archive of a dataset."""
        from polaris.application.open_archive import OpenArchive

        return OpenArchive(
            self.transport.artifacts, self.transport.storage, self._container.archives()
        )

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Ranks the results on a benchmark."""
        from polaris.application.leaderboard import Leaderboard

        return Leaderboard(self.transport.artifacts, self.transport.storage, self.fetch_benchmark)

    @cached_property
    def publish_dataset(self) -> PublishDataset:
        """Publishes a dataset."""
        from polaris.application.publish_dataset import PublishDataset

        return PublishDataset(self._publish)

    @cached_property
    def publish_benchmark(self) -> PublishBenchmark:
        """Publishes a benchmark."""
        from polaris.application.publish_benchmark import PublishBenchmark

        return PublishBenchmark(self._publish)

    @cached_property
    def publish_results(self) -> PublishResults:
        """Publishes results."""
        from polaris.application.publish_benchmark import PublishResults

        return PublishResults(self._publish, self.transport.auth)

    @cached_property
    def fetch_model(self) -> FetchModel:
        """Loads a model."""
        from polaris.application.publish_model import FetchModel

        return FetchModel(self.transport.artifacts)

    @property
    def jobs(self) -> JobReader:
        """Tells how far the scoring of submissions has come."""
        return self._container.jobs()

    @property
    def http(self) -> RawHttp:
        """Makes calls of the hub's API that have no use case."""
        return self._container.http()

    @cached_property
    def list_submissions(self) -> ListSubmissions:
        """Lists what was submitted, and what has come of it."""
        from polaris.application.list_submissions import ListSubmissions

        return ListSubmissions(self.list_artifacts, self.jobs)

    @cached_property
    def fetch_competition(self) -> FetchCompetition:
        """Loads a competition."""
        from polaris.application.publish_competition import FetchCompetition

        return FetchCompetition(
            self.transport.artifacts,
            self.transport.storage,
            self._container.archives(),
            self._container.progress(),
        )

    @cached_property
    def publish_competition(self) -> PublishCompetition:
        """Publishes a competition."""
        from polaris.application.publish_competition import PublishCompetition

        return PublishCompetition(
            self._publish, self._container.deposit(), self._container.archives()
        )

    @cached_property
    def submit_predictions(self) -> SubmitPredictions:
        """Submits predictions."""
        from polaris.application.submit_predictions import SubmitPredictions

        return SubmitPredictions(self._publish, self._container.archives(), self._container.clock())

    @cached_property
    def fetch_predictions(self) -> FetchPredictions:
        """Loads predictions for a benchmark."""
        from polaris.application.fetch_submissions import FetchPredictions

        return FetchPredictions(
            self.transport.artifacts, self.transport.storage, self._container.archives()
        )

    @cached_property
    def fetch_competition_results(self) -> FetchCompetitionResults:
        """Loads the scores of a submission to a competition."""
        from polaris.application.fetch_submissions import FetchCompetitionResults

        return FetchCompetitionResults(self.transport.artifacts)

    @cached_property
    def publish_model(self) -> PublishModel:
        """Publishes a model."""
        from polaris.application.publish_model import PublishModel

        return PublishModel(self._publish, self.transport.auth)

    @cached_property
    def _publish(self) -> Publish:
        from polaris.application.publish import Publish

        return Publish(
            self.transport.artifacts,
            self.transport.storage,
            self._container.retry_policy(),
            self._container.clock(),
            self._container.progress(),
        )
