"""One-time passwords by the clock: RFC 6238 over RFC 4226, with SHA-1, six digits and steps of 30 seconds."""

from __future__ import annotations

import hmac
import re
from base64 import b32decode
from urllib.parse import quote, urlencode

STEP = 30  # seconds
DIGITS = 6
DRIFT = 1  # steps before and after the present one that are taken too
SECRET = re.compile(r"[A-Z2-7]{32}")  # 160 bits in base 32


def one_time_code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a step for a secret in base 32."""
    mac = hmac.digest(b32decode(secret), step.to_bytes(8, "big"), "sha1")
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, typed: str, seconds: int, last: int) -> int | None:
    """The step whose code was typed, of those around the clock's; None when there is none after the last one taken.

    So a code is taken once, and a clock that was set back takes none that was taken before.
    """
    now = seconds // STEP
    found = [
        step
        for step in range(max(now - DRIFT, 0), now + DRIFT + 1)
        if hmac.compare_digest(one_time_code(secret, step).encode(), typed.encode())
    ]
    return next((step for step in found if step > last), None)


def next_code(secret: str, seconds: int, last: int) -> str:
    """The code that would be taken now, for who has the secret at hand; "" until the clock comes to the next one."""
    now = seconds // STEP
    step = max(now, last + 1)
    return one_time_code(secret, step) if step <= now + DRIFT else ""


def otpauth(secret: str, account: str, issuer: str) -> str:
    """The address with which an authenticator takes the secret; six digits and 30 seconds go without saying."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?" + urlencode(
        {"secret": secret, "issuer": issuer}, quote_via=quote
    )
