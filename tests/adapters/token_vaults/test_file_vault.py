"""The vault of files: modes, damage, a full disk, other processes."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from polaris.errors import DamagedFileError, StorageError
from polaris.ports.tokens import SignIns, TokenKey, TokenVault
from polaris.testing import TokenVaultSuite
from polaris_adapters.token_vaults import FileTokenVault

Make = Callable[..., SignIns]

WITHOUT_TOKENS = (
    b'{"version": 1, "active": null, "sign_ins": [{"account": "a", "road": "b", "audience": "",'
    b' "email": null, "claims": {}, "renewal": "", "external": null, "hub": null}]}'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "sign-ins"


class TestFileTokenVault(TokenVaultSuite):
    @pytest.fixture
    def vault(self, folder: Path) -> TokenVault:
        return FileTokenVault(folder)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_only_the_owner_can_read(folder: Path, key: TokenKey, signed_in: Make) -> None:
    old = os.umask(0)
    try:
        vault = FileTokenVault(folder)
        await vault.probe()
        async with vault.locked(key):
            await vault.save(key, signed_in())
    finally:
        os.umask(old)
    assert _mode(folder) == 0o700
    assert {_mode(path) for path in folder.iterdir()} == {0o600}
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".lock"]


async def test_a_folder_that_others_could_read_is_closed(
    folder: Path, key: TokenKey, signed_in: Make
) -> None:
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)
    await FileTokenVault(folder).save(key, signed_in())
    assert _mode(folder) == 0o700


async def test_the_file_is_named_after_the_hub(
    folder: Path, key: TokenKey, signed_in: Make
) -> None:
    await FileTokenVault(folder).save(key, signed_in())
    (path,) = folder.iterdir()
    assert path.name.startswith("hub.example-")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"null", b"[]", b'"x"', b"{}", b'{"version": 1}',
        b'{"version": 99, "active": null, "sign_ins": []}',
        b'{"version": 1, "active": 5, "sign_ins": []}',
        b'{"version": 1, "active": null, "sign_ins": [{}]}',
        WITHOUT_TOKENS,
        b"[" * 100000,
    ],
)  # fmt: skip
async def test_a_damaged_file_is_told_of_and_put_aside_by_the_next_save(
    folder: Path, key: TokenKey, signed_in: Make, content: bytes
) -> None:
    vault = FileTokenVault(folder)
    await vault.save(key, signed_in())
    (path,) = folder.iterdir()
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        await vault.load(key)
    assert str(path) in caught.value.message
    assert caught.value.hint
    await vault.save(key, signed_in("new"))
    assert await vault.load(key) == signed_in("new")
    assert path.with_name(f"{path.name}.damaged").read_bytes() == content


async def test_what_a_damaged_file_holds_is_not_shown(
    folder: Path, key: TokenKey, signed_in: Make
) -> None:
    vault = FileTokenVault(folder)
    await vault.save(key, signed_in("top-secret"))
    (path,) = folder.iterdir()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedFileError) as caught:
        await vault.load(key)
    assert "top-secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("call", ["fsync", "open", "replace"])
async def test_a_disk_that_is_full_leaves_what_was_there(
    folder: Path,
    key: TokenKey,
    signed_in: Make,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
) -> None:
    vault = FileTokenVault(folder)
    await vault.save(key, signed_in("old"))

    def full(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        if call == "replace":
            patch.setattr(Path, "replace", full)
        else:
            patch.setattr(os, call, full)
        with pytest.raises(StorageError, match="No space left") as caught:
            await vault.save(key, signed_in("new"))
        if call != "replace":
            with pytest.raises(StorageError):
                await vault.probe()
    assert caught.value.hint
    assert await vault.load(key) == signed_in("old")
    assert [path.suffix for path in folder.iterdir()] == [".json"]


async def test_what_killed_writers_left_is_removed_once_it_is_old(
    folder: Path, key: TokenKey, signed_in: Make
) -> None:
    vault = FileTokenVault(folder)
    await vault.save(key, signed_in())
    (path,) = folder.iterdir()
    old, new = (path.with_name(f".{path.name}.{word}.new") for word in ("old", "new"))
    for left in (old, new):
        left.write_text("half of it")
    os.utime(old, (0, 0))
    await vault.save(key, signed_in())
    assert set(folder.iterdir()) == {path, new}


async def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path, key: TokenKey) -> None:
    (tmp_path / "file").write_text("")
    vault = FileTokenVault(tmp_path / "file" / "sign-ins")
    with pytest.raises(StorageError, match="sign-ins"):
        await vault.probe()
    with pytest.raises(StorageError):
        async with vault.locked(key):
            pass


async def test_who_holds_a_lock_too_long_is_given_up_on(folder: Path, key: TokenKey) -> None:
    vault = FileTokenVault(folder, longest_wait=0.01)
    async with vault.locked(key):
        with pytest.raises(StorageError, match="has held it"):
            async with FileTokenVault(folder, longest_wait=0.01).locked(key):
                pass


async def test_who_is_cancelled_while_saving_waits_until_it_is_done(
    folder: Path, key: TokenKey, signed_in: Make
) -> None:
    vault = FileTokenVault(folder)
    task = asyncio.create_task(vault.save(key, signed_in()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await vault.load(key) in (None, signed_in())
    assert not list(folder.glob(".*.new")) if folder.exists() else True
