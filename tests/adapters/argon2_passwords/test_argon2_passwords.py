from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from polaris.ports.accounts import PasswordHasher
from polaris.testing import PasswordHasherSuite
from polaris_adapters.argon2_passwords import Argon2Costs, Argon2Passwords

_check: type[PasswordHasher] = Argon2Passwords
_CHEAP = Argon2Costs(passes=2, memory=64, lanes=1)


class TestArgon2Passwords(PasswordHasherSuite):
    @pytest.fixture
    def passwords(self) -> PasswordHasher:
        return Argon2Passwords(_CHEAP)

    @pytest.fixture(params=[{"passes": 1}, {"memory": 32}])
    def weaker(self, request: pytest.FixtureRequest) -> PasswordHasher:
        costs = {"passes": 2, "memory": 64, "lanes": 1} | request.param
        return Argon2Passwords(Argon2Costs(**costs))


def test_the_costs_are_those_that_the_standard_recommends() -> None:
    assert extract_parameters(Argon2Passwords().hash("")) == RFC_9106_LOW_MEMORY


def test_a_hash_of_another_program_is_verified() -> None:
    # Made by OpenSSL: password "correct horse", salt "somesalt", 24 bytes.
    made = "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHQ$U/SnxenmUu7H2uOA9+RflzVZh7FCigmR"
    passwords = Argon2Passwords(_CHEAP)
    assert passwords.verify(made, "correct horse")
    assert not passwords.verify(made, "Correct horse")


def test_an_unknown_name_costs_as_much_as_a_wrong_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import argon2

    passwords = Argon2Passwords(_CHEAP)
    known = passwords.hash("right")
    costs = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, hash: str, password: bytes) -> bool:
        costs.append((extract_parameters(hash), len(password)))
        return verify(self, hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    for stored in (known, None):
        assert not passwords.verify(stored, "wrong")
    assert len(costs) == 2
    assert costs[0] == costs[1]


def test_a_crowd_does_not_take_all_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import argon2

    passwords = Argon2Passwords(_CHEAP, most_at_once=2)
    inside, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(2)

    def slow(self: argon2.PasswordHasher, hash: str, password: bytes) -> bool:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        full.wait(timeout=30)
        with lock:
            inside -= 1
        return True

    monkeypatch.setattr(argon2.PasswordHasher, "verify", slow)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda _: passwords.verify("hash", ""), range(6)))
    assert most == 2
