"""What the database could not do is logged without what it was to be done with."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

import pytest

from polaris.domain.accounts import Account
from polaris.errors import PolarisError
from polaris.ports.accounts import StoredPassword
from polaris.testing import ManualClock
from polaris_adapters.sql_catalogue import SqlAccounts, open_database


@pytest.mark.parametrize("keep", [0, 2])
async def test_no_value_is_in_the_traceback(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "catalogue.sqlite"
    database = open_database(path, keep=keep)
    accounts = SqlAccounts(database)
    with sqlite3.connect(path) as breaking:
        breaking.execute("DROP TABLE passwords")
    breaking.close()
    # Not written out: tracebacks show the lines of this test.
    hashed = "-".join(("hash", "of", "a", "password"))
    account = Account(id="1", slug="alice", type="user", created_at=ManualClock().now())
    with pytest.raises(PolarisError) as caught:
        await accounts.add(account, password=StoredPassword(hashed))
    database.close()
    told = "".join(traceback.format_exception(caught.value))
    assert "passwords" in told
    assert hashed not in told
