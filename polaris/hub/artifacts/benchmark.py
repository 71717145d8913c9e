"""The public benchmark classes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import attrs

from polaris.domain import benchmark_v1 as domain
from polaris.domain import dataset_v1 as domain_dataset
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.errors import InvalidBenchmarkError
from polaris.hub.artifacts.dataset import DatasetV1
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.artifacts.results import BenchmarkResultsV1
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = [
    "BenchmarkSpecification",
    "BenchmarkV1Specification",
    "MultiTaskBenchmarkSpecification",
    "SingleTaskBenchmarkSpecification",
]


def _dataset(
    value: domain_dataset.DatasetV1 | Mapping[str, Any] | str | os.PathLike[str],
) -> domain_dataset.DatasetV1:
    """Return a dataset, made from its fields or loaded from its JSON document if need be."""
    if isinstance(value, domain_dataset.DatasetV1):
        return value
    if isinstance(value, (str, os.PathLike)):
        return DatasetV1.from_json(value)
    if isinstance(value, Mapping):
        return DatasetV1(**value)
    raise InvalidBenchmarkError(
        f"must be a dataset, its fields or its JSON file, not {type(value).__name__}"
    )


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class BenchmarkV1Specification(Dumping, domain.BenchmarkV1Specification):
    """A dataset, a split of it, and the metrics by which predictions are judged.

    Everything about the task is documented on the domain class; this one adds files and hubs.

    Attributes:
        dataset: A dataset, a mapping of its fields, or the path of its JSON document.
    """

    results_type: ClassVar[type[BenchmarkResultsV1]] = BenchmarkResultsV1

    dataset: domain_dataset.DatasetV1 = attrs.field(converter=_dataset)

    def evaluate(self, y_pred: Any = None, y_prob: Any = None) -> BenchmarkResultsV1:
        """Score predictions for the test sets; results can be saved and published.

        Args:
            y_pred: Predicted values or labels, in a shape that `BenchmarkPredictions` accepts.
            y_prob: Scores or probabilities, in such a shape.

        Raises:
            InvalidPredictionsError: The shape is wrong, or a metric lacks what it judges.
        """
        return cast("BenchmarkResultsV1", super().evaluate(y_pred, y_prob))

    @classmethod
    def from_json(cls, path: str | os.PathLike[str], verify_checksum: bool | str = True) -> Self:
        """Load a benchmark and its dataset from the benchmark's JSON document.

        Args:
            path: Path or URL of the document that `to_json` wrote.
            verify_checksum: As for `PolarisHubClient.get_benchmark`.

        Raises:
            ObjectNotFoundError: The document or a file that it names is missing.
            PolarisChecksumError: A file was altered.
        """
        benchmark = wait(
            local_services().load_benchmark(
                os.fspath(path),
                verify_checksum=verify_checksum,
                single_task=cls,
                multi_task=cls,
                dataset_cls=DatasetV1,
            )
        )
        return cast("Self", benchmark)

    def to_json(self, destination: str | os.PathLike[str]) -> str:
        """Save the benchmark and its dataset to a folder, which can then be moved as a whole.

        Args:
            destination: The folder; made where missing.

        Returns:
            The path of the benchmark's JSON document.
        """
        location = os.fspath(destination)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        key = wait(services.save_benchmark(self, folder))
        return f"{location.rstrip('/')}/{key}"

    def upload_to_hub(
        self,
        access: Access = "private",
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Publish the benchmark; see `PolarisHubClient.upload_benchmark`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the benchmark's own.
            if_exists: ``raise`` or ``replace``.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_benchmark(self, access=access, owner=owner, if_exists=if_exists)


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class SingleTaskBenchmarkSpecification(
    BenchmarkV1Specification, domain.SingleTaskBenchmarkSpecification
):
    """A benchmark with one target column."""


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class MultiTaskBenchmarkSpecification(
    BenchmarkV1Specification, domain.MultiTaskBenchmarkSpecification
):
    """A benchmark with several target columns."""


BenchmarkSpecification = BenchmarkV1Specification
