"""How records of the log become lines: as text for people, or as JSON for programs."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from polaris_adapters.hub_server.operation.redaction import without_secrets

__all__ = ["JsonLines", "TextLines"]


class JsonLines(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, and what else there is.

    Of requests there are the fields of `polaris_adapters.hub_server.operation.exchange.Exchange`;
    of errors ``error`` and ``traceback``. Secrets are masked.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        fields = getattr(record, "polaris", None)
        if isinstance(fields, dict):
            told |= {name: value for name, value in fields.items() if value not in (None, "")}
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            told["traceback"] = self.formatException(record.exc_info)
        masked = {n: without_secrets(v) if isinstance(v, str) else v for n, v in told.items()}
        return json.dumps(masked, ensure_ascii=False, default=str)


class TextLines(logging.Formatter):
    """Time, level and message, and of requests who called; for people at a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  as the base class has it
        """Return the line of a record without its traceback."""
        line = super().formatMessage(record)
        fields = getattr(record, "polaris", None)
        if isinstance(fields, dict):
            who = fields.get("caller") or "-"
            line += f" {who} {fields.get('client') or '-'} {fields.get('request_id')}"
        # What a caller has sent must not be able to begin a line of its own, or steer a terminal.
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        return without_secrets(super().format(record))
