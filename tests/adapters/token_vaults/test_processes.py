"""The vault of files between processes that write at once, and that are killed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polaris.ports.tokens import TokenKey
from polaris_adapters.token_vaults import FileTokenVault

pytestmark = pytest.mark.slow

WRITE = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from polaris.domain.secret import Secret
from polaris.ports.tokens import SignIn, SignIns, StoredToken, TokenKey
from polaris_adapters.token_vaults import FileTokenVault

vault, key = FileTokenVault(Path(sys.argv[1])), TokenKey("https://hub.example/", "client")
worker, count = sys.argv[2], int(sys.argv[3])

async def main():
    for number in range(count):
        async with vault.locked(key):
            known = await vault.load(key) or SignIns()
            token = StoredToken(access=Secret("x" * 5000), issued_at=datetime.now(UTC))
            entry = SignIn(account=f"{worker}-{number % 25}", road="device", hub=token)
            await vault.save(key, known.with_active(entry))

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main())
"""


def _start(folder: Path, worker: str, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(folder), worker, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _accounts(folder: Path) -> list[str]:
    vault, key = FileTokenVault(folder), TokenKey("https://hub.example/", "client")
    found = asyncio.run(vault.load(key))
    return [] if found is None else found.accounts


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    workers = [_start(tmp_path, f"worker{number}", 25) for number in range(4)]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    outcomes = [worker.communicate(timeout=100) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, outcomes
    expected = [f"worker{worker}-{number}" for worker in range(4) for number in range(25)]
    assert _accounts(tmp_path) == sorted(expected)


def test_what_a_killed_process_leaves_is_whole_and_free(tmp_path: Path) -> None:
    chance = random.Random(5)
    for turn in range(8):
        worker = _start(tmp_path, f"turn{turn}", 100_000)
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
        time.sleep(0.05 + chance.random() / 10)
        worker.kill()
        worker.communicate(timeout=30)
        before = _accounts(tmp_path)
        last = _start(tmp_path, f"after{turn}", 1)
        _, errors = last.communicate("go\n", timeout=30)
        assert last.returncode == 0, errors
        assert _accounts(tmp_path) == sorted({*before, f"after{turn}-0"})
    assert any(account.startswith("turn") for account in _accounts(tmp_path))
