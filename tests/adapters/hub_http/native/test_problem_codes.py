"""Every error of ours comes out of the client as the class that the hub raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest

import polaris.errors
from polaris.application.native_wire.problems import (
    ERRORS_BY_CODE,
    error_of_problem,
    problem_of,
    status_of,
)
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import (
    ArtifactNotFoundError,
    HubUnavailableError,
    IncompleteUploadError,
    InvalidDatasetError,
    InvalidZarrCodec,
    MissingExtraError,
    ObjectExistsError,
    PolarisError,
    PolarisHubError,
    Problem,
)
from polaris_adapters.hub_http.native.artifacts import NativeArtifacts
from polaris_adapters.hub_http.native.calls import NativeCalls
from polaris_adapters.hub_http.session import HttpSession
from polaris_adapters.hub_server import Hub, create_app

REF = ArtifactRef(ArtifactKind.DATASET, "acme", "molecules")


def _example(kind: type[PolarisError]) -> PolarisError:
    if issubclass(kind, InvalidZarrCodec):
        return kind("blosc9")
    if issubclass(kind, MissingExtraError):
        return kind("Chemistry", extra="chem")
    if issubclass(kind, ObjectExistsError | IncompleteUploadError):
        return kind("Already there", hint="Choose another.", keys=["a", "b/c"])
    if issubclass(kind, polaris.errors.InvalidInputError):
        problems = [Problem("name", "is wrong", "Mend it."), Problem("", "is missing")]
        return kind(problems=problems)
    return kind("It did not work", hint="Do something else.")


EXAMPLES = {code: _example(kind) for code, kind in sorted(ERRORS_BY_CODE.items())}


def test_every_class_has_a_code_of_its_own() -> None:
    classes = [getattr(polaris.errors, name) for name in polaris.errors.__all__]
    kinds = {kind for kind in classes if issubclass(kind, PolarisError)}
    assert set(ERRORS_BY_CODE.values()) == kinds
    assert all(ERRORS_BY_CODE[kind.code] is kind for kind in kinds)


@pytest.mark.parametrize("error", EXAMPLES.values(), ids=EXAMPLES)
def test_an_error_comes_back_as_it_was(error: PolarisError) -> None:
    status = status_of(error)
    assert 400 <= status < 600
    body = problem_of(error, status=status, request_id="abc")
    found = error_of_problem(body, response_text="text", status=status, retry_after=3.0)
    assert type(found) is type(error)
    assert (found.message, found.hint) == (error.message, error.hint)
    for name in ("problems", "keys", "codec_id", "extra"):
        assert getattr(found, name, None) == getattr(error, name, None)
    if isinstance(found, PolarisHubError):
        assert (found.request_id, found.status, found.retry_after) == ("abc", status, 3.0)
        assert found.response_text == "text"


@attrs.frozen
class _Failing:
    """A catalogue that fails."""

    error: PolarisError

    async def get(self, *_: Any) -> Any:
        raise self.error


@pytest.mark.parametrize("backend", ["memory"], indirect=True)
@pytest.mark.parametrize("error", EXAMPLES.values(), ids=EXAMPLES)
async def test_an_error_comes_through_the_wire(
    hub: Hub, sessions: Callable[..., HttpSession], error: PolarisError
) -> None:
    failing: Any = _Failing(error)
    app = create_app(attrs.evolve(hub, artifacts=failing))
    artifacts = NativeArtifacts(NativeCalls(sessions(httpx.ASGITransport(app))))
    with pytest.raises(PolarisError) as caught:
        await artifacts.get(REF)
    assert type(caught.value) is type(error)
    assert caught.value.code == error.code
    assert caught.value.hint
    # Of its own failures the hub tells the class; of those of the caller, what to mend.
    if status_of(error) < 500 and not isinstance(error, ArtifactNotFoundError):
        assert caught.value.message == error.message


def _answering(
    sessions: Callable[..., HttpSession], status: int, body: Any, kind: str
) -> NativeArtifacts:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=body, headers={"content-type": kind})

    return NativeArtifacts(NativeCalls(sessions(httpx.MockTransport(handler))))


@pytest.mark.parametrize(
    ("status", "body", "kind", "expected"),
    [
        (418, {"code": "of a later version"}, "application/problem+json", PolarisHubError),
        (404, {"code": "of a later version"}, "application/problem+json", ArtifactNotFoundError),
        (503, {"code": 7}, "application/problem+json", HubUnavailableError),
        (404, [], "application/problem+json", ArtifactNotFoundError),
        # Only problem documents are taken at their word.
        (404, {"code": "invalid_dataset"}, "application/json", ArtifactNotFoundError),
        (400, {"code": "invalid_dataset"}, "application/problem+json", InvalidDatasetError),
    ],
)
async def test_what_is_no_code_of_ours_goes_by_its_status(
    sessions: Callable[..., HttpSession],
    status: int,
    body: Any,
    kind: str,
    expected: type[PolarisError],
) -> None:
    with pytest.raises(PolarisError) as caught:
        await _answering(sessions, status, body, kind).get(REF)
    assert type(caught.value) is expected


async def test_texts_of_a_hub_cannot_command_the_terminal(
    sessions: Callable[..., HttpSession],
) -> None:
    body = {"code": "hub", "detail": "\x1b[2Jgone\n\x07" + "x" * 9000, "hint": ["no text"]}
    artifacts = _answering(sessions, 400, body, "application/problem+json; charset=utf-8")
    with pytest.raises(PolarisHubError) as caught:
        await artifacts.get(REF)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) <= 2000
    assert caught.value.hint == ""
