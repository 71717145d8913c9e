"""Whose artifacts a listing shows, and of which access: each such part is read from an index."""

from __future__ import annotations

import attrs

from polaris.ports.artifacts import Access, ArtifactQuery

__all__ = ["Scope", "scopes_of"]

# Above it, the private artifacts of all owners are read and sifted, rather than those of each.
_MOST_OWNERS = 50


@attrs.frozen
class Scope:
    """A part of what a listing shows; no two parts of one listing have an artifact in common.

    Attributes:
        access: Of its artifacts.
        owners: Of its artifacts; None for all.
    """

    access: Access
    owners: tuple[str, ...] | None = None


def scopes_of(query: ArtifactQuery) -> list[Scope]:
    """Return the parts that a listing is made of."""
    owners, shown = None if query.owner is None else (query.owner,), query.private_of
    public, private = Scope("public", owners), Scope("private", owners)
    if shown is None:
        return [public, private]
    if query.owner is not None:
        return [public, private] if query.owner in shown else [public]
    if len(shown) > _MOST_OWNERS:
        return [public, Scope("private", tuple(sorted(shown)))]
    return [public, *(Scope("private", (owner,)) for owner in sorted(shown))]
