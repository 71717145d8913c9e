"""A model: what was judged when predictions were."""

from __future__ import annotations

from typing import ClassVar

import attrs

from polaris.domain.artifact import VersionedArtifact
from polaris.domain.dataset import http_url
from polaris.domain.fields import check_assignment
from polaris.domain.identity import ArtifactKind

__all__ = ["Model"]


@attrs.define(kw_only=True, eq=False, repr=False, on_setattr=check_assignment)
class Model(VersionedArtifact):
    """A method or trained model that makes predictions, described by where it is published.

    Attributes:
        code_url: Web address of the code.
        report_url: Web address of the paper or report.

    Raises:
        InvalidInputError: A field breaks a rule; all problems are reported together.
    """

    kind: ClassVar[ArtifactKind] = ArtifactKind.MODEL
    version: ClassVar[int] = 1

    code_url: str | None = attrs.field(default=None, converter=attrs.converters.optional(http_url))
    report_url: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(http_url)
    )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        # A model is what is said of it: there is no content to compare, as datasets have.
        return all(
            getattr(self, field.name) == getattr(other, field.name) for field in attrs.fields(Model)
        )

    __hash__ = None  # type: ignore[assignment]

    def _summary(self) -> str:
        return f"version {self.artifact_version}"
