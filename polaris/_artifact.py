"""The old address of the base of all artifacts."""

from __future__ import annotations

from polaris.domain.artifact import Artifact as BaseArtifactModel

__all__ = ["BaseArtifactModel"]
