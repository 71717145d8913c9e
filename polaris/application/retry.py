"""Trying again, for all use cases by one policy. The only module that names the retry library."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from polaris.errors import PolarisError
from polaris.ports.clock import Clock

__all__ = ["RetryPolicy"]

R = TypeVar("R")


def _may_help(error: BaseException) -> bool:
    return isinstance(error, PolarisError) and error.retryable


@attrs.frozen
class RetryPolicy:
    """When, and how often, a failed call is made again.

    Only errors that say of themselves that another try may help are followed by one; the caller
    sees to it that the call may be repeated. Waits grow exponentially and are drawn at random below
    their bound ("full jitter"), so that many clients do not come back at once. A ``retry_after``
    of the error, in seconds, is a lower bound of the wait.

    Attributes:
        attempts: How many calls are made at most.
        total: Seconds after which no further call is begun.
        initial: Bound of the first wait, seconds.
        maximum: Bound of every wait, seconds.
    """

    attempts: int = attrs.field(default=6, validator=attrs.validators.ge(1))
    total: float = attrs.field(default=120.0, validator=attrs.validators.ge(0))
    initial: float = attrs.field(default=0.2, validator=attrs.validators.ge(0))
    maximum: float = attrs.field(default=20.0, validator=attrs.validators.ge(0))

    async def call(self, work: Callable[[], Awaitable[R]], /, *, clock: Clock) -> R:
        """Call until it succeeds, fails for good, or the policy is used up.

        Args:
            work: What to do; called anew for each attempt.
            clock: Spends the waits.

        Raises:
            BaseException: What the last call raised, as it was.
        """
        deadline = clock.monotonic() + self.total
        wait = wait_random_exponential(multiplier=self.initial, max=self.maximum)

        def pause(state: RetryCallState) -> float:
            error = None if state.outcome is None else state.outcome.exception()
            return max(wait(state), float(getattr(error, "retry_after", None) or 0))

        def is_late(state: RetryCallState) -> bool:
            return clock.monotonic() + state.upcoming_sleep > deadline

        retrying = AsyncRetrying(
            stop=lambda state: stop_after_attempt(self.attempts)(state) or is_late(state),
            wait=pause,
            retry=retry_if_exception(_may_help),
            sleep=clock.sleep,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await work()
        raise AssertionError("the last attempt raises")  # pragma: no cover
