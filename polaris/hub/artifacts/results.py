"""The public results class."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

import attrs

from polaris.application.load_files import split_location
from polaris.application.save_files import save_results
from polaris.domain import results as domain
from polaris.domain.fields import check_assignment
from polaris.domain.identity import HubOwner
from polaris.hub.artifacts.dumping import Dumping
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["BenchmarkResults", "BenchmarkResultsV1"]


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
        return wait(local_services().load_results(os.fspath(path), cls=cls))

    def to_json(self, path: str | os.PathLike[str]) -> None:
        """Save the results as a JSON file; the folder is made where missing.

        Raises:
            InvalidInputError: A score is not a number, which JSON cannot hold.
        """
        folder, name = split_location(os.fspath(path))
        store = local_services().locator.folder(folder, create=True)
        wait(save_results(self, store, name))

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


BenchmarkResults = BenchmarkResultsV1
