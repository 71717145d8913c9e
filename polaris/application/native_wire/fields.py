"""JSON that came from the other side, read field by field."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

import attrs

from polaris.codec.json_text import dumps
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, InvalidNameError, Problem

__all__ = ["Fields", "check_revision", "encoded", "parse_urn"]

E = TypeVar("E", bound=StrEnum)

_REVISION = re.compile(r"[0-9a-f]{64}")
# Writes no more of a long value than is told of it.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxlong = _SHORT.maxother = 80
# How JSON may write half of a character of two halves; UTF-8 cannot.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def encoded(value: Any) -> bytes:
    """Return a value as JSON in UTF-8.

    Raises:
        InvalidInputError: It holds what JSON, or UTF-8, cannot.
    """
    try:
        return dumps(value).encode()
    except (UnicodeEncodeError, RecursionError) as cause:
        raise InvalidInputError(
            f"The value cannot be written as JSON: {type(cause).__name__}",
            hint="Leave lone surrogates out of texts, and do not nest too deep.",
        ) from cause


def check_revision(text: str) -> str:
    """Return a revision if it is one: 64 hex digits.

    Raises:
        InvalidNameError: It is not.
    """
    if not _REVISION.fullmatch(text):
        raise InvalidNameError(
            f"{text!r:.80} is not a revision", hint="Revisions are 64 hex digits, in lower case."
        )
    return text


def parse_urn(text: str) -> ArtifactRef:
    """Return the artifact that a URN names.

    Raises:
        InvalidNameError: It names none.
    """
    parts = text.split(":")
    if len(parts) != 5 or parts[:2] != ["urn", "polaris"] or parts[2] not in set(ArtifactKind):
        raise InvalidNameError(
            f"{text!r:.80} is not a URN", hint="Write urn:polaris:kind:owner:slug."
        )
    return ArtifactRef(ArtifactKind(parts[2]), parts[3], parts[4])


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not JSON")


@attrs.frozen
class Fields:
    """A JSON object that came over the wire. What is unknown in it is passed over.

    Every method raises `InvalidInputError`, with the path of the field, where it is not of the kind
    that is asked for.

    Attributes:
        values: The object.
        where: What it is, for errors.
    """

    values: Mapping[str, Any] = attrs.field(repr=False)
    where: str

    @classmethod
    def parse(cls, body: bytes, *, where: str) -> Self:
        """Return the object in a body.

        Raises:
            InvalidInputError: There is none, or it holds what is not JSON by RFC 8259.
        """
        try:
            value = json.loads(body, parse_constant=_no_constant)
            if _SURROGATE.search(body):
                dumps(value).encode()
        except (ValueError, RecursionError) as cause:
            raise InvalidInputError(
                f"{where} is not JSON: {type(cause).__name__}", hint="Send JSON in UTF-8."
            ) from cause
        return cls.of(value, where=where)

    @classmethod
    def of(cls, value: Any, *, where: str) -> Self:
        """Return a value if it is an object."""
        if not isinstance(value, Mapping):
            raise InvalidInputError(
                f"{where} is a {type(value).__name__}", hint="A JSON object belongs there."
            )
        return cls(value, where)

    def wrong(self, name: str, wanted: str) -> InvalidInputError:
        """Return the error of a field that is not what it has to be."""
        found = self.values.get(name)
        said = "is missing" if name not in self.values else f"is {_SHORT.repr(found):.40}"
        return InvalidInputError(
            problems=[Problem(f"{self.where}.{name}", f"{said}, where {wanted} belongs")]
        )

    def text(self, name: str) -> str:
        """Return a text."""
        found = self.optional_text(name)
        if found is None:
            raise self.wrong(name, "a text")
        return found

    def optional_text(self, name: str) -> str | None:
        """Return a text; None where there is none, or null."""
        found = self.values.get(name)
        if found is not None and not isinstance(found, str):
            raise self.wrong(name, "a text")
        return found

    def integer(self, name: str, *, least: int | None = 0) -> int:
        """Return a whole number, not below ``least``."""
        found = self.values.get(name)
        if isinstance(found, bool) or not isinstance(found, int):
            raise self.wrong(name, "a whole number")
        if least is not None and found < least:
            raise self.wrong(name, f"a whole number from {least}")
        return found

    def flag(self, name: str) -> bool:
        """Return true or false; False where it is missing."""
        found = self.values.get(name, False)
        if not isinstance(found, bool):
            raise self.wrong(name, "true or false")
        return found

    def choice(self, name: str, kind: type[E]) -> E:
        """Return a member of an enumeration."""
        try:
            return kind(self.text(name))
        except ValueError as cause:
            raise self.wrong(name, " or ".join(kind)) from cause

    def entries(self, name: str) -> list[Any]:
        """Return a list."""
        found = self.values.get(name)
        if not isinstance(found, list):
            raise self.wrong(name, "a list")
        return found

    def texts(self, name: str) -> list[str]:
        """Return a list of texts."""
        found = self.entries(name)
        if not all(isinstance(entry, str) for entry in found):
            raise self.wrong(name, "a list of texts")
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object."""
        found = self.values.get(name)
        if not isinstance(found, dict):
            raise self.wrong(name, "an object")
        return found

    def moment(self, name: str) -> datetime:
        """Return a time, in UTC."""
        found = self.optional_moment(name)
        if found is None:
            raise self.wrong(name, "a time")
        return found

    def optional_moment(self, name: str) -> datetime | None:
        """Return a time, in UTC; None where there is none."""
        said = self.optional_text(name)
        if said is None:
            return None
        try:
            found = datetime.fromisoformat(said)
            if found.tzinfo is None:
                raise ValueError(said)
            return found.astimezone(UTC)
        except (ValueError, OverflowError) as cause:
            raise self.wrong(name, "a time with time zone (RFC 3339)") from cause
