"""Trying again, for all use cases by one policy. The only module that names the retry library."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import attrs
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from polaris.errors import PolarisError
from polaris.ports.clock import Clock

__all__ = ["FurtherTry", "RetryPolicy"]

R = TypeVar("R")


@attrs.frozen
class FurtherTry:
    """A call that failed and is about to be made again.

    Attributes:
        number: Which call it will be, from 2.
        of: How many there are at most.
        wait: Seconds until then.
        after: Why the last one failed.
    """

    number: int
    of: int
    wait: float
    after: PolarisError


def _may_help(error: BaseException) -> bool:
    return isinstance(error, PolarisError) and error.retryable and not error.given_up


@attrs.frozen
class RetryPolicy:
    """When, and how often, a failed call is made again.

    Only errors that say of themselves that another try may help are followed by one; the caller
    sees to it that the call may be repeated. Waits grow exponentially and are drawn at random below
    their bound ("full jitter"), so that many clients do not come back at once. To a ``retry_after``
    of the error, in seconds, such a wait is added.

    An error that a policy has given up on is marked, and no other policy tries again after it: the
    tries of two policies, one within the other, would multiply.

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

    async def call(
        self,
        work: Callable[[], Awaitable[R]],
        /,
        *,
        clock: Clock,
        before_wait: Callable[[FurtherTry], None] | None = None,
    ) -> R:
        """Call until it succeeds, fails for good, or the policy is used up.

        Args:
            work: What to do; called anew for each attempt.
            clock: Spends the waits.
            before_wait: Is told of each further try before the wait for it.

        Raises:
            BaseException: What the last call raised, as it was.
        """
        deadline = clock.monotonic() + self.total
        wait = wait_random_exponential(multiplier=self.initial, max=self.maximum)

        def pause(state: RetryCallState) -> float:
            error = None if state.outcome is None else state.outcome.exception()
            return wait(state) + float(getattr(error, "retry_after", None) or 0)

        def is_late(state: RetryCallState) -> bool:
            return clock.monotonic() + state.upcoming_sleep > deadline

        def tell(state: RetryCallState) -> None:
            error = None if state.outcome is None else state.outcome.exception()
            if before_wait is not None and isinstance(error, PolarisError):
                number = state.attempt_number + 1
                before_wait(FurtherTry(number, self.attempts, state.upcoming_sleep, error))

        retrying = AsyncRetrying(
            stop=lambda state: stop_after_attempt(self.attempts)(state) or is_late(state),
            wait=pause,
            retry=retry_if_exception(_may_help),
            sleep=clock.sleep,
            before_sleep=tell,
            reraise=True,
        )
        try:
            async for attempt in retrying:
                with attempt:
                    return await work()
        except PolarisError as error:
            error.given_up = True
            raise
        raise AssertionError("the last attempt raises")  # pragma: no cover
