"""Receipts: where a form led, for the same form again."""

from __future__ import annotations

from flask import Flask, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from alliance import access, i18n
from alliance.core.refused import AlreadyDone
from alliance.work import queries as work
from alliance.work import services as work_services


def prepare(app: Flask) -> None:
    """Answer the same form again."""
    app.register_error_handler(AlreadyDone, _already_done)


def _already_done(done: AlreadyDone) -> ResponseReturnValue:
    """The same form again: answered with where the first answer led."""
    access.refused(done.message, done.status)
    g.done_before = True
    flash(i18n.said(done), "info")
    return redirect(work.location_of(done.once) or url_for("desk.read_home"))


def led_on(response: Response) -> bool:
    """Whether a form led to another address.

    Where the second of two at once is sent must not be taken for where the first one led.
    """
    return request.method == "POST" and response.status_code in (302, 303) and not g.get("done_before")


def keep(response: Response) -> None:
    """Keep where a form led, by its one-time token."""
    once = request.form.get("once", "")[:64]
    if once and current_user.is_authenticated:
        work_services.keep_receipt(once, response.location or "", now=access.machine_now())
