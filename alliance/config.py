"""The settings of one deployment, read from the environment and checked once at the start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes of one upload
UNPACKED_LIMIT = 100 * 1024 * 1024  # bytes of a workbook once unpacked


class SettingError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment decides."""

    secret_key: str
    data: Path  # folder of the SQLite file
    database_url: str
    demo: bool = False  # shows made-up sign-ins on the sign-in page
    secure_cookies: bool = True
    testing: bool = False
    totp: bool = False  # the roles in core.roles.STRONG sign in with a second factor
    password_days: int = 0  # a password must be changed when it is so old; 0 for never
    password_warn_days: int = 80  # and its holder is reminded when it is so old
    proxies: int = 0  # trusted proxies in front, which say from where a request came


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration; SettingError with a clear sentence when it cannot be."""
    data = Path(environ.get("ALLIANCE_DATA", "var")).resolve()
    demo = environ.get("ALLIANCE_DEMO", "") == "1"
    secret = environ.get("ALLIANCE_SECRET_KEY", "")
    if len(secret) < 32:
        raise SettingError("ALLIANCE_SECRET_KEY must be set to at least 32 random characters.")
    url = environ.get("ALLIANCE_DATABASE_URL", f"sqlite:///{data / 'portal.sqlite3'}")
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingError("ALLIANCE_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"The folder ALLIANCE_DATA={data} cannot be made: {error.strerror}.") from error
    days = _number(environ, "ALLIANCE_PASSWORD_DAYS", 0 if demo else 180)
    warn = _number(environ, "ALLIANCE_PASSWORD_WARN_DAYS", 80)
    if days and warn >= days:
        raise SettingError("ALLIANCE_PASSWORD_WARN_DAYS must be less than ALLIANCE_PASSWORD_DAYS.")
    totp = environ.get("ALLIANCE_TOTP", "0" if demo else "1")
    if totp not in ("0", "1"):
        raise SettingError("ALLIANCE_TOTP must be 1 (one-time codes are required) or 0.")
    # The demo is served on plain http on this machine; behind TLS cookies are marked secure.
    return Config(
        secret,
        data,
        url,
        demo,
        secure_cookies=environ.get("ALLIANCE_INSECURE_COOKIES", "") != "1" and not demo,
        totp=totp == "1",
        password_days=days,
        password_warn_days=warn,
        proxies=_number(environ, "ALLIANCE_PROXIES", 0),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from 0; SettingError for anything else."""
    value = environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise SettingError(f"{name} must be a whole number from 0, not {value!r}.")
    return int(value)
