"""From what went wrong on the wire to our errors."""

from __future__ import annotations

import html
import json
import re
import socket
import ssl
from datetime import datetime
from typing import Any

from polaris.domain.secret import Secret
from polaris.errors import (
    AccessDeniedError,
    ArtifactExistsError,
    ArtifactNotFoundError,
    HubReplyError,
    HubUnavailableError,
    HubUnreachableError,
    PolarisCreateArtifactError,
    PolarisHubError,
    PolarisSSLError,
    PolarisUnauthorizedError,
)
from polaris_adapters.hub_http.family import httpx
from polaris_adapters.hub_http.origins import without_query
from polaris_adapters.hub_http.retry_after import seconds_to_wait

__all__ = ["of_connection", "of_reply", "shown", "without_query"]

_MOST_SHOWN = 600
# Of a longer body only the head is looked at, bytes.
_HEAD = 2**16
_REQUEST_IDS = ("x-request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray", "x-vercel-id")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def shown(reply: httpx.Response) -> str:
    """Return what a reply says, for people: of a problem document (RFC 9457) its texts.

    HTML, as proxies send it, is stripped to its words. Shortened; never fails.
    """
    text = _head(reply)
    try:
        body = json.loads(text)
        text = _texts(body) or json.dumps(body, ensure_ascii=False)
    except (ValueError, RecursionError):
        if "<" in text:
            text = html.unescape(_TAG.sub(" ", _SCRIPT.sub(" ", text)))
    text = _in_one_line(text)
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def _head(reply: httpx.Response) -> str:
    """Return the beginning of a body, whatever character set it claims to be in."""
    return reply.content[:_HEAD].decode("utf-8", "replace")


def _in_one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _texts(body: Any) -> str:
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    keys = ("title", "detail", "message", "error", "error_description")
    found = [body[key] for key in keys if isinstance(body.get(key), str)]
    errors = body.get("errors")
    if isinstance(errors, list):
        found += [e if isinstance(e, str) else json.dumps(e, ensure_ascii=False) for e in errors]
    return ": ".join(dict.fromkeys(found))


def _request_id(reply: httpx.Response) -> str | None:
    found = (_in_one_line(reply.headers.get(name, "")) for name in _REQUEST_IDS)
    return next((f"{value:.200}" for value in found if value), None)


def of_reply(
    reply: httpx.Response, *, what: str, token: Secret | None, now: datetime
) -> PolarisHubError:
    """Return the error that a reply, whose status is no success, stands for.

    Args:
        reply: The reply, read.
        what: What was tried, to follow "Cannot".
        token: The token that the request carried; where the reply repeats it, it is left out.
        now: The present moment, for a date in Retry-After.
    """

    def without_token(text: str) -> str:
        return text if token is None else text.replace(token.reveal(), "[the token]")

    status, said = reply.status_code, without_token(shown(reply))
    writes = reply.request.method not in ("GET", "HEAD", "OPTIONS")
    kind, why, hint = _meaning(status, signed_in=token is not None, writes=writes)
    request_id = _request_id(reply)
    wait = seconds_to_wait(reply.headers, now=now, limited=status == 429)
    if wait and issubclass(kind, HubUnavailableError):
        hint = f"Try again in {wait:.0f} s, as the hub asks."
    tail = f": {said}" if said else ""
    noted = f" (request {request_id})" if request_id else ""
    return kind(
        f"Cannot {what}: {why}, HTTP status {status}{tail}{noted}",
        without_token(_head(reply))[:2000],
        hint=hint,
        request_id=request_id,
        status=status,
        retry_after=wait,
    )


def _meaning(
    status: int, *, signed_in: bool, writes: bool
) -> tuple[type[PolarisHubError], str, str]:
    if status == 401:
        hint = (
            "Sign in again: polaris auth login, or client.login(overwrite=True). If the settings "
            "give the token (POLARIS_TOKEN, token=), give another."
        )
        if not signed_in:
            hint = "Sign in first: polaris auth login, or client.login()."
        return PolarisUnauthorizedError, "the hub wants to know who you are", hint
    if status == 403:
        hint = "Ask the owner for the right to do this, or sign in as somebody who has it."
        return AccessDeniedError, "the hub does not allow it", hint
    if status in (404, 410):
        hint = "Check owner and name; what is private is shown only to those who may see it."
        return ArtifactNotFoundError, "there is no such thing", hint
    if status in (409, 412):
        hint = "Look at what is there now, and try again with if_exists='replace' to replace it."
        return ArtifactExistsError, "something else is there already", hint
    if status in (400, 413, 415, 422):
        kind = PolarisCreateArtifactError if writes else PolarisHubError
        return kind, "the hub did not accept it", "Mend what it names."
    if status in (408, 425, 429, 500, 502, 503, 504):
        return HubUnavailableError, "the hub cannot serve it now", "Try again later."
    if 300 <= status < 400:
        hint = "Check hub_url and api_url: redirects of the API are not followed."
        return HubReplyError, "the hub answered from another place", hint
    return PolarisHubError, "the hub refused", "Tell the operators of the hub."


def of_connection(error: Exception, *, what: str, url: str) -> PolarisHubError:
    """Return the error that a failed exchange stands for.

    Args:
        error: What the HTTP library raised.
        what: What was tried, to follow "Cannot".
        url: Where.
    """
    where = without_query(url)
    tls = _tls_failure(error)
    if tls is not None:
        return _of_tls(tls, what=what, where=where)
    reason = _in_one_line(str(error)) or type(error).__name__
    hint = "Check hub_url, the network and the proxy settings; polaris doctor looks at each."
    given_up = False
    if isinstance(error, httpx.ProxyError):
        why = f"no connection through the proxy: {reason}"
        hint = "Check the proxy, and its user name and password: HTTPS_PROXY and its like."
        # It answered, and will not answer otherwise the next time.
        given_up = re.match(r"4\d\d\b", reason) is not None
    elif isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        why = "no connection in time"
    elif isinstance(error, httpx.TimeoutException | TimeoutError):
        why = "no answer in time"
    elif _caused_by(error, socket.gaierror) is not None:
        why = f"no address: its name cannot be resolved: {reason}"
    elif isinstance(error, httpx.ConnectError):
        why = f"no connection: {reason}"
    elif isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return PolarisHubError(f"Cannot {what}: {where} is no address: {reason}")
    elif isinstance(error, httpx.LocalProtocolError):
        return PolarisHubError(f"Cannot {what}: the request cannot be sent: {reason}")
    elif isinstance(error, httpx.DecodingError):
        return HubReplyError(f"Cannot {what}: the answer of {where} cannot be decoded: {reason}")
    else:
        why = f"no whole answer: the connection broke: {reason}"
    found = HubUnreachableError(f"Cannot {what}: {where} gave {why}", hint=hint)
    unsent = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError
    found.may_have_arrived = not isinstance(error, unsent)
    found.given_up = given_up
    return found


def _of_tls(error: ssl.SSLError, *, what: str, where: str) -> PolarisSSLError:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = getattr(error, "verify_message", None) or str(error)
        return PolarisSSLError(
            f"Cannot {what}: the certificate of {where} cannot be verified: {why}",
            hint="Set ca_bundle (POLARIS_CA_BUNDLE) to the file of your authority's certificates; "
            "polaris doctor says more.",
        )
    return PolarisSSLError(
        f"Cannot {what}: {where} and this machine cannot agree on a protected connection: "
        f"{getattr(error, 'reason', None) or error}",
        hint="Check hub_url: perhaps it is http:// and not https://, or of another port.",
    )


def _tls_failure(error: BaseException) -> ssl.SSLError | None:
    """Return why no protected connection came about; None where another try may bring it about."""
    found = _caused_by(error, ssl.SSLError)
    if found is None and "CERTIFICATE_VERIFY_FAILED" in str(error):
        found = ssl.SSLCertVerificationError(str(error))
    passing = ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLWantReadError | ssl.SSLSyscallError
    if not isinstance(found, ssl.SSLError) or isinstance(found, passing):
        return None
    # After the handshake, it is a connection that broke.
    unmade = isinstance(error, httpx.ConnectError | httpx.ProxyError)
    return found if unmade or isinstance(found, ssl.SSLCertVerificationError) else None


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    for _ in range(10):
        if error is None or isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None
