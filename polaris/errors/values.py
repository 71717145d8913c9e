"""Errors about values, content and packages."""

from __future__ import annotations

from collections.abc import Iterable

from polaris.errors.root import PolarisError, Problem
from polaris.message_text import presentable

__all__ = [
    "InvalidBenchmarkError",
    "InvalidCompetitionError",
    "InvalidDatasetError",
    "InvalidInputError",
    "InvalidMetricError",
    "InvalidNameError",
    "InvalidPredictionsError",
    "InvalidResultError",
    "InvalidSettingsError",
    "InvalidZarrChecksum",
    "InvalidZarrCodec",
    "MissingExtraError",
    "OutOfRangeError",
    "PolarisChecksumError",
    "TestAccessError",
]


class InvalidInputError(PolarisError, ValueError):
    """A value breaks one or more rules; nothing was changed.

    Args:
        message: One line; made from ``problems`` when empty.
        hint: What to do next; taken from the problems when empty.
        problems: Every rule that was found broken, in document order.
    """

    code = "invalid_input"
    exit_code = 2

    def __init__(
        self, message: str = "", *, hint: str = "", problems: Iterable[Problem] = ()
    ) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            Problem(*(presentable(part) for part in problem)) for problem in problems
        )
        if not message and self.problems:
            message = "; ".join(dict.fromkeys(str(problem) for problem in self.problems))
        if not hint:
            hint = " ".join(dict.fromkeys(p.hint for p in self.problems if p.hint))
        super().__init__(message, hint=hint)
        if not self.problems:
            self.problems = (Problem("", self.message, self.hint),)


class InvalidNameError(InvalidInputError):
    """An owner, slug, name, artifact id or URN breaks the naming rules."""

    code = "invalid_name"


class OutOfRangeError(InvalidInputError, IndexError):
    """A row, item or rank is asked for that there is none of."""

    code = "out_of_range"


class InvalidDatasetError(InvalidInputError):
    """A dataset breaks a rule."""

    code = "invalid_dataset"


class InvalidBenchmarkError(InvalidInputError):
    """A benchmark, its split or its task breaks a rule."""

    code = "invalid_benchmark"


class InvalidCompetitionError(InvalidInputError):
    """A competition breaks a rule."""

    code = "invalid_competition"


class InvalidMetricError(InvalidInputError):
    """A metric is unknown, misconfigured or does not fit its target."""

    code = "invalid_metric"


class InvalidPredictionsError(InvalidInputError):
    """Predictions do not have the shape that a benchmark asks for."""

    code = "invalid_predictions"


class InvalidResultError(InvalidInputError):
    """A results table or record breaks a rule."""

    code = "invalid_result"


class InvalidSettingsError(InvalidInputError):
    """Settings cannot be read or break a rule."""

    code = "invalid_settings"


class InvalidZarrChecksum(InvalidInputError):
    """A text is not a Zarr archive digest."""

    code = "invalid_zarr_checksum"


class PolarisChecksumError(PolarisError, ValueError):
    """Content differs from the checksum that was recorded for it."""

    code = "checksum_mismatch"
    exit_code = 6


class TestAccessError(PolarisError, PermissionError):
    """The targets of a test set were asked for; benchmarks keep them hidden."""

    __test__ = False  # keeps pytest from collecting it
    code = "test_access"


class InvalidZarrCodec(PolarisError):
    """An archive needs a codec that is not installed.

    Args:
        codec_id: Identifier of the codec, as the archive's metadata has it.
    """

    code = "invalid_zarr_codec"

    def __init__(self, codec_id: str) -> None:
        self.codec_id = codec_id
        super().__init__(
            f"The archive needs the Zarr codec {codec_id!r}, which is not installed.",
            hint="Install and import the package that brings it, or ask the archive's publisher "
            "for a copy without it.",
        )


class MissingExtraError(PolarisError, ImportError):
    """An optional dependency is not installed.

    Args:
        feature: What was asked for.
        extra: The extra of the distribution that brings it.
    """

    code = "missing_extra"

    def __init__(self, feature: str, *, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"{feature} needs packages that are not installed.",
            hint=f"pip install 'polaris-hub[{extra}]'",
        )
