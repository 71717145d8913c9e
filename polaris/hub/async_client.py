"""The client of a hub."""

from __future__ import annotations

from polaris.hub.methods.benchmarks import BenchmarkMethods
from polaris.hub.methods.competitions import CompetitionMethods
from polaris.hub.methods.datasets import DatasetMethods
from polaris.hub.methods.models import ModelMethods
from polaris.hub.methods.predictions import PredictionMethods
from polaris.hub.methods.raw_http import RawHttpMethods
from polaris.hub.methods.results import ResultMethods

__all__ = ["AsyncPolarisHubClient"]


class AsyncPolarisHubClient(
    DatasetMethods,
    BenchmarkMethods,
    ResultMethods,
    ModelMethods,
    CompetitionMethods,
    PredictionMethods,
    RawHttpMethods,
):
    """A client of a hub for code in an event loop; `PolarisHubClient` is its blocking twin.

    ``settings.hub_url`` alone decides which hub: ``file:///…`` is one in a folder of this machine,
    ``memory://…`` one in this process, for tests.

    Example:
        >>> import asyncio
        >>> from polaris.hub.settings import PolarisHubSettings
        >>> async def names() -> list[str]:
        ...     settings = PolarisHubSettings(hub_url="memory://example")
        ...     async with AsyncPolarisHubClient(settings) as client:
        ...         return await client.list_datasets()
        >>> asyncio.run(names())
        []

    Args:
        settings: Where the hub is and how to reach it; read from the environment and the profile
            file when omitted.
        cache_auth_token: Whether a sign-in is kept for the next client.
        container: The wiring; made from ``settings`` when omitted. Its owner closes it.
        **kwargs: Handed to the hub's HTTP client; of no effect on hubs without HTTP.

    Raises:
        InvalidSettingsError: The settings cannot be read, or break a rule.
        UnknownTransportError: No transport serves the scheme of the hub's URL.
    """
