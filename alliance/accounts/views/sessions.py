"""The doors of a sign-in: password, one-time code, sign out, language, and passwords set by a link."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_user, logout_user

from alliance.access import actor, machine_now, public, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import ConfirmSessionForm, OpenSessionForm, SetPasswordForm
from alliance.accounts.rules.sign_in import FAILURES, LOCKED, PASSWORD_LENGTH, password_days_left
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.core.roles import held
from alliance.i18n import COOKIE, LANGUAGES
from alliance.members import queries as members

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


def local(target: str | None) -> str:
    """A local address to go on to, else home."""
    target = target or ""
    fine = target.startswith("/") and not target.startswith("//") and not urlsplit(target).netloc and "\\" not in target
    return target if fine else url_for("desk.read_home")


@blueprint.route("/sessions/open", methods=["GET", "POST"])
@public(Act.ACCOUNTS_SESSION_OPEN)
def open_session() -> ResponseReturnValue:
    """Sign in."""
    form, wrong = OpenSessionForm(), ""
    if form.validate_on_submit():
        verdict = services.open_session(
            form.account.data or "", form.password.data or "", now=machine_now(), address=request.remote_addr or ""
        )
        if verdict.pending:
            _begin_anew()
            session["pending"] = verdict.secret
            return redirect(url_for("accounts.confirm_session", next=request.args.get("next") or None))
        if verdict.secret:
            return _signed_in(verdict.secret)
        wrong = _refusal(verdict)
    people = _demo_accounts()
    return render_template(
        "accounts/open_session.html",
        form=form,
        wrong=wrong,
        demo=people,
        today=today(),
        names={one.code: one for one in members.institutions(people[0].alliance_id, today())} if people else {},
        demo_password=current_app.config.get("DEMO_PASSWORD", ""),
    ), 422 if wrong else 200


def _demo_accounts() -> list[queries.Demo]:
    """The sign-ins of the demo; none where the portal is no demo."""
    demo = current_app.config["ALLIANCE"].demo
    owner = members.alliance_of_code(current_app.config["DEMO_ALLIANCE"]) if demo else None
    return queries.demo_accounts(owner.id, machine_now()) if owner else []


def _refusal(verdict: services.Verdict) -> str:
    """Why somebody does not get in; the same words whether there is such an account or not."""
    if verdict.crowded:
        return str(_("Too many sign-ins failed from this place. Wait a quarter of an hour, or ask the administrator."))
    return str(
        _(
            "Account or password is wrong. After %(count)s wrong tries an account is locked for %(minutes)s minutes.",
            count=FAILURES,
            minutes=LOCKED.seconds // 60,
        )
    )


def _begin_anew() -> None:
    """Nothing of the browser's earlier session goes on but what somebody had typed when it ended."""
    draft = session.get("draft")
    session.clear()
    if draft:
        session["draft"] = draft


def _signed_in(secret: str) -> ResponseReturnValue:
    account = queries.account_of_session(secret, machine_now())
    if account is None:
        raise NotFound()
    _begin_anew()
    login_user(account)
    _warn_of_age(account)
    if not held(account.grants, today()):
        return redirect(url_for("accounts.read_account"))  # nothing else is open
    return redirect(local(request.args.get("next")))


def _warn_of_age(account: queries.AccountInfo) -> None:
    config = current_app.config["ALLIANCE"]
    age = machine_now() - account.password_at
    left = password_days_left(age, config.password_days)
    if left and age.days >= config.password_warn_days:
        text = ngettext(
            "Your password must be changed within %(num)s day. You can do it in My account.",
            "Your password must be changed within %(num)s days. You can do it in My account.",
            left,
        )
        flash(text, "warning")


@blueprint.route("/sessions/confirm", methods=["GET", "POST"])
@public(Act.ACCOUNTS_SESSION_CONFIRM)
def confirm_session() -> ResponseReturnValue:
    """The second step of a sign-in: the one-time code."""
    secret = session.get("pending", "")
    account = queries.pending_account(secret, machine_now()) if secret else ""
    if not account:
        return redirect(url_for("accounts.open_session", next=request.args.get("next") or None))
    form, wrong = ConfirmSessionForm(), ""
    if form.validate_on_submit():
        verdict = services.confirm_session(
            secret, form.totp_code.data or "", now=machine_now(), address=request.remote_addr or ""
        )
        if verdict.secret:
            return _signed_in(verdict.secret)
        if not verdict.pending:
            session.pop("pending", None)
            flash(_refusal(verdict), "error")
            return redirect(url_for("accounts.open_session", next=request.args.get("next") or None))
        wrong = _("The code is wrong or was used already. Wait for the next one.")
        if verdict.unreadable:
            wrong = _(
                "The portal cannot read the key of your authenticator, so it cannot check a code from it. Type one of "
                "your recovery codes, or ask the security administrator to reset the authenticator."
            )
    return render_template(
        "accounts/confirm_session.html",
        form=form,
        wrong=wrong,
        demo=next((one for one in _demo_accounts() if one.code == account), None),
    ), 422 if wrong else 200


@blueprint.route("/passwords/set/<secret>", methods=["GET", "POST"])
@public(Act.ACCOUNTS_PASSWORD_SET)
def set_password(secret: str) -> ResponseReturnValue:
    """Set a password with a one-time link."""
    account = queries.account_of_link(secret, machine_now())
    if account is None:
        return render_template("accounts/set_password.html", form=None, account=None), 404
    form = SetPasswordForm()
    if form.validate_on_submit():
        ok, _code = form.done(lambda: services.set_password(secret, form.password.data or "", now=machine_now()))
        if ok:
            logout_user()
            session.clear()
            flash(_("The password is set. Sign in with it."), "success")
            return redirect(url_for("accounts.open_session"))
    return render_template(
        "accounts/set_password.html", form=form, account=account, length=PASSWORD_LENGTH
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/sessions/close")
@requires(Act.ACCOUNTS_SESSION_CLOSE)
def close_session() -> ResponseReturnValue:
    """Sign out."""
    services.close_session(current_user.get_id(), by=actor(), now=machine_now())
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
            services.choose_language(current_user.code, language, by=actor(), now=machine_now())
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(COOKIE, language, max_age=365 * 24 * 3600, samesite="Lax", httponly=True, secure=secure)
    return answer
