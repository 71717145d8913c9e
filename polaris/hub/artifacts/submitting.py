"""Submitting predictions from a benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.identity import HubOwner
from polaris.hub.artifacts.submissions import BenchmarkPredictionsV2
from polaris.ports.artifacts import ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings
    from polaris.domain.model import Model

__all__ = ["Submitting"]


class Submitting:
    """Lets a benchmark submit predictions."""

    __slots__ = ()

    def submit_predictions(
        self,
        predictions: Any,
        prediction_name: str,
        prediction_owner: HubOwner | str,
        contributors: Sequence[str] | None = None,
        model: Model | str | None = None,
        description: str = "",
        tags: Sequence[str] | None = None,
        user_attributes: Mapping[str, str] | None = None,
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Submit predictions for the test sets; the hub scores them.

        Args:
            predictions: In a shape that `BenchmarkPredictions` accepts; on a dataset of version 2
                with the types of its columns.
            prediction_name: Name of the submission.
            prediction_owner: User or organization that submits.
            contributors: Users who share the credit.
            model: The model that made the predictions, or its id.
            description: One or a few sentences.
            tags: Free words.
            user_attributes: Free pairs of texts.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.

        Returns:
            What the hub now holds; `PolarisHubClient.submission_status` tells what comes of it.

        Raises:
            InvalidPredictionsError: The predictions do not fit the benchmark; all problems are
                reported together.
            PolarisCreateArtifactError: The benchmark is not on the hub, or it has no metrics.
        """
        assert isinstance(self, (BenchmarkV1Specification, BenchmarkV2Specification))
        is_v2 = isinstance(self, BenchmarkV2Specification)
        submission = BenchmarkPredictionsV2(
            benchmark_artifact_id=self.artifact_id,
            predictions=predictions,
            target_labels=list(self.target_cols),
            test_set_labels=self.test_set_labels,
            test_set_sizes=self.test_set_sizes,
            dataset_zarr_root=self.dataset.zarr_root if is_v2 else None,
            name=prediction_name,
            owner=prediction_owner,
            contributors=list(contributors or []),
            model=model,
            description=description,
            tags=list(tags or []),
            user_attributes=dict(user_attributes or {}),
        )
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.submit_benchmark_predictions(submission)
