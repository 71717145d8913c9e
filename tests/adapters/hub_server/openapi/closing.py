"""Documents that are taken at their word."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

__all__ = ["closed"]

_REF = re.compile(r"#/components/schemas/(\w+)")


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document in which replies have no other fields than those that it tells."""
    told = copy.deepcopy(document)
    schemas = told["components"]["schemas"]
    asked: set[str] = set()
    waiting = [o.get("requestBody") for item in told["paths"].values() for o in item.values()]
    while waiting:
        names = set(_REF.findall(json.dumps(waiting.pop()))) - asked
        asked |= names
        waiting += [schemas[name] for name in names]
    for name, schema in schemas.items():
        if name not in asked:
            _close(schema)
    for item in told["paths"].values():
        for operation in item.values():
            _close(operation["responses"])
    return told


def _close(part: Any) -> None:
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            part.setdefault("additionalProperties", False)
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)
