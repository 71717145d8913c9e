"""The secrets of credentials: how they are made, and what is kept of them.

A secret is ``polaris_{prefix}_{body}{checksum}``: the prefix tells secret scanners and people what
they have found, the body is 256 random bits in base 62, and the checksum tells a mistyped or an
invented secret from a real one without a look into the database. The checksum protects nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib

from polaris.domain.secret import Secret
from polaris.ports.credentials import CredentialKind

__all__ = ["SECRET_PREFIXES", "digest_of_secret", "kind_of_secret", "new_password", "new_secret"]

SECRET_PREFIXES = {
    CredentialKind.PERSONAL: "polaris_pat_",
    CredentialKind.ACCESS: "polaris_at_",
    CredentialKind.REFRESH: "polaris_rt_",
    CredentialKind.CODE: "polaris_ac_",
    CredentialKind.DEVICE: "polaris_dc_",
    CredentialKind.SESSION: "polaris_bs_",
    CredentialKind.LOGIN: "polaris_li_",
    CredentialKind.CONSENT: "polaris_uc_",
    CredentialKind.CLIENT: "polaris_cs_",
}
_KINDS = {prefix: kind for kind, prefix in SECRET_PREFIXES.items()}

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY = 43  # digits to the base of 62 that hold 256 bits
_CHECKSUM = 6  # those that hold 32 bits

# Without 0, 1, i, l, o, u: read aloud and typed, no character is taken for another one.
_EASY = "23456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _GROUP = 5, 5


def new_secret(kind: CredentialKind, /) -> Secret:
    """Return a new secret of 256 random bits for a credential of that kind."""
    text = SECRET_PREFIXES[kind] + _base62(secrets.randbits(256), _BODY)
    return Secret(text + _checksum(text))


def digest_of_secret(secret: Secret, /) -> str:
    """Return what is kept of a secret: 64 hex digits, its sha256.

    A fast hash is enough: nobody tries 2**256 texts. Any text has a digest, so that what a stranger
    sends needs no check beforehand.
    """
    return hashlib.sha256(secret.reveal().encode("utf-8", "surrogatepass")).hexdigest()


def kind_of_secret(secret: Secret, /) -> CredentialKind | None:
    """Return what kind of credential a text can be the secret of; None if of none.

    None for a text that `new_secret` cannot have made; a kind says nothing of whether the
    credential is there.
    """
    text = secret.reveal()
    cut = len(text) - _BODY - _CHECKSUM
    kind = _KINDS.get(text[:cut]) if cut > 0 else None
    return kind if kind and _checksum(text[:-_CHECKSUM]) == text[-_CHECKSUM:] else None


def new_password() -> Secret:
    """Return a new temporary password: 25 characters in groups of five, about 122 random bits."""
    groups = ("".join(secrets.choice(_EASY) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return Secret("-".join(groups))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode("utf-8", "surrogatepass")), _CHECKSUM)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
