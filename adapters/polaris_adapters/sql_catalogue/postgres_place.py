"""Which PostgreSQL database a URL names, without its password ever being shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from polaris.errors import InvalidInputError, MissingExtraError

__all__ = ["PostgresPlace", "is_postgres_url", "load_driver"]

# SQLAlchemy's spelling is known to many; PostgreSQL's tools know the first two only.
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_DEFAULTS: dict[str, str] = {
    "application_name": "polaris",
    # Seconds; PostgreSQL would wait for as long as the system does, which is minutes.
    "connect_timeout": "10",
    # A server that vanished is noticed after about a minute, and not after two hours.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
_HINT = (
    "Write postgresql://user:password@host:5432/database, with what is special in a URL "
    "percent-encoded in each part (@ is %40, / is %2F)."
)


def is_postgres_url(text: str) -> bool:
    """Tell whether a text is meant as the URL of a PostgreSQL database."""
    return text.partition("://")[0].lower() in _SCHEMES and "://" in text


@attrs.frozen
class PostgresPlace:
    """Where a database is and how to sign in there.

    Attributes:
        parameters: What libpq takes, by its keywords; has the password, so no text shows it.
    """

    parameters: Mapping[str, Any] = attrs.field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the place of a URL.

        Anything that libpq understands may be in it: several hosts, ``?sslmode=verify-full``,
        ``?host=/folder/of/the/socket``. A password may be left to ``PGPASSWORD`` or to the file
        of passwords. Source: PostgreSQL's manual, section 34.1.1.2, "Connection URIs".

        Raises:
            InvalidInputError: It is no URL of a PostgreSQL database.
            MissingExtraError: The driver is not installed.
        """
        driver = load_driver()
        scheme, separator, rest = url.partition("://")
        if not separator or scheme.lower() not in _SCHEMES:
            raise _not_understood()
        try:
            found = driver.conninfo.conninfo_to_dict(f"postgresql://{rest}")
        except driver.Error:
            # The driver's words quote what may be a part of the password.
            raise _not_understood() from None
        # An unencoded password may have been taken for something that would be shown.
        shown = "".join(str(found.get(name, "")) for name in ("host", "port", "dbname"))
        ports = str(found.get("port", "")).split(",")
        if "@" in shown or not all(port.isdecimal() or port == "" for port in ports):
            raise _not_understood()
        return cls(_DEFAULTS | found | {"client_encoding": "UTF8"})

    def __str__(self) -> str:
        name = self.parameters.get("dbname") or self.parameters.get("user") or "of the user"
        host = self.parameters.get("host") or "this machine"
        port = self.parameters.get("port")
        return f"The PostgreSQL database {name} on {host}" + (f", port {port}" if port else "")

    def connect(self) -> Any:
        """Open a connection of the driver.

        Raises:
            psycopg.Error: It could not be opened.
        """
        # Each statement is planned for its values: a plan for any values is a bad one for pages
        # deep in a listing. It also lets a pooler stand between, which knows no plans.
        return load_driver().connect(**self.parameters, prepare_threshold=None)


def load_driver() -> Any:
    """Return the module psycopg.

    Raises:
        MissingExtraError: It is not installed, or not with the library of PostgreSQL.
    """
    try:
        import psycopg
        import psycopg.conninfo
    except ImportError as cause:
        raise MissingExtraError("A hub on PostgreSQL", extra="postgresql") from cause
    return psycopg


def _not_understood() -> InvalidInputError:
    return InvalidInputError("The URL of the PostgreSQL database is not understood", hint=_HINT)
