"""Sign-ins as texts: what is written is read, whatever is read is understood or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polaris.domain.secret import Secret
from polaris.errors import DamagedFileError, InvalidInputError
from polaris.ports.tokens import SignIn, SignIns, StoredToken
from polaris_adapters.token_vaults.documents import from_text, to_text

MOMENTS = st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
TOKENS = st.builds(
    StoredToken,
    access=st.text(min_size=1).map(Secret),
    refresh=st.none() | st.text().map(Secret),
    issued_at=MOMENTS,
    expires_at=st.none() | MOMENTS,
    scope=st.text(),
    issuer=st.text(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
SIGN_INS = st.builds(
    SignIn,
    account=st.text(min_size=1),
    road=st.text(),
    external=TOKENS,
    hub=st.none() | TOKENS,
    audience=st.text(),
    email=st.none() | st.text(),
    claims=st.dictionaries(st.text(), JSON, max_size=3),
    renewal=st.text(),
)


@given(st.lists(SIGN_INS, max_size=3, unique_by=lambda entry: entry.account))
def test_what_is_written_is_read(entries: list[SignIn]) -> None:
    value = SignIns()
    for entry in entries:
        value = value.with_active(entry)
    assert from_text(to_text(value), where="the test") == value


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_refused_in_our_words(text: str) -> None:
    with pytest.raises(DamagedFileError):
        from_text(text, where="the test")


@given(data=st.data())
def test_a_document_with_one_wrong_value_is_understood_or_refused(data: Any) -> None:
    token = StoredToken(access=Secret("a"), issued_at=datetime(2026, 1, 1, tzinfo=UTC))
    value = SignIns().with_active(SignIn(account="a", road="b", external=token, hub=token))
    document = json.loads(to_text(value))
    places = [document, document["sign_ins"][0], document["sign_ins"][0]["hub"]]
    place = data.draw(st.sampled_from(places))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON | st.floats())
    try:
        found = from_text(json.dumps(document), where="the test")
    except DamagedFileError:
        return
    assert isinstance(found, SignIns)


def test_a_sign_in_needs_a_token() -> None:
    with pytest.raises(InvalidInputError):
        SignIn(account="a", road="b")


def test_accounts_are_kept_apart() -> None:
    token = StoredToken(access=Secret("a"), issued_at=datetime(2026, 1, 1, tzinfo=UTC))
    first = SignIn(account="first", road="b", hub=token)
    both = SignIns().with_active(first).with_active(attrs.evolve(first, account="second"))
    assert both.accounts == ["first", "second"]
    assert both.current is not None
    assert both.current.account == "second"
    assert both.without("first").active == "second"
    assert both.without("second").current is None
    assert both.switched("first").current == first
    with pytest.raises(InvalidInputError, match="third"):
        both.switched("third")
