"""Hashes of passwords, made by Argon2."""

from __future__ import annotations

from polaris_adapters.argon2_passwords.hasher import Argon2Costs, Argon2Passwords

__all__ = ["Argon2Costs", "Argon2Passwords"]
