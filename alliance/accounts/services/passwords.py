"""Passwords as they are kept: argon2id, and a hash that stands for nobody's."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher()  # argon2id with the library's current defaults
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def hash_password(password: str) -> str:
    """A password as it is kept."""
    return hasher.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether it is the password; where there is none it takes as long to say no."""
    try:
        return hasher.verify(hashed or NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
