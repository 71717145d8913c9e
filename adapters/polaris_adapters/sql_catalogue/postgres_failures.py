"""What went wrong with PostgreSQL, as errors of hubs."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from polaris.errors import (
    HubBusyError,
    HubUnavailableError,
    HubUnreachableError,
    InvalidInputError,
    PolarisError,
    PolarisHubError,
)

__all__ = ["postgres_failure"]

_AGAIN = "Try again."
_SIGN_IN = (
    "Check user and password of the database's URL, and what pg_hba.conf on the server allows; "
    "PGPASSWORD or a file of passwords can give the password as well."
)
_NO_DATABASE = (
    "See that the database is there and that the user may connect to it; "
    "createdb --encoding=UTF8 --template=template0 NAME makes one."
)
_SLOTS = (
    "Raise max_connections of the server, or let each process of the hub open fewer connections."
)
_RIGHTS = "Make the hub's user the owner of the database, or grant it what it lacks."
_LATER = "Wait until the server is ready; the hub goes on by itself."
_SERVER = "See that the PostgreSQL server runs and can be reached; the hub goes on by itself."
_LOG = "See the log of the PostgreSQL server."

_Kind = Callable[..., PolarisHubError]

# By the first characters of the SQLSTATE, the longest first.
# Source: PostgreSQL's manual, appendix A, "PostgreSQL Error Codes".
_STATES: tuple[tuple[str, _Kind, str, str], ...] = (
    ("55P03", HubBusyError, "has been held by another writer for too long", _AGAIN),
    ("40", HubBusyError, "was changed by another writer at the same time", _AGAIN),
    ("57014", HubBusyError, "took longer than it allows", _AGAIN),
    ("57P", HubUnavailableError, "is being stopped or started", _LATER),
    ("25P0", HubUnavailableError, "gave up waiting for this process", _AGAIN),
    ("53300", HubUnavailableError, "has no connection left", _SLOTS),
    ("53100", PolarisHubError, "has no room left on its disk", "Make room and try again."),
    ("53", HubUnavailableError, "is out of memory or another resource", _LOG),
    ("25006", PolarisHubError, "may only be read", "Give the URL of the primary server."),
    ("28", PolarisHubError, "refused the user", _SIGN_IN),
    ("3D000", PolarisHubError, "cannot be opened", _NO_DATABASE),
    ("42501", PolarisHubError, "does not allow this to the hub's user", _RIGHTS),
    ("42P01", PolarisHubError, "lacks tables of a hub", "Run `polaris hub migrate`."),
    ("XX", PolarisHubError, "is damaged", "Restore a backup; see the log of the server."),
)

# A connection that is refused has no SQLSTATE, only words: the server's, which are English unless
# it is set to another language. Words that are not known count as a server that is not reached.
_WORDS: tuple[tuple[tuple[str, ...], _Kind, str, str], ...] = (
    (
        ("too many clients", "too many connections", "connection slots"),
        HubUnavailableError,
        "has no connection left",
        _SLOTS,
    ),
    (
        ("the database system is", "not yet accepting connections"),
        HubUnavailableError,
        "is being stopped or started",
        _LATER,
    ),
    (('database "',), PolarisHubError, "cannot be opened", _NO_DATABASE),
    (
        ("authentication failed", "no password supplied", "no pg_hba.conf entry", 'role "'),
        PolarisHubError,
        "refused the user",
        _SIGN_IN,
    ),
    (
        ("invalid", "certificate", "does not support SSL", "root.crt"),
        PolarisHubError,
        "cannot be connected as its URL says",
        "Check the parameters of the database's URL.",
    ),
)


def postgres_failure(
    cause: SQLAlchemyError | UnicodeEncodeError, where: str, *, committing: bool
) -> PolarisError:
    """Return the error to raise for one of SQLAlchemy or of the driver.

    Args:
        cause: What was raised.
        where: Names the database.
        committing: Whether the last thing sent was the wish to keep the changes: if the
            connection broke then, nobody here knows whether they were kept.
    """
    if isinstance(cause, UnicodeEncodeError):
        return _not_text(where)
    if isinstance(cause, PoolTimeoutError):
        return HubUnavailableError(
            f"{where}: all connections of this process have been in use for too long",
            hint="Try again, or let the process open more connections.",
        )
    origin = cause.orig if isinstance(cause, DBAPIError) else cause
    # Not the details that the server adds: they quote what is in the tables.
    diagnosis = getattr(origin, "diag", None)
    words = " ".join((getattr(diagnosis, "message_primary", None) or str(origin)).split())
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return _of_state(state, words, where)
    if isinstance(cause, DBAPIError) and _is_operational(origin):
        return _of_connection(words, where, committing=committing)
    if "NUL (0x00)" in words:
        return _not_text(where)
    return PolarisHubError(f"{where} failed: {words}", hint=_LOG)


def _of_state(state: str, words: str, where: str) -> PolarisError:
    if state.startswith("22"):
        # "Data Exception": what was sent cannot be a value of its column.
        return InvalidInputError(
            f"{where} cannot keep a value: {words}", hint="Shorten it, or leave it out."
        )
    for prefix, kind, what, hint in _STATES:
        if state.startswith(prefix):
            return kind(f"{where} {what}: {words}", hint=hint)
    return PolarisHubError(f"{where} failed: {words} (SQLSTATE {state})", hint=_LOG)


def _of_connection(words: str, where: str, *, committing: bool) -> PolarisHubError:
    for parts, kind, what, hint in _WORDS:
        if any(part in words for part in parts):
            return kind(f"{where} {what}: {words}", hint=hint)
    unknown = "; whether the change was kept is not known" if committing else ""
    error = HubUnreachableError(f"{where} cannot be reached: {words}{unknown}", hint=_SERVER)
    error.may_have_arrived = committing
    return error


def _is_operational(origin: object) -> bool:
    """Tell whether the driver blames the connection and not what was asked of it."""
    return any(kind.__name__ == "OperationalError" for kind in type(origin).__mro__)


def _not_text(where: str) -> InvalidInputError:
    return InvalidInputError(
        f"{where} cannot keep a text: it holds NUL characters or halves of characters",
        hint="Leave U+0000 and lone surrogates (U+D800 to U+DFFF) out.",
    )
