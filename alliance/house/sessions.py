"""Sessions: who is at the keyboard, when nobody is to be known, and what is due of a person first."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from alliance import access
from alliance.accounts import queries as accounts
from alliance.accounts import services as account_services
from alliance.accounts.rules.sign_in import password_days_left
from alliance.config import Config
from alliance.core.roles import STRONG

TOUCH = 60  # seconds between two notes that a session is in use
FREE = access.PUBLIC | {"accounts.close_session", "accounts.discard_draft"}  # open whatever is due of a person first


def prepare(app: Flask) -> None:
    """Let the cookie say which session a request belongs to."""
    manager = LoginManager()
    manager.session_protection = None  # sessions are kept on the server and end there

    def load(secret: str) -> accounts.AccountInfo | None:
        now = access.machine_now()
        found = accounts.account_of_session(secret, now)
        seen = found.seen if found else None
        if seen and (now - seen).total_seconds() > TOUCH:
            account_services.touch_session(secret, now=now)
        return found

    manager.user_loader(load)
    manager.init_app(app)


def forget_reader() -> None:
    """Before an answer to a survey: from here on nobody is known, in the log, the counters and the database alike."""
    if request.endpoint in access.NAMELESS:
        access.become_nobody()


def first_things_first() -> ResponseReturnValue | None:
    """Before each request: whose password is too old, or whose role needs a second factor, sees to that first."""
    if request.endpoint in FREE or not current_user.is_authenticated:
        return None
    config: Config = current_app.config["ALLIANCE"]
    age = access.machine_now() - current_user.password_at
    if password_days_left(age, config.password_days) == 0:
        due = "accounts.change_password"
    elif config.totp and not current_user.totp and any(grant.role in STRONG for grant in access.grants()):
        due = "accounts.enrol_totp"
    else:
        return None
    aged = "1" if due == "accounts.change_password" else None
    return None if request.endpoint == due else redirect(url_for(due, aged=aged))
