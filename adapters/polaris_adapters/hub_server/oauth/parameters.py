"""Parameters of OAuth requests: each at most once, and nothing that cannot be kept.

Source: RFC 6749 sections 3.1 and 3.2, appendix A.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from starlette.requests import Request

from polaris.errors import PolarisError
from polaris_adapters.hub_server.reading import body_of
from polaris_adapters.hub_server.replies import Refused

__all__ = ["Parameters", "form_of", "in_words", "query_of"]

_LONGEST = 2**16
_MOST = 60
# Appendix A lets most values be printable ASCII; states and names may hold more.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_NOT_IN_ERRORS = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class Parameters(Mapping[str, str]):
    """The parameters of a request; one without a value counts as missing (section 3.1).

    Args:
        pairs: Names and values as they came.

    Raises:
        InvalidRequestError: One is there twice, except those that may be.
    """

    # RFC 8693 section 2.1 lets these be repeated.
    _REPEATABLE = frozenset({"audience", "resource"})

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._all: dict[str, list[str]] = {}
        for name, value in pairs:
            if value:
                self._all.setdefault(name, []).append(value)
        repeated = [
            name for name, found in self._all.items()
            if len(found) > 1 and name not in self._REPEATABLE
        ]  # fmt: skip
        if repeated:
            raise InvalidRequestError(in_words(f"{repeated[0]:.40} is there more than once"))

    def __getitem__(self, name: str) -> str:
        return self._all[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def all(self, name: str) -> list[str]:
        """Return every value of a parameter."""
        return list(self._all.get(name, ()))

    def required(self, name: str) -> str:
        """Return a parameter.

        Raises:
            InvalidRequestError: It is missing.
        """
        if name not in self._all:
            raise InvalidRequestError(f"{name} is missing")
        return self[name]

    def plain(self, name: str, *, longest: int = 512) -> str | None:
        """Return a parameter that will be kept, or None.

        Raises:
            InvalidRequestError: It is too long, or has characters that cannot be kept.
        """
        value = self.get(name)
        if value is not None and (len(value) > longest or _UNPRINTABLE.search(value)):
            raise InvalidRequestError(f"{name} cannot be understood")
        return value


def in_words(text: str) -> str:
    """Return a text with only those characters that descriptions may have (section 5.2)."""
    return _NOT_IN_ERRORS.sub("?", text)


def query_of(query: str) -> Parameters:
    """Return the parameters in a query.

    Raises:
        InvalidRequestError: It cannot be understood.
    """
    return Parameters(_pairs(query))


async def form_of(request: Request) -> Parameters:
    """Return the parameters in the body of a request.

    Raises:
        InvalidRequestError: It is no form, is too long, or cannot be understood.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise InvalidRequestError("Send application/x-www-form-urlencoded")
    try:
        body = (await body_of(request, largest=_LONGEST)).decode()
    except (Refused, PolarisError, UnicodeDecodeError) as cause:
        raise InvalidRequestError("The body is not a form") from cause
    return Parameters(_pairs(body))


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST, errors="strict")
    except ValueError as cause:
        error: OAuth2Error = InvalidRequestError("The parameters cannot be understood")
        raise error from cause
