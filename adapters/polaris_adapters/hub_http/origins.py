"""Whose address a URL is. Credentials go to the origin that they are for, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from polaris.errors import HubReplyError

__all__ = ["checked_url", "is_loopback", "joined", "origin_of", "same_origin", "without_query"]

_PORTS = {"http": 80, "https": 443}
# What parsers of URLs do not agree on: one may see another host than the other.
_AMBIGUOUS = re.compile(r"[\\\x00-\x1f\x7f]")


def without_query(url: object) -> str:
    """Return a URL for people: without its query, which may hold a signature, and its password."""
    text = str(url).partition("?")[0].partition("#")[0]
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL (RFC 6454 section 4).

    Raises:
        HubReplyError: It is not a URL of the web.
    """
    shown = f"{without_query(url)!r:.200}"
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname
        port = _PORTS.get(scheme) if parts.port is None else parts.port
    except ValueError as cause:
        raise HubReplyError(f"{shown} is not a URL: {cause}") from cause
    if scheme not in _PORTS or not host or port is None or _AMBIGUOUS.search(url):
        raise HubReplyError(
            f"{shown} is not an http(s) URL",
            hint="The hub gave an address that cannot be used; tell its operators.",
        )
    return scheme, host.lower(), port


def same_origin(one: str, other: str) -> bool:
    """Say whether two URLs are of one origin."""
    return origin_of(one) == origin_of(other)


def is_loopback(url: str) -> bool:
    """Say whether a URL leads to this machine."""
    host = origin_of(url)[1]
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def joined(base: str, url: str) -> str:
    """Return a URL that may be relative, made absolute.

    Raises:
        HubReplyError: It is no URL.
    """
    if _AMBIGUOUS.search(url):  # Before it is joined, which drops some of these.
        raise HubReplyError(f"{without_query(url)!r:.200} is not a URL")
    try:
        return urljoin(base, url)
    except ValueError as cause:
        raise HubReplyError(f"{without_query(url)!r:.200} is not a URL: {cause}") from cause


def checked_url(url: object, *, base: str) -> str:
    """Return an address that a reply named, made absolute; refuse what must not be followed.

    An address in a reply is data: it may be of another origin, but it carries no user name and
    leads from https to nothing less.

    Args:
        url: What the reply says.
        base: The address of the reply.

    Raises:
        HubReplyError: It is no such address.
    """
    if not isinstance(url, str) or not url:
        raise HubReplyError(f"The hub gave {url!r:.80} where an address belongs")
    absolute = joined(base, url)
    scheme, _, _ = origin_of(absolute)
    if "@" in urlsplit(absolute).netloc:
        raise HubReplyError("The hub gave an address that holds a user name")
    if scheme == "http" and origin_of(base)[0] == "https":
        raise HubReplyError(
            f"The hub, which is at https, gave the unprotected address {without_query(absolute)!r}",
            hint="Its operators have to serve files over https too.",
        )
    return absolute
