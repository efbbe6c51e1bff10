"""What is true of sign-ins: passwords and their age, the names of accounts, and the limits of a sign-in."""

from __future__ import annotations

import re
from datetime import timedelta

from alliance.core.refused import Refused

FAILURES = 5  # wrong passwords or codes in a row before an account is locked
LOCKED = timedelta(minutes=30)
IDLE = timedelta(minutes=20)
PENDING = timedelta(minutes=5)  # between the password and the one-time code
LINK = timedelta(days=7)  # a one-time link is good for so long
DRAFT = timedelta(hours=2)  # what was typed into an ended session is kept for so long
DRAFT_SIZE = 200_000  # characters of it
ATTEMPTS = 30  # failed sign-ins from one address …
WINDOW = timedelta(minutes=15)  # … within this time, before the address has to wait
PASSWORD_LENGTH = 10
RECOVERY_CODES = 10
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


def check_password(password: str, account: str) -> None:
    """Refuse a password that is too short, of one kind of character (letters, digits, signs), or the account's name."""
    kinds = sum(any(test(sign) for sign in password) for test in (str.isalpha, str.isdigit, lambda s: not s.isalnum()))
    named = bool(account) and account.lower() in password.lower()
    if len(password) < PASSWORD_LENGTH or kinds < 2 or named:
        raise Refused(
            "The password needs at least %(length)s characters of two kinds and must not hold the account's name.",
            length=PASSWORD_LENGTH,
        )  # fmt: skip


def check_account(code: str) -> None:
    """Refuse the name of an account that cannot be typed and spoken everywhere."""
    if not ACCOUNT.fullmatch(code):
        raise Refused(
            "An account's name has 2 to 32 lower-case letters, digits, points, hyphens and underscores, and begins "
            "with a letter or a digit; %(code)s does not.",
            code=code,
        )


def password_days_left(age: timedelta, limit: int) -> int | None:
    """In how many days a password of this age must be changed, 0 when it must be now; None without a limit."""
    return max(limit - age.days, 0) if limit else None
