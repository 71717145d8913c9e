"""Ways to damage a hub in a folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

# Each damages a hub, and returns the slug of the artifact that it damaged, if it did damage one.
Damage = Callable[[Path, Random], str | None]


def _files(folder: Path) -> list[Path]:
    found = [*folder.glob("objects/*s/**/*"), *folder.glob("hidden/*s/**/*")]
    # One damage must not undo another one.
    return sorted(path for path in found if path.is_file() and path.name[:5] != "stray")


def _slug(folder: Path, path: Path) -> str:
    return path.relative_to(folder).parts[3]


def remove_object(folder: Path, random: Random) -> str | None:
    """Remove an object of a revision."""
    if not (files := _files(folder)):
        return None
    path = random.choice(files)
    path.unlink()
    return _slug(folder, path)


def flip_byte(folder: Path, random: Random) -> str | None:
    """Change a byte of an object."""
    files = [path for path in _files(folder) if path.stat().st_size]
    if not files:
        return None
    path = random.choice(files)
    data = bytearray(path.read_bytes())
    # One more, so that two such damages are none the less a damage.
    place = random.randrange(len(data))
    data[place] = (data[place] + 1) % 256
    path.write_bytes(data)
    return _slug(folder, path)


def cut_object(folder: Path, random: Random) -> str | None:
    """Take the last byte of an object away."""
    files = [path for path in _files(folder) if path.stat().st_size]
    if not files:
        return None
    path = random.choice(files)
    path.write_bytes(path.read_bytes()[:-1])
    return _slug(folder, path)


def add_stray(folder: Path, random: Random) -> str | None:
    """Add an object where none belongs; no artifact is worse for it."""
    area = folder / random.choice(["objects", "hidden"])
    revision = "".join(random.choices("0123456789abcdef", k=64))
    places = [
        area / f"stray-{random.randrange(99)}",
        area / "datasets" / "acme" / "not-there" / revision / "stray",
        area / "weird" / "stray",
    ]
    places += [path.parent / f"stray {random.randrange(99)}" for path in _files(folder)[:3]]
    path = random.choice(places)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"stray")
    return None


def _sql(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _artifact(folder: Path, random: Random) -> tuple[int, str] | None:
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as connection:
        query = "SELECT id, slug FROM artifacts WHERE access IS NOT NULL ORDER BY id"
        rows = connection.execute(query).fetchall()
    return random.choice(rows) if rows else None


def _on_artifact(statement: str) -> Damage:
    def damage(folder: Path, random: Random) -> str | None:
        found = _artifact(folder, random)
        if found is None:
            return None
        _sql(folder, statement.format(id=found[0]))
        return found[1]

    return damage


_CURRENT = "(SELECT current_revision_id FROM artifacts WHERE id = {id})"

DAMAGES: dict[str, Damage] = {
    "object removed": remove_object,
    "byte flipped": flip_byte,
    "object cut": cut_object,
    "object added": add_stray,
    "artifact removed": _on_artifact("DELETE FROM artifacts WHERE id = {id}"),
    "revisions removed": _on_artifact("DELETE FROM revisions WHERE artifact_id = {id}"),
    "current revision removed": _on_artifact(f"DELETE FROM revisions WHERE id = {_CURRENT}"),
    "pointer wrong": _on_artifact(
        "UPDATE artifacts SET current_revision_id = current_revision_id + 777 WHERE id = {id}"
    ),
    "document altered": _on_artifact(
        f'UPDATE revisions SET document = \'{{{{"name":"other"}}}}\' WHERE id = {_CURRENT}'
    ),
    "document broken": _on_artifact(
        f"UPDATE revisions SET document = '{{{{' WHERE id = {_CURRENT}"
    ),
    "access altered": _on_artifact("UPDATE artifacts SET access = 'private' WHERE id = {id}"),
    "access lost": _on_artifact("UPDATE artifacts SET access = NULL WHERE id = {id}"),
    "words lost": _on_artifact(
        "DELETE FROM artifact_words WHERE rowid = (SELECT place FROM artifacts WHERE id = {id})"
    ),
    "words added": lambda folder, _: _sql(
        folder, "INSERT OR REPLACE INTO artifact_words (rowid, words) VALUES (777777, 'stray')"
    ),
    "name broken": _on_artifact("UPDATE artifacts SET slug = 'No Slug/../{id}' WHERE id = {id}"),
    "account removed": lambda folder, _: _sql(folder, "DELETE FROM accounts WHERE id = 'u1'"),
    "organization removed": lambda folder, _: _sql(folder, "DELETE FROM accounts WHERE id = 'o1'"),
}
# Statements that make what the last two damage.
ACCOUNTS = (
    (
        "INSERT INTO accounts (id, slug, type, is_administrator, created_at) VALUES "
        "('u1', 'user', 'user', 0, 1), ('o1', 'acme', 'organization', 0, 1), "
        "('u2', 'other', 'user', 1, 1)"
    ),
    "INSERT INTO memberships VALUES ('o1', 'u1', 'owner'), ('o1', 'u2', 'member')",
    "INSERT INTO passwords VALUES ('u1', 'hash', 0), ('u2', 'hash', 0)",
    (
        "INSERT INTO credentials "
        "(kind, digest, account, family, scopes, created_at, claims) VALUES "
        "('personal', '00', 'u1', 'f', '', 1, '{}'), ('personal', '11', 'u2', 'f', '', 1, '{}'), "
        "('client', '22', NULL, 'f', '', 1, '{}')"
    ),
)


def add_accounts(folder: Path) -> None:
    """Add two users, one organization, and what belongs to them."""
    _sql(folder, *ACCOUNTS)
