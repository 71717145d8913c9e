"""A transport: the ports of one hub, as the adapters of one URL scheme provide them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from polaris.ports.artifact_storage import ArtifactStorage
from polaris.ports.artifacts import ArtifactRepository
from polaris.ports.auth import AuthPort

__all__ = ["Transport"]


async def _nothing() -> None:
    return None


@attrs.frozen
class Transport:
    """The ports of one hub.

    Attributes:
        auth: Who the caller is.
        artifacts: The catalogue.
        storage: The objects of its artifacts.
        aclose: Releases what the transport holds; may be awaited more than once.
    """

    auth: AuthPort
    artifacts: ArtifactRepository
    storage: ArtifactStorage
    aclose: Callable[[], Awaitable[None]] = _nothing
