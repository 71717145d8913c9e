"""The public competition class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from polaris.domain import competition as domain
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.hub.artifacts.dataset_v2 import DatasetV2
from polaris.hub.artifacts.submissions import CompetitionPredictions
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["CompetitionSpecification"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class CompetitionSpecification(domain.CompetitionSpecification, DatasetV2):
    """A dataset, a task and a split in one, open for submissions during a time.

    Everything about the task is documented on the domain class; this one adds hubs.
    """

    def submit_predictions(
        self,
        predictions: Any,
        prediction_name: str,
        prediction_owner: HubOwner | str,
        report_url: str,
        contributors: Sequence[str] | None = None,
        github_url: str | None = None,
        description: str = "",
        tags: Sequence[str] | None = None,
        user_attributes: Mapping[str, str] | None = None,
        *,
        settings: PolarisHubSettings | None = None,
        **kwargs: Any,
    ) -> ArtifactRecord:
        """Submit predictions for the test sets; the hub scores them.

        Args:
            predictions: In a shape that `BenchmarkPredictions` accepts.
            prediction_name: Name of the submission.
            prediction_owner: User or organization that submits.
            report_url: Web address of the report on how they were made.
            contributors: Users who share the credit.
            github_url: Web address of the code.
            description: One or a few sentences.
            tags: Free words.
            user_attributes: Free pairs of texts.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.

        Returns:
            What the hub now holds; `PolarisHubClient.submission_status` tells what comes of it.

        Raises:
            InvalidPredictionsError: The predictions do not fit the competition; all problems are
                reported together.
            PolarisCreateArtifactError: The competition is not on the hub, or not open.
        """
        submission = CompetitionPredictions(
            competition_artifact_id=self.artifact_id,
            predictions=predictions,
            target_labels=list(self.target_cols),
            test_set_labels=self.test_set_labels,
            test_set_sizes=self.test_set_sizes,
            name=prediction_name,
            owner=prediction_owner,
            paper_url=report_url,
            contributors=list(contributors or []),
            github_url=github_url,
            description=description,
            tags=list(tags or []),
            user_attributes=dict(user_attributes or {}),
        )
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.submit_competition_predictions(self, submission)

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
        """Publish the competition; see `PolarisHubClient.upload_competition`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the competition's own.
            if_exists: ``raise`` or ``replace``.
            parent_artifact_id: The competition that this is a new version of.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_competition(
                self,
                access=access,
                owner=owner,
                if_exists=if_exists,
                parent_artifact_id=parent_artifact_id,
            )
