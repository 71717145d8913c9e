"""From what went wrong on the wire to our errors."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from polaris_adapters.hub_http.failures import of_connection, of_reply, shown
from polaris_adapters.hub_http.family import httpx

NOW = datetime(2026, 11, 26, tzinfo=UTC)
URL = "https://me:secret@hub.example/api/x?X-Sig=secret"
KINDS = {
    401: PolarisUnauthorizedError,
    403: AccessDeniedError,
    404: ArtifactNotFoundError,
    410: ArtifactNotFoundError,
    409: ArtifactExistsError,
    412: ArtifactExistsError,
    400: PolarisCreateArtifactError,
    413: PolarisCreateArtifactError,
    422: PolarisCreateArtifactError,
    429: HubUnavailableError,
    500: HubUnavailableError,
    502: HubUnavailableError,
    503: HubUnavailableError,
    504: HubUnavailableError,
    302: HubReplyError,
    418: PolarisHubError,
    501: PolarisHubError,
}
PAGE = b"""<!DOCTYPE html><html><head><title>502 Bad Gateway</title>
<script>var a = "<b>not this</b>";</script><style>p { color: red }</style></head>
<body><h1>502 Bad&nbsp;Gateway</h1><p>nginx\x1b[31m/1.2</p></body></html>"""


def _reply(status: int, content: bytes = b"", method: str = "PUT", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request(method, "https://hub.example/x")
    return httpx.Response(status, content=content, headers=named, request=request)


def _error(reply: httpx.Response, token: str | None = None) -> PolarisHubError:
    secret = None if token is None else Secret(token)
    return of_reply(reply, what="publish it", token=secret, now=NOW)


@pytest.mark.parametrize(("status", "kind"), KINDS.items())
def test_each_status_has_its_error(status: int, kind: type[PolarisHubError]) -> None:
    error = _error(_reply(status, b'{"message": "because"}', X_Request_Id="r-1"))
    assert type(error) is kind
    assert error.status == status
    assert error.request_id == "r-1"
    assert error.message.startswith("Cannot publish it: ")
    assert f"HTTP status {status}: because (request r-1)" in error.message
    assert error.hint
    assert error.retryable == (kind is HubUnavailableError)


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_what_was_only_read_was_not_to_be_created(status: int) -> None:
    assert type(_error(_reply(status, method="GET"))) is PolarisHubError


@pytest.mark.parametrize(
    "name", ["X_Request_Id", "X_Correlation_Id", "x_amzn_requestid", "CF_Ray", "X_Vercel_Id"]
)
def test_the_request_is_named_as_whoever_answered_names_it(name: str) -> None:
    assert _error(_reply(500, b"", "PUT", **{name: "r-\t1"})).request_id == "r- 1"


def test_a_problem_document_is_told_in_its_words() -> None:
    reply = _reply(
        422,
        b'{"type": "https://x/y", "title": "Not accepted", "detail": "two things are wrong",'
        b' "status": 422, "errors": ["the name", {"pointer": "#/license"}]}',
        Content_Type="application/problem+json",
    )
    expected = 'Not accepted: two things are wrong: the name: {"pointer": "#/license"}'
    assert expected in _error(reply).message


def test_a_page_of_a_proxy_is_told_in_its_words() -> None:
    said = shown(_reply(502, PAGE))
    assert said == "502 Bad Gateway 502 Bad Gateway nginx [31m/1.2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", ""),
        (b"plain words", "plain words"),
        (b'"a text"', "a text"),
        (b'{"message": 3}', '{"message": 3}'),
        (b"[1, 2]", "[1, 2]"),
        (b'{"message": "a\\u001b[31m\\ud800b"}', "a [31m b"),
        (b"\xff\xfe\x00", "\ufffd\ufffd"),
        (b"<script>" * 3, ""),
    ],
)
def test_what_a_reply_says(content: bytes, said: str) -> None:
    assert shown(_reply(500, content)) == said


def test_what_is_said_is_shortened() -> None:
    assert len(shown(_reply(500, b"word " * 10**5))) == 600
    assert len(_error(_reply(500, b"word " * 10**5)).response_text) == 2000


@pytest.mark.parametrize("charset", ["utf-16", "hex", "idna", "no-such", "zip"])
def test_a_false_character_set_does_no_harm(charset: str) -> None:
    assert shown(_reply(500, b"words", Content_Type=f"text/plain; charset={charset}")) == "words"


def test_deep_nesting_does_no_harm() -> None:
    assert shown(_reply(500, b"[" * 60_000)).startswith("[[[")


@given(content=st.binary(max_size=300), status=st.integers(400, 599))
def test_any_body_gives_an_error_of_ours_in_one_line(content: bytes, status: int) -> None:
    message = _error(_reply(status, content)).message
    assert message.isprintable()


def test_a_token_is_not_repeated() -> None:
    error = _error(_reply(401, b"<p>bad token abc.def</p>"), token="abc.def")
    assert "abc.def" not in str(error) + error.response_text


def test_the_wait_that_the_hub_asks_for_is_told() -> None:
    error = _error(_reply(503, Retry_After="30"))
    assert error.retry_after == 30
    assert error.hint == "Try again in 30 s, as the hub asks."


def _caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def _verification() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] it failed")
    error.verify_message = "unable to get local issuer certificate"
    return error


UNSENT = [
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ConnectTimeout(""),
    httpx.PoolTimeout(""),
    httpx.ProxyError("502 Bad Gateway"),
    _caused(httpx.ConnectError("[Errno -2] Name or service not known"), socket.gaierror(-2)),
    _caused(httpx.ConnectError("EOF"), ssl.SSLEOFError(8, "EOF occurred")),
]
SENT = [
    httpx.ReadTimeout(""),
    httpx.WriteTimeout(""),
    httpx.ReadError("[Errno 104] reset"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    _caused(httpx.ReadError("bad record"), ssl.SSLError(1, "[SSL] record layer failure")),
    TimeoutError(),
    OSError("gone"),
]


@pytest.mark.parametrize("error", [*UNSENT, *SENT], ids=repr)
def test_connections_that_fail(error: Exception) -> None:
    found = of_connection(error, what="list", url=URL)
    assert type(found) is HubUnreachableError
    assert found.retryable
    assert found.may_have_arrived == (error in SENT)
    assert found.message.startswith("Cannot list: https://hub.example/api/x gave ")
    assert "secret" not in str(found)
    assert found.hint
    assert not found.given_up


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UNSENT[0], "no connection: "),
        (UNSENT[1], "no connection in time"),
        (UNSENT[3], "no connection through the proxy"),
        (UNSENT[4], "its name cannot be resolved"),
        (SENT[0], "no answer in time"),
        (SENT[2], " gave no whole answer: the connection broke"),
    ],
)
def test_what_failed_is_told_apart(error: Exception, words: str) -> None:
    assert words in of_connection(error, what="list", url=URL).message


def test_a_proxy_that_refuses_is_not_asked_again() -> None:
    found = of_connection(
        httpx.ProxyError("407 Proxy Authentication Required"), what="list", url=URL
    )
    assert found.given_up
    assert "HTTPS_PROXY" in found.hint


@pytest.mark.parametrize(
    "error",
    [
        _caused(httpx.ConnectError("it failed"), _verification()),
        _caused(httpx.ConnectError("it failed"), _caused(OSError("x"), _verification())),
        httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    ],
)
def test_a_certificate_that_cannot_be_verified(error: Exception) -> None:
    found = of_connection(error, what="list", url=URL)
    assert type(found) is PolarisSSLError
    assert not found.retryable
    assert "the certificate of https://hub.example/api/x cannot be verified" in found.message
    assert "POLARIS_CA_BUNDLE" in found.hint


def test_a_server_that_does_not_speak_tls() -> None:
    cause = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    found = of_connection(_caused(httpx.ConnectError("x"), cause), what="list", url=URL)
    assert type(found) is PolarisSSLError
    assert "http://" in found.hint


@pytest.mark.parametrize(
    "error", [httpx.UnsupportedProtocol("x"), httpx.InvalidURL("x"), httpx.LocalProtocolError("x")]
)
def test_what_cannot_be_sent_at_all(error: Exception) -> None:
    found = of_connection(error, what="list", url=URL)
    assert type(found) is PolarisHubError
    assert not found.retryable


def test_errors_that_are_each_others_cause_do_no_harm() -> None:
    one, other = httpx.ReadError("a"), OSError("b")
    one.__cause__, other.__cause__ = other, one
    assert type(of_connection(one, what="list", url=URL)) is HubUnreachableError
