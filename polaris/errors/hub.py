"""Errors of hubs."""

from __future__ import annotations

from polaris.errors.root import PolarisError

__all__ = [
    "AccessDeniedError",
    "AccountExistsError",
    "AccountNotFoundError",
    "ArtifactChangedError",
    "ArtifactDeletedError",
    "ArtifactExistsError",
    "ArtifactNotFoundError",
    "HubBusyError",
    "HubReplyError",
    "HubUnavailableError",
    "HubUnreachableError",
    "InsufficientScopeError",
    "LeaseLostError",
    "PolarisCreateArtifactError",
    "PolarisHubError",
    "PolarisRetrieveArtifactError",
    "PolarisSSLError",
    "PolarisUnauthorizedError",
    "SignInError",
    "UnknownTransportError",
]


class PolarisHubError(PolarisError):
    """A hub refused a call or failed.

    Args:
        message: See `PolarisError`.
        hint: See `PolarisError`.
        response_text: What the hub answered, shortened.
        request_id: The hub's identifier of the request, for its operators.
        status: The HTTP status of the reply, where there was one.
        retry_after: Seconds that the hub asks callers to stay away.
    """

    code = "hub"

    def __init__(
        self,
        message: str = "",
        response_text: str = "",
        *,
        hint: str = "",
        request_id: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.response_text = response_text
        self.request_id = request_id
        self.status = status
        self.retry_after = retry_after
        super().__init__(message, hint=hint)


class PolarisUnauthorizedError(PolarisHubError, PermissionError):
    """Nobody is signed in, or the one who is may not do this."""

    code = "unauthorized"
    exit_code = 3


class SignInError(PolarisUnauthorizedError):
    """A sign-in was begun and did not succeed: refused, expired, or not to be trusted."""

    code = "sign_in"


class PolarisCreateArtifactError(PolarisHubError):
    """A hub did not accept an artifact."""

    code = "create_artifact"


class AccessDeniedError(PolarisUnauthorizedError, PolarisCreateArtifactError):
    """A hub knows who the caller is and does not allow the call."""

    code = "access_denied"


class InsufficientScopeError(AccessDeniedError):
    """The account may do this, but not with this token."""

    code = "insufficient_scope"


class ArtifactExistsError(PolarisCreateArtifactError, FileExistsError):
    """The artifact is on the hub already and the caller asked not to replace it."""

    code = "artifact_exists"
    exit_code = 5


class ArtifactDeletedError(ArtifactExistsError):
    """The artifact was deleted, and its name is kept until it is restored or purged."""

    code = "artifact_deleted"


class ArtifactChangedError(PolarisHubError):
    """The newest revision of the artifact is another one than the caller expected."""

    code = "artifact_changed"
    exit_code = 5


class PolarisRetrieveArtifactError(PolarisHubError):
    """An artifact could not be fetched from a hub."""

    code = "retrieve_artifact"


class ArtifactNotFoundError(PolarisRetrieveArtifactError, LookupError):
    """A hub has no such artifact, or does not show it to the caller."""

    code = "artifact_not_found"
    exit_code = 4


class AccountNotFoundError(PolarisHubError, LookupError):
    """The hub has no such user or organization."""

    code = "account_not_found"
    exit_code = 4


class AccountExistsError(PolarisHubError, FileExistsError):
    """The name of the account, or what is to open it, is taken."""

    code = "account_exists"
    exit_code = 5


class PolarisSSLError(PolarisHubError):
    """The certificate of a hub could not be verified."""

    code = "ssl"
    exit_code = 7


class UnknownTransportError(PolarisHubError, ValueError):
    """No installed transport serves the scheme of a hub URL."""

    code = "unknown_transport"
    exit_code = 2


class HubUnreachableError(PolarisHubError):
    """No connection to a hub, or it broke, or no answer came in time.

    Attributes:
        may_have_arrived: Whether the hub may have got the request all the same.
    """

    may_have_arrived: bool = True
    code = "hub_unreachable"
    retryable = True
    exit_code = 7


class HubUnavailableError(PolarisHubError):
    """A hub answered that it cannot serve the call now: overloaded, limited or being repaired."""

    code = "hub_unavailable"
    retryable = True
    exit_code = 7


class HubReplyError(PolarisHubError):
    """A hub answered with something that is not what its protocol says."""

    code = "hub_reply"


class HubBusyError(PolarisHubError):
    """Another writer holds the hub; the same call may succeed a moment later."""

    code = "hub_busy"
    retryable = True
    exit_code = 7


class LeaseLostError(PolarisHubError):
    """A worker's time with a job was up, and another worker has taken it."""

    code = "lease_lost"
