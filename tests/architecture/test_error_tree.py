"""The family of errors is what its drawing says, and errors survive pickling."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

import polaris.errors
from polaris.errors import InvalidZarrCodec, MissingExtraError, PolarisError

BRANCH = re.compile(r"^    (?P<indent>[ |]*)\+-- (?P<name>\w+)(?: \((?P<builtin>\w+)\))?")
# Errors whose message is made from other arguments.
SPECIAL: dict[type[PolarisError], PolarisError] = {
    InvalidZarrCodec: InvalidZarrCodec("blosc9"),
    MissingExtraError: MissingExtraError("The command line", extra="cli"),
}


def _drawn() -> dict[str, tuple[str, str | None]]:
    """Return the parent, and the builtin parent, of each class in the drawing."""
    tree: dict[str, tuple[str, str | None]] = {}
    path = ["PolarisError"]
    for line in (polaris.errors.__doc__ or "").splitlines():
        if match := BRANCH.match(line):
            depth = len(match["indent"]) // 4 + 1
            path[depth:] = [match["name"]]
            tree[match["name"]] = (path[depth - 1], match["builtin"])
    return tree


def _real() -> dict[str, type[PolarisError]]:
    return {
        name: value
        for name, value in vars(polaris.errors).items()
        if inspect.isclass(value) and issubclass(value, PolarisError) and value is not PolarisError
    }


ERRORS = [PolarisError, *_real().values()]
every_error = pytest.mark.parametrize("kind", ERRORS)


def test_the_drawing_has_every_error_and_no_other() -> None:
    assert set(_drawn()) == set(_real())


@pytest.mark.parametrize("name", sorted(_real()))
def test_the_drawing_shows_the_parents(name: str) -> None:
    parent, builtin = _drawn()[name]
    bases = _real()[name].__bases__
    ours = bases[0].__name__
    # A second parent of ours stands in the words of the drawing.
    theirs = [base.__name__ for base in bases[1:] if not issubclass(base, PolarisError)]
    assert (ours, theirs) == (parent, [builtin] if builtin else [])


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [vars(kind).get("code") for kind in ERRORS]
    assert None not in codes
    assert len(set(codes)) == len(codes)


@every_error
def test_an_error_tells_what_to_do_and_how_to_exit(kind: type[PolarisError]) -> None:
    assert 0 < kind.exit_code < 126
    error = SPECIAL.get(kind) or kind("what went wrong", hint="what to do")
    assert str(error) == f"{error.message} ({error.hint})"


@every_error
def test_an_error_survives_pickling(kind: type[PolarisError]) -> None:
    error = SPECIAL.get(kind) or kind("what went wrong", hint="what to do")
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert again.args == (error.message,)
    assert again.retryable == error.retryable
