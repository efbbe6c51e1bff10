"""The settings of one deployment, read from the environment and checked once at the start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from alliance.core.mailbox import is_address

UPLOAD_LIMIT = 20 * 1024 * 1024  # bytes of one upload
LINES_LIMIT = 2 * 1024**3  # bytes of a file of charge lines: ten million of them
UNPACKED_LIMIT = 100 * 1024 * 1024  # bytes of a workbook once unpacked


class SettingError(Exception):
    """A setting is missing or wrong; the message says which and what to do."""


KNOWN = frozenset(
    {
        "ALLIANCE_ADDRESS",
        "ALLIANCE_DATA",
        "ALLIANCE_DATABASE_URL",
        "ALLIANCE_DATA_KEYS",
        "ALLIANCE_DEMO",
        "ALLIANCE_INSECURE_COOKIES",
        "ALLIANCE_LOG",
        "ALLIANCE_METRICS_TOKEN",
        "ALLIANCE_PASSWORD_DAYS",
        "ALLIANCE_PASSWORD_WARN_DAYS",
        "ALLIANCE_PROXIES",
        "ALLIANCE_SECRET_KEY",
        "ALLIANCE_SMTP_FROM",
        "ALLIANCE_SMTP_HOST",
        "ALLIANCE_SMTP_PASSWORD",
        "ALLIANCE_SMTP_PORT",
        "ALLIANCE_SMTP_TLS",
        "ALLIANCE_SMTP_USER",
        "ALLIANCE_SPARK",
        "ALLIANCE_TOTP",
    }
)
PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Smtp:
    """The server that takes the portal's mails."""

    host: str
    port: int
    tls: str  # starttls, tls or none
    sender: str  # the address that mails come from
    user: str = ""  # "" where the server asks for none
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """What the environment decides."""

    secret_key: str
    data: Path  # folder of the SQLite file and of the counters
    database_url: str
    demo: bool = False  # shows made-up sign-ins on the sign-in page
    secure_cookies: bool = True  # the portal is reached over TLS: cookies are marked so, and browsers are told
    testing: bool = False
    totp: bool = False  # the roles in core.roles.STRONG sign in with a second factor
    password_days: int = 0  # a password must be changed when it is so old; 0 for never
    password_warn_days: int = 80  # and its holder is reminded when it is so old
    proxies: int = 0  # how many proxies of our own stand before the portal and say from where a request came
    metrics_token: str = ""  # what Prometheus shows from elsewhere; without it only this machine reads the meters
    data_keys: tuple[str, ...] = ()  # what is encrypted in the database is so under the first; all of them read it
    log: str = "json"  # json: a line for each request; plain: warnings and faults, for a terminal
    address: str = ""  # where people reach the portal, for the links in mails and the codes on paper
    smtp: Smtp | None = None  # without it the portal sends no mail
    spark: str = field(default="", repr=False)  # the cluster for charge lines, sc://host:port, perhaps with a token


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration; SettingError with one sentence for each setting that is wrong."""
    wrong = []
    for name in sorted(name for name in environ if name.startswith("ALLIANCE_") and name not in KNOWN):
        wrong.append(f"{name} is no setting of the portal; known are {', '.join(sorted(KNOWN))}.")
    for name in ("ALLIANCE_DEMO", "ALLIANCE_INSECURE_COOKIES"):
        if environ.get(name, "") not in ("", "0", "1"):
            wrong.append(f"{name} must be 1 or 0.")
    data = Path(environ.get("ALLIANCE_DATA", "var")).resolve()
    demo = environ.get("ALLIANCE_DEMO", "") == "1"
    secret = environ.get("ALLIANCE_SECRET_KEY", "")
    if len(secret) < 32:
        wrong.append("ALLIANCE_SECRET_KEY must be set to at least 32 random characters.")
    elif len(set(secret)) < 8 and not demo:
        wrong.append("ALLIANCE_SECRET_KEY is not random: it is made of fewer than 8 different characters.")
    keys = tuple(environ.get("ALLIANCE_DATA_KEYS", "").replace(",", " ").split())
    if any(len(key) < 32 or len(set(key)) < 8 for key in keys) or len(set(keys)) < len(keys):
        wrong.append(
            "ALLIANCE_DATA_KEYS must hold different keys of at least 32 random characters, separated by commas, the "
            "newest first; or be left out."
        )
    url = environ.get("ALLIANCE_DATABASE_URL", f"sqlite:///{data / 'portal.sqlite3'}")
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        wrong.append("ALLIANCE_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    days = _number(environ, "ALLIANCE_PASSWORD_DAYS", 0 if demo else 180, wrong)
    warn = _number(environ, "ALLIANCE_PASSWORD_WARN_DAYS", 80, wrong)
    if days and warn >= days:
        wrong.append("ALLIANCE_PASSWORD_WARN_DAYS must be less than ALLIANCE_PASSWORD_DAYS.")
    totp = environ.get("ALLIANCE_TOTP", "") or ("0" if demo else "1")
    if totp not in ("0", "1"):
        wrong.append("ALLIANCE_TOTP must be 1 (one-time codes are required) or 0.")
    proxies = _number(environ, "ALLIANCE_PROXIES", 0, wrong)
    if proxies > 5:
        wrong.append("ALLIANCE_PROXIES must be the number of proxies before the portal, from 0 to 5.")
    token = environ.get("ALLIANCE_METRICS_TOKEN", "")
    if token and len(token) < 16:
        wrong.append("ALLIANCE_METRICS_TOKEN must have at least 16 characters, or be left out.")
    log = environ.get("ALLIANCE_LOG", "") or ("plain" if demo else "json")
    if log not in ("json", "plain"):
        wrong.append("ALLIANCE_LOG must be json or plain.")
    address = environ.get("ALLIANCE_ADDRESS", "").rstrip("/")
    if address and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+", address):
        wrong.append("ALLIANCE_ADDRESS must be where people reach the portal, such as https://portal.example.org.")
    smtp = _smtp(environ, address, wrong)
    spark = environ.get("ALLIANCE_SPARK", "")
    if spark and not re.fullmatch(r"sc://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?(/(;[^;\s]+=[^;\s]*)*)?", spark):
        wrong.append(
            "ALLIANCE_SPARK must be the address of a Spark Connect server, such as sc://spark.example.org:15002."
        )
    if not wrong:
        try:
            data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            wrong.append(f"The folder ALLIANCE_DATA={data} cannot be made: {error.strerror}.")
        else:
            if not os.access(data, os.W_OK):
                wrong.append(f"The folder ALLIANCE_DATA={data} cannot be written to.")
    if wrong:
        raise SettingError("\n".join(wrong))
    return Config(
        secret,
        data,
        url,
        demo,
        # The demo is served on plain http on this machine; behind TLS cookies are marked secure.
        secure_cookies=environ.get("ALLIANCE_INSECURE_COOKIES", "") != "1" and not demo,
        totp=totp == "1",
        password_days=days,
        password_warn_days=warn,
        proxies=proxies,
        metrics_token=token,
        data_keys=keys,
        log=log,
        address=address,
        smtp=smtp,
        spark=spark,
    )


def _smtp(environ: Mapping[str, str], address: str, wrong: list[str]) -> Smtp | None:
    """The server for mails, None without a host; what is wrong with it is added to what is wrong."""
    host, user = environ.get("ALLIANCE_SMTP_HOST", ""), environ.get("ALLIANCE_SMTP_USER", "")
    if not host:
        lone = sorted(name for name in environ if name.startswith("ALLIANCE_SMTP_") and environ[name])
        if lone:
            wrong.append(f"{lone[0]} is set without ALLIANCE_SMTP_HOST, the server that takes the mails.")
        return None
    tls = environ.get("ALLIANCE_SMTP_TLS", "") or "starttls"
    if tls not in PORTS:
        wrong.append("ALLIANCE_SMTP_TLS must be starttls, tls or none.")
    port = _number(environ, "ALLIANCE_SMTP_PORT", PORTS.get(tls, 25), wrong)
    if not 0 < port < 2**16:
        wrong.append("ALLIANCE_SMTP_PORT must be a port, from 1 to 65535.")
    sender, password = environ.get("ALLIANCE_SMTP_FROM", ""), environ.get("ALLIANCE_SMTP_PASSWORD", "")
    if not is_address(sender):
        wrong.append("ALLIANCE_SMTP_FROM must be the address that mails come from, such as portal@example.org.")
    if bool(user) != bool(password):
        wrong.append("ALLIANCE_SMTP_USER and ALLIANCE_SMTP_PASSWORD are set together or not at all.")
    if password and tls == "none" and host not in ("127.0.0.1", "::1", "localhost"):
        wrong.append("ALLIANCE_SMTP_TLS must not be none while a password is sent to another machine.")
    if not address:
        wrong.append("ALLIANCE_ADDRESS must be set where mails are sent: they hold links to the portal.")
    return Smtp(host, port, tls, sender, user, password)


def _number(environ: Mapping[str, str], name: str, default: int, wrong: list[str]) -> int:
    """A whole number from 0; anything else is added to what is wrong."""
    value = environ.get(name, "") or str(default)
    if value.isascii() and value.isdecimal():
        return int(value)
    wrong.append(f"{name} must be a whole number from 0, not {value!r}.")
    return default
