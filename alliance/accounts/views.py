"""The doors of people: sign in and out, language, decisions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from alliance.access import actor, alliance_id, now, public, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import CHOICE_LABELS, OpenSessionForm, decision_form
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import COOKIE, LANGUAGES, moment, named, period
from alliance.members import queries as members

SUBJECTS = ("scheme:", "fund:", "bulletin:", "veto:")  # what the committee decides on
blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


def matter(subject: str) -> str:
    """What a decision is on, in words."""
    kind, _sep, what = subject.partition(":")
    match kind:
        case "scheme":
            return str(_("scheme %(what)s", what=what))
        case "fund":
            return str(_("collaboration fund, run %(what)s", what=what))
        case "bulletin":
            return str(_("bulletin %(what)s", what=what))
    who, _sep, when = what.partition("/")
    return str(_("veto against %(who)s for %(when)s", who=named("who", who), when=period(when)))


def local(target: str | None) -> str:
    """A local address to go on to, else home."""
    target = target or ""
    fine = target.startswith("/") and not target.startswith("//") and not urlsplit(target).netloc and "\\" not in target
    return target if fine else url_for("desk.read_home")


@blueprint.route("/sessions/open", methods=["GET", "POST"])
@public(Act.ACCOUNTS_SESSION_OPEN)
def open_session() -> ResponseReturnValue:
    """Sign in."""
    form, demo = OpenSessionForm(), current_app.config["ALLIANCE"].demo
    wrong = ""
    if form.validate_on_submit():
        verdict = services.open_session(form.account.data or "", form.password.data or "", now=now())
        account = queries.account_of_session(verdict.secret, now()) if verdict.secret else None
        if account:
            session.clear()
            login_user(account)
            return redirect(local(request.args.get("next")))
        wrong = _("Account or password is wrong.")
        if verdict.locked_until:
            wrong = _(
                "Too many wrong passwords: the account is locked until %(time)s.", time=moment(verdict.locked_until)
            )
    people = queries.demo_accounts() if demo else []
    return render_template(
        "accounts/open_session.html",
        form=form,
        wrong=wrong,
        demo=people,
        names={one.code: one for one in members.institutions(people[0].alliance_id, today())} if people else {},
        demo_password=current_app.config.get("DEMO_PASSWORD", ""),
    ), 422 if wrong else 200


@blueprint.post("/sessions/close")
@requires(Act.ACCOUNTS_SESSION_CLOSE)
def close_session() -> ResponseReturnValue:
    """Sign out."""
    services.close_session(current_user.get_id(), by=actor(), now=now())
    logout_user()
    session.clear()
    return redirect(url_for("accounts.open_session"))


@blueprint.post("/languages/choose")
@public(Act.ACCOUNTS_LANGUAGE_CHOOSE)
def choose_language() -> ResponseReturnValue:
    """Change the language, for the person or, before sign-in, for the browser."""
    language = request.form.get("lang", "")
    answer = redirect(local(request.form.get("next")))
    if language in LANGUAGES:
        if current_user.is_authenticated:
            services.choose_language(current_user.code, language, by=actor(), now=now())
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(COOKIE, language, max_age=365 * 24 * 3600, samesite="Lax", httponly=True, secure=secure)
    return answer


@blueprint.get("/decisions/list")
@requires(Act.ACCOUNTS_DECISION_LIST)
def list_decisions() -> ResponseReturnValue:
    """All decisions."""
    return render_template("accounts/list_decisions.html", decisions=queries.decisions(alliance_id()), matter=matter)


@blueprint.get("/decisions/read/<number>")
@requires(Act.ACCOUNTS_DECISION_READ)
def read_decision(number: str) -> ResponseReturnValue:
    """One decision with its votes."""
    found = queries.decision(alliance_id(), number)
    if found is None:
        raise NotFound()
    return render_template("accounts/read_decision.html", decision=found, choices=CHOICE_LABELS, matter=matter)


@blueprint.route("/decisions/record", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_DECISION_RECORD)
def record_decision() -> ResponseReturnValue:
    """Record the decision of the committee on a matter; ?subject= names the matter, ?next= the page to return to."""
    subject = request.args.get("subject", "")
    if not subject.startswith(SUBJECTS):
        raise NotFound()
    body = next(iter(queries.bodies(alliance_id(), today())), None)
    if body is None:
        raise NotFound()
    concerned = frozenset([subject.split(":")[1].split("/")[0]]) if subject.startswith("veto:") else frozenset()
    form: Any = decision_form(body)()
    if request.method == "GET":
        form.number.data, form.held_on.data = queries.next_number(alliance_id(), today().year), today()
        for seat in body.seats:
            form[f"seat_{seat.number}"].data = "recused" if seat.institution in concerned else ""
    if form.validate_on_submit():
        choices = {seat.number: form[f"seat_{seat.number}"].data for seat in body.seats}
        ok, adopted = form.done(
            lambda: services.record_decision(
                alliance_id(),
                body.code,
                form.number.data.strip(),
                form.held_on.data,
                subject,
                form.text.data,
                form.document.data,
                choices,
                concerned,
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(
                _("The decision is recorded as adopted.") if adopted else _("The decision is recorded as not adopted."),
                "success",
            )
            return redirect(local(request.args.get("next")))
    return render_template(
        "accounts/record_decision.html", form=form, body=body, matter=matter(subject), concerned=concerned
    ), 422 if form.errors or form.refused else 200
