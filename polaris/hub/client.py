"""The blocking client of a hub."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from polaris.bootstrap.container import HubContainer
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.domain.identity import HubOwner
from polaris.hub.async_client import AsyncPolarisHubClient
from polaris.hub.blocking import blocking, blocking_property
from polaris.message_text import without_credentials

__all__ = ["AsyncPolarisHubClient", "PolarisHubClient"]


class PolarisHubClient:
    """A client of a hub: lists, loads and publishes datasets, benchmarks and results.

    ``settings.hub_url`` alone decides which hub: ``file:///…`` is one in a folder of this machine,
    ``memory://…`` one in this process, for tests. The client works in scripts, in notebooks and in
    several threads at once. Close it when you are done, or use it as a context manager.

    Example:
        >>> from polaris.hub.settings import PolarisHubSettings
        >>> with PolarisHubClient(PolarisHubSettings(hub_url="memory://example")) as client:
        ...     client.list_datasets()
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

    def __init__(
        self,
        settings: PolarisHubSettings | None = None,
        cache_auth_token: bool = True,
        *,
        container: HubContainer | None = None,
        **kwargs: Any,
    ) -> None:
        self._twin = AsyncPolarisHubClient(
            settings, cache_auth_token, container=container, **kwargs
        )

    @property
    def settings(self) -> PolarisHubSettings:
        """The settings that the client was built from."""
        return self._twin.settings

    login = blocking(AsyncPolarisHubClient.login)
    logout = blocking(AsyncPolarisHubClient.logout)
    user_info: blocking_property[dict[str, Any]] = blocking_property(
        AsyncPolarisHubClient.user_info
    )
    user_as_owner: blocking_property[HubOwner] = blocking_property(
        AsyncPolarisHubClient.user_as_owner
    )

    list_datasets = blocking(AsyncPolarisHubClient.list_datasets)
    get_dataset = blocking(AsyncPolarisHubClient.get_dataset)
    upload_dataset = blocking(AsyncPolarisHubClient.upload_dataset)
    open_zarr_file = blocking(AsyncPolarisHubClient.open_zarr_file)

    list_benchmarks = blocking(AsyncPolarisHubClient.list_benchmarks)
    get_benchmark = blocking(AsyncPolarisHubClient.get_benchmark)
    upload_benchmark = blocking(AsyncPolarisHubClient.upload_benchmark)

    list_results = blocking(AsyncPolarisHubClient.list_results)
    get_results = blocking(AsyncPolarisHubClient.get_results)
    upload_results = blocking(AsyncPolarisHubClient.upload_results)
    leaderboard = blocking(AsyncPolarisHubClient.leaderboard)

    list_models = blocking(AsyncPolarisHubClient.list_models)
    get_model = blocking(AsyncPolarisHubClient.get_model)
    upload_model = blocking(AsyncPolarisHubClient.upload_model)

    list_competitions = blocking(AsyncPolarisHubClient.list_competitions)
    get_competition = blocking(AsyncPolarisHubClient.get_competition)
    upload_competition = blocking(AsyncPolarisHubClient.upload_competition)
    submit_competition_predictions = blocking(AsyncPolarisHubClient.submit_competition_predictions)
    list_competition_results = blocking(AsyncPolarisHubClient.list_competition_results)
    competition_leaderboard = blocking(AsyncPolarisHubClient.competition_leaderboard)
    get_competition_results = blocking(AsyncPolarisHubClient.get_competition_results)

    list_predictions = blocking(AsyncPolarisHubClient.list_predictions)
    get_predictions = blocking(AsyncPolarisHubClient.get_predictions)
    submit_benchmark_predictions = blocking(AsyncPolarisHubClient.submit_benchmark_predictions)
    list_submissions = blocking(AsyncPolarisHubClient.list_submissions)
    submission_status = blocking(AsyncPolarisHubClient.submission_status)

    get_record = blocking(AsyncPolarisHubClient.get_record)
    list_records = blocking(AsyncPolarisHubClient.list_records)
    list_versions = blocking(AsyncPolarisHubClient.list_versions)
    get_version = blocking(AsyncPolarisHubClient.get_version)
    delete_artifact = blocking(AsyncPolarisHubClient.delete_artifact)
    restore_artifact = blocking(AsyncPolarisHubClient.restore_artifact)
    list_deleted = blocking(AsyncPolarisHubClient.list_deleted)

    request = blocking(AsyncPolarisHubClient.request)
    get = blocking(AsyncPolarisHubClient.get)
    post = blocking(AsyncPolarisHubClient.post)
    put = blocking(AsyncPolarisHubClient.put)
    delete = blocking(AsyncPolarisHubClient.delete)

    close = blocking(AsyncPolarisHubClient.close)

    def __enter__(self) -> Self:
        self._twin.check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({without_credentials(self.settings.hub_url)!r})"
