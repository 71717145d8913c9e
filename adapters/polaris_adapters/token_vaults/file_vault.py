"""A vault that is a folder of files which only their owner can read."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from polaris.errors import DamagedFileError, StorageError
from polaris.ports.tokens import SignIns, TokenKey
from polaris_adapters.token_vaults.documents import from_text, to_text
from polaris_adapters.token_vaults.waiting import LONGEST_WAIT, held, to_the_end

__all__ = ["FileTokenVault", "file_lock", "name_of"]

# Nobody writes a file of a few kilobytes for so long, seconds.
_ABANDONED = 600.0


def name_of(key: TokenKey) -> str:
    """Return a file name for a key: readable, and different for each."""
    host = re.sub(r"[^A-Za-z0-9.-]+", "-", key.hub_url.partition("://")[2])[:40].strip("-.")
    digest = hashlib.sha256(f"{key.hub_url}\n{key.client_id}".encode()).hexdigest()
    return f"{host or 'hub'}-{digest[:16]}"


@asynccontextmanager
async def file_lock(path: Path, *, longest: float = LONGEST_WAIT) -> AsyncIterator[None]:
    """Hold a lock of the operating system, which ends with the process.

    Raises:
        StorageError: It cannot be made, or was not free in time.
    """
    # Of its own for each holder, so that it keeps out threads and tasks as well.
    lock = FileLock(path, mode=0o600, thread_local=False, is_singleton=False)

    def acquire() -> bool:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as cause:
            raise _failure(f"lock {path}", cause) from cause
        return True

    async with held(acquire, lock.release, what=str(path), longest=longest):
        yield


class FileTokenVault:
    """A `TokenVault` of one file for each hub and client: mode 0600, in a folder of mode 0700.

    Files are replaced as a whole, and are on the disk before the old one is gone.

    Args:
        folder: Where; made at the first save.
        longest_wait: Seconds to wait for whoever else holds a key.
    """

    def __init__(self, folder: Path, *, longest_wait: float = LONGEST_WAIT) -> None:
        self._folder = folder
        self._longest_wait = longest_wait

    async def probe(self) -> None:
        """Write a file and remove it again; see `TokenVault`."""
        await asyncio.to_thread(self._probe)

    def _probe(self) -> None:
        self._make_folder()
        path = self._folder / f".probe-{secrets.token_hex(8)}"
        try:
            _write(path, "probe")
        finally:
            path.unlink(missing_ok=True)

    async def load(self, key: TokenKey, /) -> SignIns | None:
        """Return what was saved last; see `TokenVault`."""
        return await asyncio.to_thread(self._load, key)

    def _load(self, key: TokenKey) -> SignIns | None:
        path = self._path(key)
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            text = ""
        except OSError as cause:
            raise _failure(f"read the sign-ins in {path}", cause) from cause
        return from_text(text, where=str(path))

    async def save(self, key: TokenKey, value: SignIns, /) -> None:
        """Replace the file; see `TokenVault`."""
        await to_the_end(lambda: self._save(key, value))

    def _save(self, key: TokenKey, value: SignIns) -> None:
        self._make_folder()
        path = self._path(key)
        self._keep_damaged(key, path)
        # Not one name for all: two processes may save without the lock.
        fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
        try:
            _write(fresh, to_text(value))
            fresh.replace(path)
        except OSError as cause:
            raise _failure(f"write the sign-ins to {path}", cause) from cause
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)
        self._sweep(path)
        _flush_folder(self._folder)

    def _sweep(self, path: Path) -> None:
        """Remove what processes left that were killed while they wrote; it holds secrets."""
        for left in self._folder.glob(f".{path.name}.*.new"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _ABANDONED:
                    left.unlink()

    def _keep_damaged(self, key: TokenKey, path: Path) -> None:
        """Put aside what is there if nobody can read it: it may be of use to somebody."""
        try:
            self._load(key)
        except DamagedFileError:
            with contextlib.suppress(OSError):
                path.replace(path.with_name(f"{path.name}.damaged"))
        except StorageError:
            pass

    @asynccontextmanager
    async def _locked(self, key: TokenKey) -> AsyncIterator[None]:
        await asyncio.to_thread(self._make_folder)
        path = self._path(key)
        async with file_lock(path.with_suffix(".lock"), longest=self._longest_wait):
            yield

    def locked(self, key: TokenKey, /) -> AbstractAsyncContextManager[None]:
        """Keep all others out, other processes too; see `TokenVault`."""
        return self._locked(key)

    def describe(self) -> str:
        """Return where things are kept; see `TokenVault`."""
        return f"files in {self._folder}, which only you can read"

    def _path(self, key: TokenKey) -> Path:
        return self._folder / f"{name_of(key)}.json"

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._folder.stat().st_mode & 0o077:
                self._folder.chmod(0o700)
        except OSError as cause:
            raise _failure(f"make the folder {self._folder} for sign-ins", cause) from cause


def _write(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, down to the disk."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as cause:
        raise _failure(f"write {path}", cause) from cause


def _flush_folder(folder: Path) -> None:
    """Bring a rename to the disk, where the system can (Windows cannot open folders)."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _failure(what: str, cause: BaseException) -> StorageError:
    return StorageError(
        f"Cannot {what}: {cause}",
        hint="Make room or mend the permissions; token_store='memory' keeps nothing on the disk.",
    )
