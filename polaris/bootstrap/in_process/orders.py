"""Ordering faults of a hub in this process."""

from __future__ import annotations

from polaris.bootstrap.in_process.effects import Answered, Cut, Dropped, Effect, Late, Refused
from polaris.bootstrap.in_process.faults import Fault, Faults
from polaris.errors import InvalidInputError

__all__ = ["FaultOrders"]


class FaultOrders:
    """Orders faults for requests whose method and path fit two patterns.

    Args:
        faults: Takes the orders.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def fail(
        self,
        path: str = "*",
        *,
        method: str = "*",
        status: int = 503,
        retry_after: float | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """Let requests be answered with a failure before they reach the hub.

        Args:
            path: Pattern of their paths.
            method: Pattern of their methods.
            status: HTTP status of the answer.
            retry_after: Its header Retry-After, seconds; None for none.
            times: How many requests are struck; None for all.
            after: How many that fit pass first.

        Raises:
            InvalidInputError: It could strike no request, or the status is no failure.
        """
        if not 400 <= status <= 599:
            raise InvalidInputError(
                f"A request cannot fail with status {status}", hint="Give one from 400 to 599."
            )
        return self._order(Answered(status, retry_after), path, method, times, after)

    def drop_reply(
        self, path: str = "*", *, method: str = "*", times: int | None = 1, after: int = 0
    ) -> Fault:
        """Let the hub act on requests, but lose the connection before its reply; see `fail`."""
        return self._order(Dropped(), path, method, times, after)

    def cut(
        self,
        path: str = "*",
        *,
        method: str = "*",
        after_bytes: int | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """Let the hub act on requests, but lose the connection in the body of its reply.

        Args:
            path: Pattern of their paths.
            method: Pattern of their methods.
            after_bytes: How many bytes of the body arrive; half of them when omitted.
            times: How many requests are struck; None for all.
            after: How many that fit pass first.

        Raises:
            InvalidInputError: It could strike no request, or the number of bytes is negative.
        """
        if after_bytes is not None and after_bytes < 0:
            raise InvalidInputError(
                f"A reply cannot be cut after {after_bytes} bytes", hint="Give 0 or more."
            )
        return self._order(Cut(after_bytes), path, method, times, after)

    def delay(
        self,
        path: str = "*",
        *,
        seconds: float,
        method: str = "*",
        times: int | None = 1,
        after: int = 0,
    ) -> Fault:
        """Let replies be late: `clock` is advanced, nobody waits.

        A client whose timeout for reading (``default_timeout``) is shorter gives up, though the hub
        has acted.

        Args:
            path: Pattern of the paths.
            seconds: How late.
            method: Pattern of the methods.
            times: How many requests are struck; None for all.
            after: How many that fit pass first.

        Raises:
            InvalidInputError: It could strike no request, or the seconds are negative.
        """
        if not seconds >= 0:
            raise InvalidInputError(
                f"A reply cannot be {seconds} seconds late", hint="Give 0 or more."
            )
        return self._order(Late(seconds), path, method, times, after)

    def refuse_connections(
        self, path: str = "*", *, method: str = "*", times: int | None = None, after: int = 0
    ) -> Fault:
        """Refuse connections: all, until that is withdrawn, unless told otherwise; see `fail`."""
        return self._order(Refused(), path, method, times, after)

    def heal(self) -> None:
        """Withdraw all faults; objects that were corrupted stay so."""
        self._faults.withdraw_all()

    def _order(
        self, effect: Effect, path: str, method: str, times: int | None, after: int
    ) -> Fault:
        fault = Fault(effect, path=path, method=method, times=times, after=after)
        return self._faults.order(fault)
