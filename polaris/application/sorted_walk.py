"""Walking a tree of objects in the order of their keys, from any key on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

__all__ = ["Level", "walk_sorted"]

# Returns names of what lies directly in a folder, by key: of folders, and of objects.
Level = Callable[[str], Awaitable[tuple[Iterable[str], Iterable[str]]]]


async def walk_sorted(level: Level, prefix: str, after: str) -> AsyncIterator[list[str]]:
    """Yield the keys of objects below a folder that come after another key, in their order.

    The order is that of whole keys, not of names in a folder: ``a-b`` comes before ``a/b``. Folders
    of which all keys come before are not looked into, and no folder before it is needed; so it
    costs as much deep down as at the start.

    Args:
        level: Looks into a folder: keys of its folders without ``/`` at the end, and of its
            objects.
        prefix: The folder; ``""`` for all.
        after: The key.
    """
    stack = [iter([f"{prefix}/" if prefix else ""])]
    while stack:
        objects: list[str] = []
        entered = False
        for entry in stack[-1]:
            if entry and not entry.endswith("/"):
                objects.append(entry)
                continue
            if objects:
                yield objects
                objects = []
            folders, keys = await level(entry.removesuffix("/"))
            # A folder's keys all begin with its name and a slash, which gives its place.
            below = [f"{folder}/" for folder in folders if _may_hold(f"{folder}/", after)]
            stack.append(iter(sorted([*below, *(key for key in keys if key > after)])))
            entered = True
            break
        if objects:
            yield objects
        if not entered:
            stack.pop()


def _may_hold(folder: str, after: str) -> bool:
    """Say whether a folder, with ``/`` at its end, can have keys that come after another."""
    return folder > after or after.startswith(folder)
