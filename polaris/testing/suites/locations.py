"""The conformance suite of `polaris.ports.locations`."""

from __future__ import annotations

import pytest

from polaris.errors import InvalidInputError, ObjectNotFoundError
from polaris.ports.locations import StorageLocator
from polaris.ports.storage import Read, Write
from polaris.testing.suites.storage_listings import all_below

__all__ = ["LocationsSuite"]


class LocationsSuite:
    """What every `StorageLocator` promises.

    Derive a class whose name begins with ``Test`` and give it two fixtures: ``locator``, and
    ``location``, the absolute path of a folder of this machine that does not exist yet but may be
    made. The stores run `StorageSuite` besides. Needs pytest-asyncio in its ``auto`` mode.
    """

    def test_a_folder_that_is_missing_is_not_made_by_itself(
        self, locator: StorageLocator, location: str
    ) -> None:
        for _ in range(2):
            with pytest.raises(ObjectNotFoundError) as caught:
                locator.folder(location)
            assert caught.value.code == "object_not_found"
            assert caught.value.hint

    async def test_a_folder_can_be_made(self, locator: StorageLocator, location: str) -> None:
        assert await all_below(locator.folder(location, create=True)) == []
        assert await all_below(locator.folder(location)) == []

    async def test_what_was_put_in_a_folder_is_found_there(
        self, locator: StorageLocator, location: str
    ) -> None:
        await locator.folder(location, create=True).put([Write("a/b", b"content")])
        assert await locator.folder(location).get([Read("a/b")]) == [b"content"]
        again = locator.folder(location, create=True)
        assert [stat.key for stat in await all_below(again)] == ["a/b"]

    @pytest.mark.parametrize("name", ["with space", "a%20b", "a+b", "\u00e9\u4e2d", "a.b"])
    async def test_a_path_is_taken_as_it_is(
        self, locator: StorageLocator, location: str, name: str
    ) -> None:
        await locator.folder(f"{location}/{name}", create=True).put([Write("key", name.encode())])
        assert await locator.folder(f"{location}/{name}").get([Read("key")]) == [name.encode()]
        with pytest.raises(ObjectNotFoundError):
            locator.folder(f"{location}/{name}!")

    async def test_folders_are_apart(self, locator: StorageLocator, location: str) -> None:
        one = locator.folder(f"{location}/one", create=True)
        other = locator.folder(f"{location}/other", create=True)
        await one.put([Write("key", b"x")])
        assert await all_below(other) == []

    @pytest.mark.parametrize("spelling", ["{}/", "file://{}", "file://{}/"])
    async def test_a_folder_has_several_spellings(
        self, locator: StorageLocator, location: str, spelling: str
    ) -> None:
        await locator.folder(location, create=True).put([Write("key", b"x")])
        assert await locator.folder(spelling.format(location)).get([Read("key")]) == [b"x"]

    @pytest.mark.parametrize("spelling", ["$POLARIS_SUITE_PLACE", "${POLARIS_SUITE_PLACE}/"])
    async def test_variables_are_filled_in(
        self,
        locator: StorageLocator,
        location: str,
        spelling: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("POLARIS_SUITE_PLACE", location)
        await locator.folder(location, create=True).put([Write("key", b"x")])
        assert await locator.folder(spelling).get([Read("key")]) == [b"x"]

    async def test_the_home_folder_is_filled_in(
        self, locator: StorageLocator, location: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", location)
        await locator.folder(f"{location}/below", create=True).put([Write("key", b"x")])
        assert await locator.folder("~/below").get([Read("key")]) == [b"x"]

    @pytest.mark.parametrize("create", [False, True])
    def test_a_scheme_that_no_store_serves_is_refused(
        self, locator: StorageLocator, create: bool
    ) -> None:
        with pytest.raises(InvalidInputError) as caught:
            locator.folder("no-such-scheme://place/folder", create=create)
        assert "no-such-scheme" in caught.value.message
        assert caught.value.hint
