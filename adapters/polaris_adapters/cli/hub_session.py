"""A client of the hub that the options name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from polaris_adapters.cli.global_options import GlobalOptions

if TYPE_CHECKING:
    from polaris.hub.client import PolarisHubClient

__all__ = ["open_hub"]


@contextmanager
def open_hub(options: GlobalOptions) -> Iterator[PolarisHubClient]:
    """Open a client of the hub, with progress bars where somebody watches.

    Raises:
        InvalidSettingsError: The settings cannot be read, or break a rule.
        UnknownTransportError: No transport serves the scheme of the hub's URL.
    """
    from polaris.application.loop_thread import run_blocking
    from polaris.bootstrap.container import build_container, close_container, show_progress
    from polaris.bootstrap.settings import PolarisHubSettings
    from polaris.hub.client import PolarisHubClient

    container = build_container(PolarisHubSettings(**options.settings))
    if options.shows_progress:
        show_progress(container)
    try:
        with PolarisHubClient(container=container) as client:
            yield client
    finally:
        run_blocking(close_container(container))
