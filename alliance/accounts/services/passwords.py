"""Passwords as they are kept: argon2id, and a hash that stands for nobody's."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher()  # argon2id with the library's current defaults
NOBODY = "c29tZXNhbHRzb21lc2FsdA$" + "A" * 43  # a salt and a digest


def hash_password(password: str) -> str:
    """A password as it is kept."""
    return hasher.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether it is the password; where there is none it takes as long to say no."""
    try:
        return hasher.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False


def _nobodys() -> str:
    """The hash of nobody's password, as dear as those that are kept, whatever the defaults become."""
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${NOBODY}"
