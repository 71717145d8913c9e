"""obstore's client of a bucket: its credentials, its errors in our words, its threads."""

from __future__ import annotations

import re
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs
from obstore.exceptions import (
    BaseError,
    GenericError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from polaris.application.loop_thread import run_blocking
from polaris.errors import (
    PolarisError,
    PolarisUnauthorizedError,
    StorageError,
    StorageUnavailableError,
)
from polaris.ports.buckets import BucketCredentials, BucketPlace
from polaris_adapters.object_store.thread_pool import in_threads

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Credential

__all__ = ["OpenedBucket"]

# No answer (an error of the HTTP library), or a status that says that it may pass.
_PASSING = re.compile(r" HTTP error: |non-2xx status code: (429|500|502|503|504)\b")
T = TypeVar("T")
R = TypeVar("R")


class _Provider:
    """Gives obstore its credentials, from a coroutine that fetches them.

    Args:
        credentials: Fetches them.
    """

    def __init__(self, credentials: Callable[[], Awaitable[BucketCredentials]]) -> None:
        self._credentials = credentials
        self.failure: PolarisError | None = None

    def __call__(self) -> S3Credential:
        async def fetched() -> BucketCredentials:
            return await self._credentials()

        try:
            found = run_blocking(fetched())
        except PolarisError as error:
            self.failure = error  # obstore would tell of it in its own words.
            raise
        self.failure = None
        token = found.session_token
        return {
            "access_key_id": found.access_key,
            "secret_access_key": found.secret_key.reveal(),
            "token": None if token is None else token.reveal(),
            "expires_at": found.expires_at,
        }


@attrs.define(eq=False)
class OpenedBucket:
    """A bucket as obstore's clients see it; they are made at first use.

    Attributes:
        place: Where it is.
        credentials: Gives credentials that are good now.
        client: Options of obstore's HTTP client.
    """

    place: BucketPlace
    credentials: Callable[[], Awaitable[BucketCredentials]] = attrs.field(repr=False)
    client: ClientConfig = attrs.field(repr=False)
    _made: dict[int, S3Store] = attrs.field(factory=dict, init=False, repr=False)
    _provider: _Provider = attrs.field(init=False, repr=False)
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    @_provider.default
    def _new_provider(self) -> _Provider:
        return _Provider(self.credentials)

    def __str__(self) -> str:
        root = f"{self.place.endpoint.rstrip('/')}/{self.place.bucket}"
        return "/".join(part for part in (root, self.place.prefix) if part)

    def store(self, *, retries: int) -> S3Store:
        """Return a client that sends each request again so many times."""
        with self._lock:
            if retries not in self._made:
                self._made[retries] = S3Store(
                    self.place.bucket,
                    prefix=self.place.prefix or None,
                    endpoint=self.place.endpoint,
                    region=self.place.region,
                    virtual_hosted_style_request=False,
                    credential_provider=self._provider,
                    client_options={
                        "allow_http": self.place.endpoint.startswith("http://"),
                        **self.client,
                    },
                    retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=120)},
                )
            return self._made[retries]

    async def each(self, call: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """Call for each item on threads; see `in_threads`.

        Raises:
            PolarisUnauthorizedError: The store refuses it.
            StorageUnavailableError: The store could not be reached, or could not serve it now.
            StorageError: The store failed.
        """

        def translated(item: T) -> R:
            named = getattr(item, "key", item)
            key = named if isinstance(named, str) else "its list of objects"
            try:
                return call(item)
            except (PermissionDeniedError, UnauthenticatedError) as cause:
                if self._provider.failure is not None:
                    raise self._provider.failure from cause
                raise PolarisUnauthorizedError(
                    f"The store {self} refuses {key!r}: {_short(cause)}",
                    hint="The right to these files may have ended; sign in again and try again.",
                ) from cause
            except PolarisError:
                raise
            except (BaseError, OSError, ValueError) as cause:
                if self._provider.failure is not None:
                    raise self._provider.failure from cause
                kind = StorageUnavailableError if _may_pass(cause) else StorageError
                raise kind(
                    f"The store {self} failed for {key!r}: {_short(cause)}",
                    hint="Check the network, then try again.",
                ) from cause

        return await in_threads(translated, items, pool=self.place.endpoint)


def _may_pass(cause: BaseException) -> bool:
    """Say whether another try may help: there was no answer, or one that says so.

    obstore has one class for all of these, and tells them apart in its text alone. Source of the
    statuses: RFC 9110 section 15.6, RFC 6585 section 4.
    """
    return isinstance(cause, GenericError) and _PASSING.search(str(cause)) is not None


def _short(error: BaseException) -> str:
    """Return what obstore says, without its debugging text, in a line."""
    text = " ".join(str(error).partition("\n\nDebug source:")[0].split())
    return text if len(text) < 300 else text[:299] + "…"
