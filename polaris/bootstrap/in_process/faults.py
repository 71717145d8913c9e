"""Faults to order: which requests they strike, and how often."""

from __future__ import annotations

import threading
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

import attrs

from polaris.bootstrap.in_process.effects import Effect
from polaris.errors import InvalidInputError

__all__ = ["Fault", "Faults", "fits"]


def fits(method: str, path: str, *, wanted_method: str, wanted_path: str) -> bool:
    """Say whether a request is among those that two patterns of `fnmatch` mean.

    Args:
        method: Method of the request.
        path: Its path, without the query.
        wanted_method: Pattern, in any case.
        wanted_path: Pattern; ``*`` stands for slashes too.
    """
    return fnmatchcase(method, wanted_method.upper()) and fnmatchcase(path, wanted_path)


@attrs.define(eq=False)
class Fault:
    """A fault that was ordered. As a context manager, it is withdrawn at the end of the block.

    Attributes:
        effect: What happens.
        path: Pattern of the paths that it strikes.
        method: Pattern of the methods.
        times: How many requests it strikes; None for all until it is withdrawn.
        after: How many that fit it lets pass first.
        struck: How many it has struck so far.
    """

    effect: Effect
    path: str = attrs.field(default="*", kw_only=True)
    method: str = attrs.field(default="*", kw_only=True)
    times: int | None = attrs.field(default=1, kw_only=True)
    after: int = attrs.field(default=0, kw_only=True)
    struck: int = attrs.field(default=0, init=False)
    _passed: int = attrs.field(default=0, init=False)
    _is_withdrawn: bool = attrs.field(default=False, init=False)

    def withdraw(self) -> None:
        """Let it strike no more; may be called again."""
        self._is_withdrawn = True

    def strikes(self, method: str, path: str) -> bool:
        """Say whether a request is struck, and count it. For one thread at a time."""
        if self._is_withdrawn or (self.times is not None and self.struck >= self.times):
            return False
        if not fits(method, path, wanted_method=self.method, wanted_path=self.path):
            return False
        if self._passed < self.after:
            self._passed += 1
            return False
        self.struck += 1
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.withdraw()


class Faults:
    """The faults of one hub. May be used from several threads and event loops at once."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> Fault:
        """Order a fault, after those that were ordered before, and return it.

        Raises:
            InvalidInputError: It could strike no request.
        """
        if (fault.times is not None and fault.times < 1) or fault.after < 0:
            raise InvalidInputError(
                f"A fault cannot strike {fault.times} requests after {fault.after}",
                hint="Give times=1 or more, or None for all; and after=0 or more.",
            )
        with self._lock:
            self._ordered.append(fault)
        return fault

    def strike(self, method: str, path: str) -> Effect | None:
        """Return what happens to a request: the effect of the first fault that strikes it."""
        with self._lock:
            return next((f.effect for f in self._ordered if f.strikes(method, path)), None)

    def withdraw_all(self) -> None:
        """Let none of those that were ordered strike any more."""
        with self._lock:
            for fault in self._ordered:
                fault.withdraw()
            self._ordered.clear()
