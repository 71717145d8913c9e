"""A transport: the ports of one hub, as the adapters of one URL scheme provide them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

import attrs

from polaris.ports.artifact_history import ArtifactHistory
from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.auth import AuthPort
from polaris.ports.clock import Clock
from polaris.ports.hidden_targets import HiddenTargets, TargetDeposit
from polaris.ports.http import RawHttp
from polaris.ports.interaction import Interaction
from polaris.ports.jobs import JobQueue, JobReader
from polaris.ports.progress import ProgressPort

__all__ = ["OpenTransport", "Transport", "TransportRequest", "WorkerPorts"]


async def _nothing() -> None:
    return None


@attrs.frozen
class Transport:
    """The ports of one hub.

    Attributes:
        auth: Who the caller is.
        artifacts: The catalogue.
        storage: The objects of its artifacts.
        deposit: Takes in the test targets of competitions; None on a hub that holds none.
        jobs: Tells how far the scoring of submissions has come; None on a hub that scores none.
        history: Earlier revisions and tombstones; None on a hub that keeps none.
        http: Calls of its API that have no port of their own; None on a hub without HTTP.
        aclose: Releases what the transport holds; may be awaited more than once.
    """

    auth: AuthPort
    artifacts: ArtifactRepository
    storage: ArtifactStorage
    deposit: TargetDeposit | None = None
    jobs: JobReader | None = None
    history: ArtifactHistory | None = None
    http: RawHttp | None = None
    aclose: Callable[[], Awaitable[None]] = _nothing


@attrs.frozen
class WorkerPorts:
    """The ports of what scores submissions; it stands on the hub's own side.

    Attributes:
        artifacts: The catalogue.
        storage: The objects of its artifacts.
        hidden: The test targets that the hub keeps to itself.
        jobs: The submissions that are to be scored.
        may_see: Whether the first of two owners may read what the second keeps private; None where
            everybody may.
        aclose: Releases what is held; may be awaited more than once.
    """

    artifacts: ArtifactRepository
    storage: ArtifactStorage
    hidden: HiddenTargets
    jobs: JobQueue
    may_see: Callable[[str, str], Awaitable[bool]] | None = None
    aclose: Callable[[], Awaitable[None]] = _nothing


@attrs.frozen
class TransportRequest:
    """What a transport is opened with.

    Attributes:
        hub_url: The URL of the hub, with its scheme.
        settings: All settings of the client, by name.
        clock: Tells and spends time.
        progress: Shows progress.
        http_options: What the user handed to the client for its HTTP client; a transport without
            HTTP takes no notice.
        interaction: Talks with the person who signs in; None where there is nobody.
    """

    hub_url: str
    settings: Mapping[str, Any]
    clock: Clock
    progress: ProgressPort
    http_options: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    interaction: Interaction | None = None


class OpenTransport(Protocol):
    """What an entry point of the group ``polaris.transports`` names; its name is the scheme."""

    def __call__(self, request: TransportRequest, /) -> Transport:
        """Open the transport; connections are better made at first use.

        Raises:
            InvalidInputError: The URL is not one of such a hub.
            MissingExtraError: A package that the transport needs is not installed.
            PolarisHubError: The hub cannot be opened.
        """
        ...
