"""Refusals and faults as pages in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from alliance import access, db, i18n
from alliance.config import UPLOAD_LIMIT
from alliance.core.refused import Problem, Refused, mark
from alliance.house.drafts import address, keep_typed

# Why a request itself was refused, as the log keeps it.
REASONS = {
    400: mark("The request could not be understood"),
    403: mark("Your role does not include this."),
    404: mark("There is nothing at this address."),
    413: mark("The file is too large"),
    429: mark("Too much at once"),
}
MEGABYTES = UPLOAD_LIMIT // 2**20


def prepare(app: Flask) -> None:
    """Answer refusals and faults with a page."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _page(
    status: int, title: str, text: str, advice: str = "", problems: Sequence[Problem] = ()
) -> ResponseReturnValue:
    number = g.get("request_number", "")
    refusal = {
        "status": status, "title": title, "text": text, "advice": advice, "problems": problems, "number": number
    }  # fmt: skip
    return render_template("house/refusal.html", refusal=refusal), status


def _refused(refused: Refused) -> ResponseReturnValue:
    access.refused(refused.message, refused.status)
    titles = {404: _("Nothing is here"), 403: _("This is not yours to do")}
    title = titles.get(refused.status, _("This cannot be done"))
    advice = _("Check the address, or begin from your tasks.") if refused.status == 404 else ""
    return _page(refused.status, title, i18n.said(refused), advice, refused.problems)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        access.refused(mark("The form could not be trusted"), 400)
        return _page(
            400,
            _("The form could not be trusted"),
            _("The form is too old or comes from another page; nothing was changed."),
            _("Go back, reload the page and send it again."),
        )
    if error.code == 401:
        where = address() if request.method == "GET" else keep_typed()
        if request.method == "GET" and session.get("_user_id"):
            flash(_("Your session has ended. Sign in again, and you come back to the page you asked for."), "info")
        return redirect(url_for("accounts.open_session", next=where))
    if error.code == 405 and request.method == "GET":
        return redirect(url_for("desk.read_home"))  # a form was refused here, and somebody asks for its address
    words = {
        403: (
            _("This is not yours to do"), _("Your role does not include this."),
            _("If it is your work, ask the office."),
        ),
        404: (
            _("Nothing is here"), _("There is nothing at this address."),
            _("Check the address, or begin from your tasks."),
        ),
        405: (
            _("This cannot be done at this address"),
            _("The address does not take what was sent; nothing was changed."),
            _("Go back and use the buttons of the page."),
        ),
        429: (
            _("Too much at once"), _("You have asked for more heavy work than one minute allows; nothing was changed."),
            _("Wait a minute and send it again."),
        ),
        413: (
            _("The form is too large"), _("It has too many fields, or too much was typed; nothing was changed."),
            _("Send it in parts."),
        ) if (request.content_length or 0) <= UPLOAD_LIMIT else (
            _("The file is too large"), _("At most %(limit)s MB are taken; nothing was changed.", limit=MEGABYTES),
            _("Split the file and send its parts one after another."),
        ),
    }  # fmt: skip
    # Whatever else a server can say, its own words are English and for programmers.
    other = (
        _("The request could not be understood"), _("Something in it is missing or malformed; nothing was changed."),
        _("Go back, reload the page and send it again."),
    )  # fmt: skip
    code = error.code or 500
    if code >= 500:
        # The page of an error failed too: most likely for want of the database.
        cause = getattr(error, "original_exception", None)
        return _away(cause) if cause and db.is_away(cause) else _our_fault(code)
    if code in REASONS and request.endpoint:
        access.refused(REASONS[code], code)
    return _page(code, *words.get(code, other))


def _fault(error: Exception) -> ResponseReturnValue:
    """A fault of the program: logged with its trace, and told without."""
    if db.is_away(error):
        return _away(error)
    current_app.logger.exception("fault at %s", request.endpoint, exc_info=error)
    db.db.session.rollback()
    return _our_fault(500)


def _away(error: Exception) -> ResponseReturnValue:
    """The database does not answer: nothing can be asked of it for this page either, not even who reads it."""
    current_app.logger.error("the database does not answer at %s: %s", request.endpoint, type(error).__name__)
    db.db.session.remove()
    access.become_nobody()
    return _page(
        503,
        _("The portal cannot reach its data at the moment"),
        _("The database does not answer. Nothing was changed, and what was saved before is not lost."),
        _("Wait a minute and try again. If this lasts, tell the office the number of the request below."),
    )


def _our_fault(status: int) -> ResponseReturnValue:
    return _page(
        status,
        _("Something went wrong on our side"),
        _("This page could not be made. Nothing was changed, and what was saved before is not lost."),
        _("Try again. If it happens again, tell the office the number of the request below and what you were doing."),
    )
