"""Objects that lie in several places, as one store."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import attrs

from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.errors import ObjectExistsError, StorageError
from polaris.ports.storage import (
    Folder,
    IfExists,
    ObjectDigest,
    ObjectStat,
    Read,
    StoragePort,
    Write,
)

__all__ = ["Mount", "MountedStorage"]

R = TypeVar("R")


@attrs.frozen
class Mount:
    """Where some objects lie.

    Attributes:
        storage: The store.
        key: Key of the object there; None if the mount is a folder, whose keys are relative to the
            root of the store.
    """

    storage: StoragePort
    key: str | None = None


@attrs.frozen
class MountedStorage:
    """A `StoragePort` put together of single objects and folders of other stores.

    Attributes:
        mounts: By key of ours; a folder's ends in ``/``.
        name: What it is called in errors.
    """

    mounts: Mapping[str, Mount]
    name: str

    def __str__(self) -> str:
        return self.name

    def _found(self, key: str) -> tuple[StoragePort, str] | None:
        """Return the store of an object, and the object's key there; None for no such place."""
        mount = self.mounts.get(key)
        if mount is not None and mount.key is not None:
            return mount.storage, mount.key
        for head, mount in self.mounts.items():
            if mount.key is None and key.startswith(head) and len(key) > len(head):
                return mount.storage, key[len(head) :]
        return None

    async def _by_store(
        self,
        keys: Sequence[str],
        ask: Callable[[StoragePort, Sequence[tuple[int, str]]], Awaitable[Sequence[R]]],
    ) -> builtins.list[R | None]:
        """Ask each store once, and return the answers in the order of the keys."""
        check_keys(keys)
        groups: dict[int, tuple[StoragePort, builtins.list[tuple[int, str]]]] = {}
        for position, key in enumerate(keys):
            found = self._found(key)
            if found is not None:
                storage, theirs = found
                groups.setdefault(id(storage), (storage, []))[1].append((position, theirs))
        answers: builtins.list[R | None] = [None] * len(keys)
        for storage, asked in groups.values():
            for (position, _), answer in zip(asked, await ask(storage, asked), strict=True):
                answers[position] = answer
        return answers

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""

        async def ask(
            storage: StoragePort, asked: Sequence[tuple[int, str]]
        ) -> Sequence[bytes | None]:
            return await storage.get([Read(key, reads[i].range) for i, key in asked])

        return await self._by_store([read.key for read in reads], ask)

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`."""

        async def ask(
            storage: StoragePort, asked: Sequence[tuple[int, str]]
        ) -> Sequence[ObjectStat | None]:
            return await storage.stat([key for _, key in asked])

        found = await self._by_store(keys, ask)
        return [s and attrs.evolve(s, key=key) for s, key in zip(found, keys, strict=True)]

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`."""

        async def ask(
            storage: StoragePort, asked: Sequence[tuple[int, str]]
        ) -> Sequence[ObjectDigest | None]:
            return await storage.digest([key for _, key in asked])

        found = await self._by_store(keys, ask)
        return [d and attrs.evolve(d, key=key) for d, key in zip(found, keys, strict=True)]

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `StoragePort`; refuses keys for which there is no place before anything is written.

        Raises:
            StorageError: There is no place for a key.
        """
        keys = check_keys([write.key for write in writes])
        for key in keys:
            if self._found(key) is None:
                raise StorageError(
                    f"{self.name} has no place for {key!r}",
                    hint="This hub keeps other things; use a hub of your own.",
                )

        async def ask(storage: StoragePort, asked: Sequence[tuple[int, str]]) -> Sequence[bool]:
            theirs = [Write(key, writes[i].data) for i, key in asked]
            try:
                return await storage.put(theirs, if_exists=if_exists)
            except ObjectExistsError as cause:
                there = set(cause.keys)
                raise already_there([keys[i] for i, key in asked if key in there]) from cause

        return [bool(written) for written in await self._by_store(keys, ask)]

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""

        async def ask(storage: StoragePort, asked: Sequence[tuple[int, str]]) -> Sequence[None]:
            await storage.delete([key for _, key in asked])
            return [None] * len(asked)

        await self._by_store(keys, ask)

    async def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`."""
        check_folder(prefix)
        below = f"{prefix}/" if prefix else ""
        for head, mount in self.mounts.items():
            if mount.key is not None:
                if head.startswith(below):
                    found = await self.stat([head])
                    if found[0] is not None:
                        yield [found[0]]
            elif head.startswith(below) or below.startswith(head):
                async for page in mount.storage.list(below[len(head) :].rstrip("/")):
                    yield [attrs.evolve(stat, key=head + stat.key) for stat in page]

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        check_folder(prefix)
        below = f"{prefix}/" if prefix else ""
        for head, mount in self.mounts.items():
            if mount.key is None and below.startswith(head):
                found = await mount.storage.list_folder(below[len(head) :].rstrip("/"))
                objects = tuple(attrs.evolve(stat, key=head + stat.key) for stat in found.objects)
                return Folder(found.folders, objects)
        stats = [stat async for page in self.list(prefix) for stat in page]
        cut = len(below)
        folders = {s.key[cut:].split("/", 1)[0] for s in stats if "/" in s.key[cut:]}
        direct = [stat for stat in stats if "/" not in stat.key[cut:]]
        return Folder(tuple(sorted(folders)), tuple(sorted(direct, key=lambda s: s.key)))
