"""Models: what makes the predictions that benchmarks judge."""

from __future__ import annotations

from polaris.hub.artifacts.model import Model

__all__ = ["Model"]
