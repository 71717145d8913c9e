"""The conformance suite of `polaris.ports.accounts.PasswordHasher`."""

from __future__ import annotations

import pytest

from polaris.ports.accounts import PasswordHasher

__all__ = ["PasswordHasherSuite"]

PASSWORD = "correct horse battery staple"


class PasswordHasherSuite:
    """What every `PasswordHasher` promises.

    Derive a class whose name begins with ``Test`` and give it two fixtures: ``passwords``, and
    ``weaker``, a hasher of the same make whose costs are lower.
    """

    def test_a_hash_is_of_its_password_only(self, passwords: PasswordHasher) -> None:
        made = passwords.hash(PASSWORD)
        assert passwords.verify(made, PASSWORD)
        for other in (PASSWORD.title(), PASSWORD + " ", PASSWORD[:-1], "", made):
            assert not passwords.verify(made, other)

    def test_a_hash_does_not_show_its_password_and_is_new_each_time(
        self, passwords: PasswordHasher
    ) -> None:
        first, second = passwords.hash(PASSWORD), passwords.hash(PASSWORD)
        assert first != second
        assert PASSWORD not in first
        assert first.isascii()
        assert passwords.verify(second, PASSWORD)

    @pytest.mark.parametrize("password", ["", "\x00", "\u00fc\u4e2d\U0001f600", "x" * 5000])
    def test_any_text_is_a_password_and_all_of_it_counts(
        self, passwords: PasswordHasher, password: str
    ) -> None:
        made = passwords.hash(password)
        assert passwords.verify(made, password)
        assert not passwords.verify(made, password + "\x00")

    def test_without_a_hash_no_password_is_right(self, passwords: PasswordHasher) -> None:
        assert not passwords.verify(None, PASSWORD)
        assert not passwords.verify(None, "")

    @pytest.mark.parametrize("damaged", ["", "no hash", "$argon2id$v=19$m=8,t=1,p=1$", "ü" * 60])
    def test_what_is_no_hash_is_of_no_password(
        self, passwords: PasswordHasher, damaged: str
    ) -> None:
        assert not passwords.verify(damaged, PASSWORD)
        assert passwords.is_weak(damaged)

    def test_hashes_with_lower_costs_are_good_but_weak(
        self, passwords: PasswordHasher, weaker: PasswordHasher
    ) -> None:
        made = weaker.hash(PASSWORD)
        assert passwords.verify(made, PASSWORD)
        assert passwords.is_weak(made)
        assert not passwords.is_weak(passwords.hash(PASSWORD))
