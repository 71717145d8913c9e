"""A line in the log for each request."""

from __future__ import annotations

import logging

import attrs

from polaris_adapters.hub_server.operation.exchange import Exchange

__all__ = ["AccessLog"]

_LOG = logging.getLogger("polaris.access")
# Asked every few seconds by what watches over the server.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class AccessLog:
    """An `Observer` that logs each request under ``polaris.access``.

    The fields of the `Exchange` are attributes of the record, in ``polaris``.
    """

    def began(self) -> None:
        """See `Observer`; there is nothing to tell yet."""

    def ended(self, exchange: Exchange, /) -> None:
        """See `Observer`."""
        level = logging.INFO
        if exchange.status >= 500:
            level = logging.WARNING
        elif exchange.route in _QUIET:
            level = logging.DEBUG
        if not _LOG.isEnabledFor(level):
            return
        path = f"{exchange.path}?{exchange.query}" if exchange.query else exchange.path
        _LOG.log(
            level,
            "%s %s %d %.1f ms",
            exchange.method,
            path,
            exchange.status,
            exchange.seconds * 1000,
            extra={"polaris": attrs.asdict(exchange)},
        )
