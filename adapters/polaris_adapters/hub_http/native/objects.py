"""The objects of one revision on a hub of ours."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

import attrs

from polaris.application.native_wire.bundle import BUNDLE_OBJECTS
from polaris.application.native_wire.fields import Fields
from polaris.application.native_wire.objects import (
    digest_from_json,
    folder_from_json,
    stat_from_json,
)
from polaris.application.object_keys import already_there, check_folder, check_keys
from polaris.application.object_tree import batches
from polaris.errors import (
    ArtifactNotFoundError,
    HubReplyError,
    ObjectExistsError,
    ObjectNotFoundError,
    PolarisHubError,
    PolarisUnauthorizedError,
    StorageError,
    StorageUnavailableError,
)
from polaris.ports.storage import Folder, IfExists, ObjectDigest, ObjectStat, Read, Write
from polaris_adapters.hub_http.native.bundling import (
    OCTETS,
    bundle_of_writes,
    in_bundles,
    is_large,
)
from polaris_adapters.hub_http.native.calls import NativeCalls, fields_of, parsed
from polaris_adapters.hub_http.native.direct import DirectRoad, Shortcut
from polaris_adapters.hub_http.native.objects_reading import read_objects
from polaris_adapters.hub_http.storage.web import at_once

__all__ = ["NativeObjects", "store_failures"]

T = TypeVar("T")

# Bundles under way at once.
_BUNDLES_AT_ONCE = 4


@contextmanager
def store_failures(what: str) -> Iterator[None]:
    """Tell failures of the hub as those of a store; the session has tried again where it helps.

    Args:
        what: What was tried, to follow "Cannot".
    """
    try:
        yield
    except PolarisUnauthorizedError:
        raise
    except ArtifactNotFoundError as cause:
        raise ObjectNotFoundError(
            f"Cannot {what}: {cause.message}, or this revision of it is shown no more",
            hint="Load it again, to get the newest revision. " + cause.hint,
        ) from cause
    except PolarisHubError as cause:
        kind = StorageUnavailableError if cause.retryable else StorageError
        failure = kind(cause.message, hint=cause.hint)
        failure.given_up = cause.given_up
        raise failure from cause


@attrs.frozen
class NativeObjects:
    """A `StoragePort` on the native wire.

    Attributes:
        calls: Makes the calls.
        path: Of the revision, below the base of the API.
        name: What it is, for people.
        ticket: Lets read what is the newest revision no more.
        bundle_bytes: Contents of a bundle, in which small objects travel.
        page: Objects in a page of a listing.
        shortcut: Whether large objects may go past the hub, to and from the store behind it; None
            for never.
    """

    calls: NativeCalls
    path: str
    name: str
    ticket: str | None = attrs.field(default=None, repr=False)
    bundle_bytes: int = 16 * 2**20
    page: int = 100_000
    shortcut: Shortcut | None = attrs.field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return f"the objects of {self.name}"

    @property
    def _ticket(self) -> dict[str, str]:
        return {} if self.ticket is None else {"ticket": self.ticket}

    @property
    def _direct(self) -> DirectRoad | None:
        if self.shortcut is None or not self.shortcut.is_open:
            return None
        return DirectRoad(self.calls, self.path, self._ticket, self.shortcut)

    async def _ask(self, verb: str, keys: Sequence[str]) -> Fields:
        what = f"{verb} objects of {self.name}"
        with store_failures(what):
            return await self.calls.ask(
                "POST", f"{self.path}/{verb}", what, params=self._ticket, body={"keys": list(keys)}
            )

    async def get(self, reads: Sequence[Read], /) -> builtins.list[bytes | None]:
        """See `StoragePort`."""
        check_keys([read.key for read in reads])
        with store_failures(f"read objects of {self.name}"):
            return await read_objects(
                self.calls,
                self.path,
                self.name,
                self._ticket,
                reads,
                most=self.bundle_bytes,
                direct=self._direct,
            )

    async def stat(self, keys: Sequence[str], /) -> builtins.list[ObjectStat | None]:
        """See `StoragePort`."""
        return await self._each("stat", keys, stat_from_json)

    async def digest(self, keys: Sequence[str], /) -> builtins.list[ObjectDigest | None]:
        """See `StoragePort`; the hub computes them."""
        return await self._each("digest", keys, digest_from_json)

    async def _each(
        self, verb: str, keys: Sequence[str], parse: Callable[[Fields], T]
    ) -> builtins.list[T | None]:
        found: builtins.list[T | None] = []
        for some in batches(check_keys(keys), BUNDLE_OBJECTS):
            reply = await self._ask(verb, some)
            with store_failures(verb), parsed(f"{self.path}/{verb}"):
                entries = reply.entries("objects")
                if len(entries) != len(some):
                    raise reply.wrong("objects", f"a list of {len(some)}")
                found += [
                    None if entry is None else parse(Fields.of(entry, where="objects"))
                    for entry in entries
                ]
        return found

    async def put(
        self, writes: Sequence[Write], /, *, if_exists: IfExists = IfExists.REPLACE
    ) -> builtins.list[bool]:
        """See `StoragePort`."""
        check_keys([write.key for write in writes])
        written = [False] * len(writes)

        async def send(group: builtins.list[int]) -> None:
            for i, done in zip(group, await self._put(group, writes, if_exists), strict=True):
                written[i] = done

        groups = list(in_bundles(writes, most_bytes=self.bundle_bytes))
        await at_once(send, groups, most=_BUNDLES_AT_ONCE)
        return written

    async def _put(
        self, group: builtins.list[int], writes: Sequence[Write], if_exists: IfExists
    ) -> builtins.list[bool]:
        first = writes[group[0]]
        # Whether an object is there is for the hub to say: it knows a lost reply from another one.
        direct = self._direct if if_exists is IfExists.REPLACE else None
        large = is_large(first, most_bytes=self.bundle_bytes)
        if large and direct is not None and await direct.write(first):
            return [True]
        what = f"write {first.key!r} of {self.name}"
        params = {"ifExists": if_exists.value}
        with store_failures(what):
            try:
                if large:
                    path, data = f"{self.path}/objects/{quote(first.key)}", bytes(first.data)
                    reply = await self.calls.send(
                        "PUT", path, what, params=params, content=data, kind=OCTETS, largest=None
                    )
                else:
                    path = f"{self.path}/write"
                    body = await bundle_of_writes([writes[i] for i in group])
                    reply = await self.calls.send(
                        "POST", path, what, params=params, content=body, largest=None
                    )
            except ObjectExistsError as cause:
                raise already_there(list(cause.keys) or [first.key]) from cause
            done = fields_of(reply).values.get("written")
            if not isinstance(done, list) or [type(d) for d in done] != [bool] * len(group):
                raise HubReplyError(f"Cannot {what}: the hub does not say what it has written")
            return done

    async def delete(self, keys: Sequence[str], /) -> None:
        """See `StoragePort`."""
        for some in batches(check_keys(keys), BUNDLE_OBJECTS):
            await self._ask("delete", some)

    def list(self, prefix: str = "", /) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `StoragePort`; sorted by key."""
        return self.list_sorted(prefix)

    async def list_sorted(
        self, prefix: str = "", /, *, after: str = ""
    ) -> AsyncIterator[Sequence[ObjectStat]]:
        """See `SortedObjects`."""
        check_folder(prefix)
        params = {**self._ticket, "prefix": prefix, "limit": self.page}
        path, what = f"{self.path}/objects", f"list the objects of {self.name}"
        behind: str | None = after
        while behind is not None:
            with store_failures(what):
                reply = await self.calls.ask("GET", path, what, params={**params, "after": behind})
                with parsed(path):
                    found = [
                        stat_from_json(Fields.of(entry, where="objects"))
                        for entry in reply.entries("objects")
                    ]
                    following = reply.optional_text("after")
                    if following is not None and following <= behind:
                        raise reply.wrong("after", "a key behind the last one")
            behind = following
            if found:
                yield found

    async def list_folder(self, prefix: str = "", /) -> Folder:
        """See `StoragePort`."""
        check_folder(prefix)
        path, what = f"{self.path}/folder", f"list {prefix or 'the objects'} of {self.name}"
        params = {**self._ticket, "prefix": prefix}
        with store_failures(what):
            reply = await self.calls.ask("GET", path, what, params=params)
            with parsed(path):
                return folder_from_json(reply)
