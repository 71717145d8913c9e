"""The one family of errors.

    PolarisError
    +-- InvalidInputError (ValueError)          a value breaks a rule; lists every problem found
    |   +-- InvalidNameError                    an owner, slug, name, artifact id or URN
    |   +-- OutOfRangeError (IndexError)        a row, item or rank that there is none of
    |   +-- InvalidDatasetError
    |   +-- InvalidBenchmarkError
    |   +-- InvalidCompetitionError
    |   +-- InvalidMetricError
    |   +-- InvalidPredictionsError
    |   +-- InvalidResultError
    |   +-- InvalidSettingsError
    |   +-- InvalidZarrChecksum
    +-- PolarisChecksumError (ValueError)       content differs from its recorded checksum
    +-- TestAccessError (PermissionError)       test targets are hidden on purpose
    +-- InvalidZarrCodec                        an archive needs a codec that is not installed
    +-- MissingExtraError (ImportError)         an optional dependency is not installed
    +-- StorageError (OSError)                  bytes could not be read or written
    |   +-- ObjectNotFoundError (FileNotFoundError)
    |   +-- ObjectExistsError (FileExistsError)
    |   +-- DamagedFileError                    bytes are there but cannot be decoded
    +-- ClosedError (RuntimeError)              a client was used after it had been closed
    +-- PolarisHubError                         a hub refused or failed
        +-- PolarisUnauthorizedError (PermissionError)
        +-- PolarisCreateArtifactError
        |   +-- ArtifactExistsError (FileExistsError)
        +-- PolarisRetrieveArtifactError
        |   +-- ArtifactNotFoundError (LookupError)
        +-- PolarisSSLError
        +-- UnknownTransportError (ValueError)  no transport for the scheme of a hub URL
        +-- HubBusyError                        try again: another writer holds the hub
        +-- LeaseLostError                      another worker has taken over the job

Every error has a one-line ``message``, a ``hint`` that says what to do next, a stable ``code`` for
programs, ``retryable``, and the ``exit_code`` with which the command line ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from polaris.message_text import presentable

__all__ = [
    "ArtifactExistsError",
    "ArtifactNotFoundError",
    "ClosedError",
    "DamagedFileError",
    "HubBusyError",
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
    "LeaseLostError",
    "MissingExtraError",
    "ObjectExistsError",
    "ObjectNotFoundError",
    "OutOfRangeError",
    "PolarisChecksumError",
    "PolarisCreateArtifactError",
    "PolarisError",
    "PolarisHubError",
    "PolarisRetrieveArtifactError",
    "PolarisSSLError",
    "PolarisUnauthorizedError",
    "Problem",
    "StorageError",
    "TestAccessError",
    "UnknownTransportError",
]


class Problem(NamedTuple):
    """One rule that a value breaks.

    Attributes:
        path: Where the value stands in its document, such as ``annotations.smiles.modality``.
        message: What is wrong there, in one line.
        hint: What to do about it; may be empty.
    """

    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message}"


class PolarisError(Exception):
    """Base of every error that Polaris raises on purpose.

    Args:
        message: What was tried, on what, and why it failed; one line.
        hint: What to do next.
    """

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        self.message = presentable(message)
        self.hint = presentable(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle by their positional arguments; ours have keyword-only ones.
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[PolarisError], state: dict[str, object]) -> PolarisError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (state.get("message", ""),)
    return error


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


class StorageError(PolarisError, OSError):
    """Bytes could not be read from, or written to, storage."""

    code = "storage"


class ObjectNotFoundError(StorageError, FileNotFoundError):
    """An object or file that must be there is not."""

    code = "object_not_found"
    exit_code = 4


class ObjectExistsError(StorageError, FileExistsError):
    """An object or file is already there and may not be replaced.

    Args:
        message: See `PolarisError`.
        hint: See `PolarisError`.
        keys: The keys that exist.
    """

    code = "object_exists"
    exit_code = 5

    def __init__(self, message: str = "", *, hint: str = "", keys: Sequence[str] = ()) -> None:
        self.keys: tuple[str, ...] = tuple(keys)
        super().__init__(message, hint=hint)


class DamagedFileError(StorageError):
    """A file or object is there but its content cannot be decoded."""

    code = "damaged_file"
    exit_code = 6


class ClosedError(PolarisError, RuntimeError):
    """A client was used after it had been closed."""

    code = "closed"


class PolarisHubError(PolarisError):
    """A hub refused a call or failed.

    Args:
        message: See `PolarisError`.
        hint: See `PolarisError`.
        response_text: What the hub answered, shortened.
        request_id: The hub's identifier of the request, for its operators.
    """

    code = "hub"

    def __init__(
        self,
        message: str = "",
        response_text: str = "",
        *,
        hint: str = "",
        request_id: str | None = None,
    ) -> None:
        self.response_text = response_text
        self.request_id = request_id
        super().__init__(message, hint=hint)


class PolarisUnauthorizedError(PolarisHubError, PermissionError):
    """Nobody is signed in, or the one who is may not do this."""

    code = "unauthorized"
    exit_code = 3


class PolarisCreateArtifactError(PolarisHubError):
    """A hub did not accept an artifact."""

    code = "create_artifact"


class ArtifactExistsError(PolarisCreateArtifactError, FileExistsError):
    """The artifact is on the hub already and the caller asked not to replace it."""

    code = "artifact_exists"
    exit_code = 5


class PolarisRetrieveArtifactError(PolarisHubError):
    """An artifact could not be fetched from a hub."""

    code = "retrieve_artifact"


class ArtifactNotFoundError(PolarisRetrieveArtifactError, LookupError):
    """A hub has no such artifact, or does not show it to the caller."""

    code = "artifact_not_found"
    exit_code = 4


class PolarisSSLError(PolarisHubError):
    """The certificate of a hub could not be verified."""

    code = "ssl"
    exit_code = 7


class UnknownTransportError(PolarisHubError, ValueError):
    """No installed transport serves the scheme of a hub URL."""

    code = "unknown_transport"
    exit_code = 2


class HubBusyError(PolarisHubError):
    """Another writer holds the hub; the same call may succeed a moment later."""

    code = "hub_busy"
    retryable = True
    exit_code = 7


class LeaseLostError(PolarisHubError):
    """A worker's time with a job was up, and another worker has taken it."""

    code = "lease_lost"
