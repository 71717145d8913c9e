"""One mechanism that makes a blocking client of an asynchronous one.

A blocking class names each method once: ``list_datasets = blocking(AsyncClient.list_datasets)``.
Its signature and documentation are those of the asynchronous method, for readers, editors and type
checkers alike, so that the two classes cannot drift apart.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from polaris.application.loop_thread import run_blocking

__all__ = ["blocking", "blocking_property"]

P = ParamSpec("P")
R = TypeVar("R")
AsyncT = TypeVar("AsyncT")


async def _awaited(value: Awaitable[R]) -> R:
    return await value


class blocking(Generic[AsyncT, P, R]):  # noqa: N801  reads as a decorator
    """A method that runs its asynchronous twin on the object's ``_twin`` and waits for it."""

    def __init__(self, method: Callable[Concatenate[AsyncT, P], Coroutine[Any, Any, R]]) -> None:
        self._method = method

    @overload
    def __get__(self, instance: None, owner: type) -> Callable[Concatenate[Any, P], R]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Callable[P, R]: ...
    def __get__(self, instance: object | None, owner: type) -> Callable[..., R]:
        method = self._method

        @functools.wraps(method)
        def call(client: Any, *args: Any, **keywords: Any) -> R:
            return run_blocking(method(client._twin, *args, **keywords))

        return call if instance is None else functools.partial(call, instance)


class blocking_property(Generic[R]):  # noqa: N801  reads as a decorator
    """A property that waits for the awaitable that its asynchronous twin gives."""

    def __init__(self, twin: Any) -> None:  # a property, which type checkers see as what it gives
        self._twin: property = twin
        self.__doc__ = twin.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> blocking_property[R]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> R: ...
    def __get__(self, instance: Any, owner: type) -> blocking_property[R] | R:
        if instance is None:
            return self
        value: Awaitable[R] = self._twin.__get__(instance._twin)
        return run_blocking(_awaited(value))
