"""Where browsers may be sent back to.

Source: RFC 6749 section 3.1.2, RFC 8252 sections 7 and 8, RFC 9700 section 2.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

from polaris.errors import InvalidInputError

__all__ = ["check_redirect", "form_source", "is_loopback_redirect", "matching", "with_parameters"]

# Written out, and not taken apart by a parser: parsers disagree on where a host ends, and browsers
# are the most lenient. Names such as localhost can lead elsewhere (RFC 8252 section 8.3).
_LOOPBACK = re.compile(
    r"http://(?P<host>127\.0\.0\.1|\[::1\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
_WEB = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
# RFC 8252 section 7.1: a domain in reverse, so that there is a dot.
_PRIVATE = re.compile(r"[a-z][a-z0-9+-]*\.[a-z0-9.+-]*:/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


def check_redirect(uri: str) -> str:
    """Return an address that a client may register.

    Raises:
        InvalidInputError: It is none that browsers may be sent to with a code.
    """
    unprotected = uri.startswith("http:") and not is_loopback_redirect(uri)
    is_known = _WEB.fullmatch(uri) is not None or _PRIVATE.fullmatch(uri) is not None
    if not is_known or unprotected or len(uri) > 2000:
        raise InvalidInputError(
            f"{uri!r:.200} cannot be a redirect URI",
            hint="Give an https address without a fragment, http://127.0.0.1/… for a program on "
            "the user's machine, or com.example.app:/… for an app.",
        )
    return uri


def is_loopback_redirect(uri: str) -> bool:
    """Say whether an address is one of the user's own machine."""
    return _LOOPBACK.fullmatch(uri) is not None


def matching(registered: Iterable[str], presented: str) -> bool:
    """Say whether a redirect is one of those that were registered.

    Compared character by character; only the port of a loopback address may be any, since programs
    take one that is free (RFC 8252 section 7.3).
    """
    known = list(registered)
    if presented in known:
        return True
    asked = _LOOPBACK.fullmatch(presented)
    if asked is None or (asked["port"] is not None and not 0 < int(asked["port"]) < 65536):
        return False
    return any(
        found is not None and (found["host"], found["rest"]) == (asked["host"], asked["rest"])
        for found in map(_LOOPBACK.fullmatch, known)
    )


def with_parameters(uri: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return a registered address with further parameters in its query."""
    query = urlencode(list(parameters))
    return f"{uri}{'&' if '?' in uri else '?'}{query}"


def form_source(uri: str) -> str:
    """Return what a Content-Security-Policy calls the place of a registered redirect.

    Browsers hold ``form-action`` against the redirects that follow a form, too.
    """
    parts = urlsplit(uri)
    # Policies know no addresses in brackets, nor schemes of apps with a place.
    if parts.scheme in ("http", "https") and not parts.netloc.startswith("["):
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
