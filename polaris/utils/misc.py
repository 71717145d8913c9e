"""The old address of the naming rules."""

from __future__ import annotations

from polaris.domain.identity import slugify

__all__ = ["sluggify", "slugify"]


def sluggify(name: str) -> str:
    """Return a name in lower case with ``_`` as ``-``, as the first generation of clients did."""
    return name.lower().replace("_", "-")
