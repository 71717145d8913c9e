"""The rules for what people write into accounts."""

from __future__ import annotations

import re

from polaris.errors import InvalidInputError, Problem

__all__ = ["check_email", "check_label"]

_MOST_EMAIL = 254  # RFC 5321 section 4.5.3.1.3, without the brackets
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


def check_label(field: str, text: str, /, *, most: int = 200) -> str:
    """Return a name that people give, without blanks at its ends.

    Args:
        field: What it is, for the error.
        text: The name.
        most: Most characters.

    Raises:
        InvalidInputError: It is empty, too long, or holds what cannot be shown.
    """
    label = text.strip()
    if not 0 < len(label) <= most or not label.isprintable():
        raise InvalidInputError(
            problems=[
                Problem(field, "is no name", f"Give 1 to {most} characters that can be shown.")
            ]
        )
    return label


def check_email(email: str, /) -> str:
    """Return an address for mail; whether it is somebody's is not looked at.

    Raises:
        InvalidInputError: It cannot be one.
    """
    address = email.strip()
    if len(address) > _MOST_EMAIL or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise InvalidInputError(
            problems=[Problem("email", "is no address", "Write name@example.org.")]
        )
    return address
