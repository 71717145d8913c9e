"""What operators need of a hub server: health, metrics, a log, and what guards the requests."""

from __future__ import annotations

from polaris_adapters.hub_server.operation.guarding import Operation, operated
from polaris_adapters.hub_server.operation.health import Check, Readiness
from polaris_adapters.hub_server.operation.log_format import JsonLines, TextLines
from polaris_adapters.hub_server.operation.metrics import Metrics, forget_dead_processes

__all__ = [
    "Check",
    "JsonLines",
    "Metrics",
    "Operation",
    "Readiness",
    "TextLines",
    "forget_dead_processes",
    "operated",
]
