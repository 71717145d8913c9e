"""The log of the processes of ``polaris serve``; applications built without it log as they like."""

from __future__ import annotations

import logging
import sys

from polaris.bootstrap.server.settings import ServerSettings
from polaris_adapters.hub_server.operation import JsonLines, TextLines

__all__ = ["set_up_log"]

# What other libraries tell below a warning is of no use to operators.
_OURS = ("polaris", "polaris_adapters", "uvicorn.error")


def set_up_log(settings: ServerSettings) -> None:
    """Write the log of this process to standard error, as the settings have it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    for name in _OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
