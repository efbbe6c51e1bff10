"""Drafts: what was typed into a form whose session had run out, kept and put in again."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, flash, g, request, session
from flask_babel import gettext as _
from flask_login import current_user

from alliance import access, forms
from alliance.accounts import queries as accounts
from alliance.accounts import services as account_services


def keep_typed() -> str:
    """The session had run out before this form came: keep what was typed, and say where the form stands."""
    from_page = urlsplit(request.referrer or "")
    page = address()
    if from_page.netloc == request.host:
        page = from_page.path + (f"?{from_page.query}" if from_page.query else "")
    elif "GET" not in (request.url_rule.methods or () if request.url_rule else ()):
        page = "/"
    fields = forms.typed(dict(request.form.lists()))
    draft = account_services.keep_draft(
        session.get("_user_id", ""), page, request.path, fields, now=access.machine_now()
    )
    if draft:
        session["draft"] = draft
        flash(_("The session had ended, and nothing was sent. Sign in again: what you typed comes back."), "warning")
    else:
        flash(_("The session had ended, and nothing was sent. Sign in again."), "warning")
    return page


def address() -> str:
    """The local address of the page at hand."""
    return request.full_path if request.query_string else request.path


def waits_here() -> bool:
    """Whether a draft waits for the page at hand."""
    found = _draft() if request.method == "GET" else None
    return found is not None and found.page == address()


def _draft() -> accounts.DraftInfo | None:
    """What the person at the keyboard had typed into a form of the page at hand when the session ended."""
    if not session.get("draft") or not current_user.is_authenticated:
        return None
    if "draft" not in g:
        g.draft = accounts.draft(session["draft"], current_user.code, access.machine_now())
    found: accounts.DraftInfo | None = g.draft
    return found


def refill(response: Response) -> None:
    """Put the draft into its form, when this is the page of it."""
    if response.status_code == 200 and response.mimetype == "text/html" and waits_here():
        found = _draft()
        assert found is not None
        page = forms.refilled(response.get_data(as_text=True), request.path, found.target, found.fields)
        response.set_data(page)


def drop() -> None:
    """A form led on: the draft for it is not offered any more."""
    if session.get("draft") and current_user.is_authenticated and _is_target():
        session.pop("draft")


def _is_target() -> bool:
    """Whether this request did what the draft was for."""
    found = _draft()
    return found is not None and found.target == request.path
