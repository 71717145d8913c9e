"""What both sides of the native wire agree on, without a wire."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.application.native_wire.bundle import bundled, unbundled
from polaris.application.native_wire.content_digests import check_content_digest, content_digest
from polaris.application.native_wire.fields import Fields, check_revision, encoded, parse_urn
from polaris.application.native_wire.objects import read_from_json, read_to_json, span
from polaris.domain.identity import ArtifactKind, ArtifactRef
from polaris.errors import InvalidInputError, InvalidNameError, PolarisChecksumError
from polaris.ports.storage import ByteRange, Read

objects = st.lists(st.tuples(st.text(max_size=5).filter(str.isprintable), st.binary(max_size=9)))


@given(objects)
def test_a_bundle_gives_back_what_was_put_in(written: list[tuple[str, bytes]]) -> None:
    entries = [{"key": key, "size": len(data)} for key, data in written]
    found = unbundled(bundled(entries, [data for _, data in written]), where="it")
    assert found == [(entry, data) for entry, (_, data) in zip(entries, written, strict=True)]


@given(objects, st.integers(1, 30))
def test_a_bundle_that_was_cut_or_grew_is_none(
    written: list[tuple[str, bytes]], count: int
) -> None:
    entries = [{"key": key, "size": len(data)} for key, data in written]
    whole = bundled(entries, [data for _, data in written])
    for body in (whole[: max(0, len(whole) - count)], whole + bytes(count)):
        with pytest.raises(InvalidInputError):
            unbundled(body, where="it")


@given(st.binary(max_size=40))
def test_bytes_are_a_bundle_or_refused(body: bytes) -> None:
    try:
        found = unbundled(body, where="it")
    except InvalidInputError:
        return
    assert sum(len(data) for _, data in found) < len(body)


@pytest.mark.parametrize("size", [-1, 1.5, True, "4", None, 10**30])
def test_a_size_is_a_whole_number(size: Any) -> None:
    index = json.dumps([{"key": "a", "size": size}]).encode()
    with pytest.raises(InvalidInputError):
        unbundled(len(index).to_bytes(4, "big") + index, where="it")


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_digest_is_that_of_one_body(one: bytes, other: bytes) -> None:
    check_content_digest(one, content_digest(one), where="it")
    if one != other:
        with pytest.raises(PolarisChecksumError):
            check_content_digest(other, content_digest(one), where="it")


@given(st.binary(max_size=9), st.text(max_size=60))
def test_any_header_is_understood_passed_over_or_refused(body: bytes, header: str) -> None:
    try:
        check_content_digest(body, header, where="it")
    except (InvalidInputError, PolarisChecksumError):
        assert "sha-256" in header.lower()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"7", b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": "\\ud800"}', b"\xff",
     b'{"\\udfff": 1}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        Fields.parse(body, where="it")


@pytest.mark.parametrize("value", [float("nan"), "\ud800", {"a": {1, 2}}])
def test_what_json_cannot_hold_is_not_sent(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        encoded({"x": value})


def test_a_field_that_is_wrong_is_named_by_its_path() -> None:
    fields = Fields.parse(b'{"n": "x", "t": "2024-01-01T00:00:00"}', where="record")
    for read, name in (
        (fields.integer, "n"), (fields.text, "missing"), (fields.moment, "t"),
        (fields.flag, "n"), (fields.entries, "n"), (fields.mapping, "n"),
    ):  # fmt: skip
        with pytest.raises(InvalidInputError) as caught:
            read(name)
        assert caught.value.problems[0].path == f"record.{name}"


@pytest.mark.parametrize("kind", ArtifactKind)
def test_urns_name_artifacts(kind: ArtifactKind) -> None:
    ref = ArtifactRef(kind, "acme", "some-data")
    assert parse_urn(ref.urn) == ref


@given(st.text() | st.text().map(lambda text: f"urn:polaris:dataset:{text}"))
def test_any_text_is_a_urn_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidNameError):
        assert parse_urn(text).urn == text


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "../" * 20])
def test_a_revision_has_64_hex_digits(text: str) -> None:
    with pytest.raises(InvalidNameError):
        check_revision(text)


parts = st.one_of(
    st.none(),
    st.integers(-50, -1).map(ByteRange),
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda p: ByteRange(p[0], sum(p))),
    st.integers(0, 50).map(ByteRange),
)


@given(parts)
def test_reads_come_back_as_they_were(part: ByteRange | None) -> None:
    read = Read("a/b", part)
    assert read_from_json(Fields.of(read_to_json(read), where="it")) == read


@given(parts, st.binary(max_size=40))
def test_a_span_is_the_part(part: ByteRange | None, data: bytes) -> None:
    start, stop = span(part, len(data))
    expected = data
    if part is not None:
        expected = data[part.start : part.stop] if part.start >= -len(data) else data
    assert data[start:stop] == expected
    assert 0 <= start <= stop <= len(data)
