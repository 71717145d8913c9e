"""What can be done with any benchmark outside: saving it to files, publishing it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from polaris.domain.benchmark_v1 import BenchmarkV1Specification
from polaris.domain.benchmark_v2 import BenchmarkV2Specification
from polaris.domain.identity import HubOwner
from polaris.domain.locations import location_text
from polaris.hub.local_services import local_services, wait
from polaris.ports.artifacts import Access, ArtifactRecord

if TYPE_CHECKING:
    from polaris.bootstrap.settings import PolarisHubSettings

__all__ = ["BenchmarkFiles"]


class BenchmarkFiles:
    """Adds saving and publishing to a benchmark."""

    __slots__ = ()

    def to_json(self, destination: str | os.PathLike[str]) -> str:
        """Save the benchmark and its dataset to a folder, which can then be moved as a whole.

        Args:
            destination: The folder; made where missing.

        Returns:
            The path of the benchmark's JSON document.
        """
        assert isinstance(self, (BenchmarkV1Specification, BenchmarkV2Specification))
        location = location_text(destination)
        services = local_services()
        folder = services.locator.folder(location, create=True)
        key = wait(services.save_benchmark(self, folder))
        return f"{location.rstrip('/')}/{key}"

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
        """Publish the benchmark; see `PolarisHubClient.upload_benchmark`.

        Args:
            access: ``public`` or ``private``.
            owner: Takes precedence over the benchmark's own.
            if_exists: ``raise`` or ``replace``.
            parent_artifact_id: The benchmark that this is a new version of.
            settings: Which hub; read from the environment and the profile file when omitted.
            **kwargs: Handed to `PolarisHubClient`.
        """
        assert isinstance(self, (BenchmarkV1Specification, BenchmarkV2Specification))
        benchmark: BenchmarkV1Specification | BenchmarkV2Specification = self
        from polaris.hub.client import PolarisHubClient

        with PolarisHubClient(settings, **kwargs) as client:
            return client.upload_benchmark(
                benchmark,
                access=access,
                owner=owner,
                if_exists=if_exists,
                parent_artifact_id=parent_artifact_id,
            )
