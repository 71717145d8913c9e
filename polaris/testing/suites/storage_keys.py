"""Which keys a `StoragePort` takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

import pytest

from polaris.errors import InvalidNameError
from polaris.ports.storage import Read, StoragePort, Write
from polaris.testing.suites.storage_listings import all_below

__all__ = ["INVALID_KEYS", "ODD_KEYS", "StorageKeysSuite"]

#: Keys that every store takes, though they are easily mangled by encodings and shells.
ODD_KEYS = (
    "0.0", ".zarray", "..a", "a..", "...", "a.", "with space", " before", "after ", "-rf", "~",
    "$HOME", "%", "100%", "%41", "a%2Fb", "%2e%2e", "%00", "#", "#a", "a#b", "#1a", "1#", "a+b",
    "a?b=c&d", "a;b", "a:b", "a*b", "a|b", "<a>", "'a'", '"a"', "`a`", "[a]", "{a}", "^", "@", "=",
    "a,b", "back\\slash", "\u00e9t\u00e9", "e\u0301", "\u00df", "\u4e2d\u6587", "\u200b", "\u2028",
    "\u05e9\u05dc\u05d5", "\u00a0", "\ufeff", "\ufffd", "\U0001f9ea", "x" * 240, "\u00e9" * 120,
    "con", "nul.txt", "a/..b/c", "deep/" * 30 + "end",
)  # fmt: skip

#: Texts that are no keys.
INVALID_KEYS = (
    "", ".", "..", "/", "/a", "a/", "a//b", "./a", "a/.", "a/./b", "../a", "a/..", "a/../b", "//",
    "a\nb", "a\x00", "\x7f", "a\x1f/b", "a\x85b", "\ud800", "a#1", "a#12/b", "#0", "x" * 241,
    "\u00e9" * 121,
)  # fmt: skip

Call = Callable[[StoragePort, str], Awaitable[object]]

CALLS: dict[str, Call] = {
    "get": lambda storage, key: storage.get([Read("good"), Read(key)]),
    "stat": lambda storage, key: storage.stat(["good", key]),
    "put": lambda storage, key: storage.put([Write("new", b""), Write(key, b"")]),
    "delete": lambda storage, key: storage.delete(["good", key]),
    "digest": lambda storage, key: storage.digest(["good", key]),
}
FOLDER_CALLS: dict[str, Call] = {
    "list": all_below,
    "list_folder": lambda storage, key: storage.list_folder(key),
}


def _id(key: str) -> str:
    return ascii(key)[1:30]


class StorageKeysSuite:
    """Odd keys and refused ones; part of `StorageSuite`.

    Attributes:
        unkept: Characters that the store behind an adapter cannot keep in keys, whatever the
            adapter does; such keys are left out. SeaweedFS takes a backslash for a slash.
    """

    unkept: ClassVar[str] = ""

    @pytest.mark.parametrize("key", ODD_KEYS, ids=_id)
    async def test_an_odd_key_is_taken_as_it_is(self, storage: StoragePort, key: str) -> None:
        if set(key) & set(self.unkept):
            pytest.skip(f"The store behind does not keep {self.unkept!r} in keys.")
        nested = f"in/{key}/below"
        await storage.put([Write(nested, b"nested"), Write(f"by/{key}", b"content")])
        assert await storage.get([Read(nested), Read(f"by/{key}")]) == [b"nested", b"content"]
        assert [stat.key for stat in await all_below(storage)] == sorted([nested, f"by/{key}"])
        assert [stat.key for stat in await all_below(storage, f"in/{key}")] == [nested]
        if "/" not in key:
            assert (await storage.list_folder("in")).folders == (key,)
            assert [s.key for s in (await storage.list_folder("by")).objects] == [f"by/{key}"]
        await storage.delete([nested, f"by/{key}"])
        assert await all_below(storage) == []

    async def test_keys_that_could_be_taken_for_each_other_are_apart(
        self, storage: StoragePort
    ) -> None:
        keys = ["a", "a.", "a ", " a", "a#", "%61", "a%", "a%20", "a+", "a\\b", "ab", "a.b", "a-"]
        keys = [key for key in keys if not set(key) & set(self.unkept)]
        await storage.put([Write(key, key.encode()) for key in keys])
        assert await storage.get([Read(key) for key in keys]) == [key.encode() for key in keys]
        assert [stat.key for stat in await all_below(storage)] == sorted(keys)

    @pytest.mark.parametrize("key", INVALID_KEYS, ids=_id)
    @pytest.mark.parametrize("verb", CALLS)
    async def test_what_is_no_key_is_refused_before_anything_is_done(
        self, storage: StoragePort, verb: str, key: str
    ) -> None:
        await storage.put([Write("good", b"x")])
        with pytest.raises(InvalidNameError) as caught:
            await CALLS[verb](storage, key)
        assert caught.value.code == "invalid_name"
        assert caught.value.hint
        assert [stat.key for stat in await all_below(storage)] == ["good"]

    @pytest.mark.parametrize("prefix", [key for key in INVALID_KEYS if key], ids=_id)
    @pytest.mark.parametrize("verb", FOLDER_CALLS)
    async def test_what_is_no_folder_is_refused(
        self, storage: StoragePort, verb: str, prefix: str
    ) -> None:
        with pytest.raises(InvalidNameError) as caught:
            await FOLDER_CALLS[verb](storage, prefix)
        assert caught.value.code == "invalid_name"
