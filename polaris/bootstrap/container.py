"""The wiring: which adapter stands behind which port."""

from __future__ import annotations

import operator
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs
from dependency_injector import containers, providers

from polaris.application.null_progress import NullProgress
from polaris.application.retry import RetryPolicy
from polaris.bootstrap.settings import PolarisHubSettings
from polaris.bootstrap.transport_registry import open_transport
from polaris.errors import InvalidSettingsError, MissingExtraError, PolarisHubError
from polaris.ports.archives import ArchivePort
from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.auth import AuthPort
from polaris.ports.clock import Clock
from polaris.ports.hidden_targets import TargetDeposit
from polaris.ports.http import RawHttp
from polaris.ports.interaction import Interaction
from polaris.ports.jobs import JobReader
from polaris.ports.locations import StorageLocator
from polaris.ports.molecular_files import MoleculeFiles, StructureFiles
from polaris.ports.progress import ProgressPort
from polaris.ports.transport import Transport, TransportRequest
from polaris_adapters.system_clock import SystemClock

__all__ = [
    "HubContainer",
    "build_container",
    "close_container",
    "open_archives",
    "show_progress",
    "talk_in_json_lines",
]


def open_archives() -> ArchivePort:
    """Return what reads and writes Zarr archives, with the codecs of molecules and structures."""
    from polaris_adapters.chem_formats.registering import register_codecs
    from polaris_adapters.zarr_arrays import ZarrArchives

    register_codecs()
    return ZarrArchives()


def _molecules() -> MoleculeFiles:
    from polaris_adapters.chem_formats.rdkit_files import RDKitMoleculeFiles

    return RDKitMoleculeFiles()


def _structures() -> StructureFiles:
    from polaris_adapters.chem_formats.structure_files import BiotiteStructureFiles

    return BiotiteStructureFiles()


def _locations() -> StorageLocator:
    from polaris_adapters.object_store.locator import FolderLocator

    return FolderLocator()


def _interaction() -> Interaction:
    from polaris_adapters.terminal_interaction import TerminalInteraction

    return TerminalInteraction(dict(os.environ))


def _retry_policy(settings: PolarisHubSettings) -> RetryPolicy:
    return RetryPolicy(attempts=settings.max_attempts, total=settings.total_timeout)


def _transport(
    settings: PolarisHubSettings,
    clock: Clock,
    progress: ProgressPort,
    http_options: Mapping[str, Any],
    interaction: Interaction,
    opened: list[Callable[[], Awaitable[None]]],
) -> Transport:
    transport = open_transport(
        TransportRequest(
            settings.hub_url,
            attrs.asdict(settings, recurse=False),
            clock,
            progress,
            http_options,
            interaction,
        )
    )
    opened.append(transport.aclose)
    return transport


def _offered(transport: Transport, port: str, lacks: str) -> Any:
    found = getattr(transport, port)
    if found is None:
        raise PolarisHubError(
            f"The hub {lacks}", hint="Hubs in a folder (file:///…) do; choose another hub_url."
        )
    return found


def _http(transport: Transport) -> RawHttp:
    if transport.http is None:
        raise PolarisHubError(
            "The hub is not reached over HTTP, so it takes no calls of its API",
            hint="Hubs at https://… do; the other methods of the client work on every hub.",
        )
    return transport.http


class HubContainer(containers.DeclarativeContainer):
    """Provides every port of a client; each provider can be overridden.

    Nothing is made before it is asked for, and each thing is made once. A transport is opened only
    if one of ``auth``, ``artifacts`` and ``storage`` is not overridden.
    """

    settings: providers.Provider[PolarisHubSettings] = providers.Dependency(
        instance_of=PolarisHubSettings
    )
    http_options: providers.Provider[Mapping[str, Any]] = providers.Object({})
    opened: providers.Provider[list[Callable[[], Awaitable[None]]]] = providers.Singleton(list)

    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
    progress: providers.Provider[ProgressPort] = providers.Singleton(NullProgress)
    interaction: providers.Provider[Interaction] = providers.Singleton(_interaction)
    retry_policy: providers.Provider[RetryPolicy] = providers.Singleton(_retry_policy, settings)
    locations: providers.Provider[StorageLocator] = providers.Singleton(_locations)
    archives: providers.Provider[ArchivePort] = providers.Singleton(open_archives)
    molecules: providers.Provider[MoleculeFiles] = providers.Singleton(_molecules)
    structures: providers.Provider[StructureFiles] = providers.Singleton(_structures)

    transport: providers.Provider[Transport] = providers.Singleton(
        _transport, settings, clock, progress, http_options, interaction, opened
    )
    auth: providers.Provider[AuthPort] = providers.Callable(operator.attrgetter("auth"), transport)
    artifacts: providers.Provider[ArtifactRepository] = providers.Callable(
        operator.attrgetter("artifacts"), transport
    )
    storage: providers.Provider[ArtifactStorage] = providers.Callable(
        operator.attrgetter("storage"), transport
    )
    deposit: providers.Provider[TargetDeposit] = providers.Callable(
        _offered, transport, "deposit", "holds no competitions"
    )
    jobs: providers.Provider[JobReader] = providers.Callable(
        _offered, transport, "jobs", "scores no submissions"
    )
    history: providers.Provider[ArtifactHistory] = providers.Callable(
        _offered, transport, "history", "keeps no earlier versions, and nothing of what was deleted"
    )
    http: providers.Provider[RawHttp] = providers.Callable(_http, transport)


def build_container(
    settings: PolarisHubSettings, *, http_options: Mapping[str, Any] | None = None
) -> HubContainer:
    """Return the wiring for some settings; nothing is opened yet.

    Args:
        settings: Where the hub is and how to reach it.
        http_options: What the user handed to the client for its HTTP client.

    Raises:
        InvalidSettingsError: They are something else than settings.
    """
    if not isinstance(settings, PolarisHubSettings):
        raise InvalidSettingsError(
            f"settings must be PolarisHubSettings, not {type(settings).__name__}",
            hint="Write PolarisHubSettings(hub_url=…).",
        )
    return HubContainer(
        settings=providers.Object(settings), http_options=providers.Object(http_options or {})
    )


def show_progress(container: HubContainer) -> None:
    """Let long work show bars on the terminal's error output; nothing where that is no terminal.

    Raises:
        MissingExtraError: The packages of the extra ``cli`` are not installed.
    """
    try:
        from polaris_adapters.terminal_progress import TerminalProgress
    except ModuleNotFoundError as cause:
        raise MissingExtraError("Showing progress", extra="cli") from cause
    container.progress.override(TerminalProgress())


def talk_in_json_lines(container: HubContainer) -> None:
    """Let signing in write its events as lines of JSON, and read answers, a line each."""
    from polaris_adapters.terminal_interaction import JsonLinesInteraction

    container.interaction.override(JsonLinesInteraction(dict(os.environ)))


async def close_container(container: HubContainer) -> None:
    """Release what the container has opened, the last opened first."""
    opened = container.opened()
    while opened:
        await opened.pop()()
