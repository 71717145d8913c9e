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
    |   |   +-- IncompleteUploadError           not all has arrived of what is published
    |   +-- ObjectExistsError (FileExistsError)
    |   +-- DamagedFileError                    bytes are there but cannot be decoded
    |   +-- StorageUnavailableError             a store did not answer, or was overloaded
    +-- ClosedError (RuntimeError)              a client was used after it had been closed
    +-- PolarisHubError                         a hub refused or failed
        +-- PolarisUnauthorizedError (PermissionError)
        |   +-- AccessDeniedError               not allowed; is PolarisCreateArtifactError too
        |   |   +-- InsufficientScopeError      the account may, but not with this token
        |   +-- SignInError                     a sign-in that was begun did not succeed
        +-- PolarisCreateArtifactError
        |   +-- ArtifactExistsError (FileExistsError)
        |       +-- ArtifactDeletedError        its name is kept until it is restored
        +-- ArtifactChangedError                not the revision that the caller expected
        +-- PolarisRetrieveArtifactError
        |   +-- ArtifactNotFoundError (LookupError)
        +-- AccountNotFoundError (LookupError)
        +-- AccountExistsError (FileExistsError)
        +-- PolarisSSLError
        +-- UnknownTransportError (ValueError)  no transport for the scheme of a hub URL
        +-- HubUnreachableError                 no connection, or no answer in time
        +-- HubUnavailableError                 overloaded, limited, or being repaired
        +-- HubReplyError                       the answer is not what the protocol says
        +-- HubBusyError                        try again: another writer holds the hub
        +-- LeaseLostError                      another worker has taken over the job

Every error has a one-line ``message``, a ``hint`` that says what to do next, a stable ``code`` for
programs, ``retryable``, and the ``exit_code`` with which the command line ends.
"""

from __future__ import annotations

from polaris.errors.hub import (
    AccessDeniedError,
    AccountExistsError,
    AccountNotFoundError,
    ArtifactChangedError,
    ArtifactDeletedError,
    ArtifactExistsError,
    ArtifactNotFoundError,
    HubBusyError,
    HubReplyError,
    HubUnavailableError,
    HubUnreachableError,
    InsufficientScopeError,
    LeaseLostError,
    PolarisCreateArtifactError,
    PolarisHubError,
    PolarisRetrieveArtifactError,
    PolarisSSLError,
    PolarisUnauthorizedError,
    SignInError,
    UnknownTransportError,
)
from polaris.errors.root import (
    ClosedError,
    PolarisError,
    Problem,
)
from polaris.errors.storage import (
    DamagedFileError,
    IncompleteUploadError,
    ObjectExistsError,
    ObjectNotFoundError,
    StorageError,
    StorageUnavailableError,
)
from polaris.errors.values import (
    InvalidBenchmarkError,
    InvalidCompetitionError,
    InvalidDatasetError,
    InvalidInputError,
    InvalidMetricError,
    InvalidNameError,
    InvalidPredictionsError,
    InvalidResultError,
    InvalidSettingsError,
    InvalidZarrChecksum,
    InvalidZarrCodec,
    MissingExtraError,
    OutOfRangeError,
    PolarisChecksumError,
    TestAccessError,
)

__all__ = [
    "AccessDeniedError",
    "AccountExistsError",
    "AccountNotFoundError",
    "ArtifactChangedError",
    "ArtifactDeletedError",
    "ArtifactExistsError",
    "ArtifactNotFoundError",
    "ClosedError",
    "DamagedFileError",
    "HubBusyError",
    "HubReplyError",
    "HubUnavailableError",
    "HubUnreachableError",
    "IncompleteUploadError",
    "InsufficientScopeError",
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
    "SignInError",
    "StorageError",
    "StorageUnavailableError",
    "TestAccessError",
    "UnknownTransportError",
]

# What users see, in tracebacks and messages, is where they import it from.
for _name in __all__:
    globals()[_name].__module__ = __name__
