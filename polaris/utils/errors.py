"""The old address of `polaris.errors`."""

from __future__ import annotations

from polaris.errors import (
    InvalidBenchmarkError,
    InvalidCompetitionError,
    InvalidDatasetError,
    InvalidResultError,
    InvalidZarrChecksum,
    InvalidZarrCodec,
    PolarisChecksumError,
    PolarisCreateArtifactError,
    PolarisHubError,
    PolarisRetrieveArtifactError,
    PolarisSSLError,
    PolarisUnauthorizedError,
    TestAccessError,
)

__all__ = [
    "InvalidBenchmarkError",
    "InvalidCompetitionError",
    "InvalidDatasetError",
    "InvalidResultError",
    "InvalidZarrChecksum",
    "InvalidZarrCodec",
    "PolarisChecksumError",
    "PolarisCreateArtifactError",
    "PolarisHubError",
    "PolarisRetrieveArtifactError",
    "PolarisSSLError",
    "PolarisUnauthorizedError",
    "TestAccessError",
]
