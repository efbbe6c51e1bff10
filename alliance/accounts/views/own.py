"""The doors of one's own account: roles and sessions, password, second factor, drafts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, grants, machine_now, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import ChangePasswordForm, EnrolTotpForm
from alliance.accounts.rules.sign_in import PASSWORD_LENGTH
from alliance.accounts.rules.totp import otpauth
from alliance.accounts.views.mailboxes import sends_mail
from alliance.accounts.views.sessions import blueprint, local
from alliance.charts.qr import svg
from alliance.core.acts import Act
from alliance.members import queries as members


@blueprint.get("/accounts/read")
@requires(Act.ACCOUNTS_ACCOUNT_READ)
def read_account() -> ResponseReturnValue:
    """My account."""
    hashed = queries.secret_hash(current_user.get_id())
    mine = queries.own_account(current_user.code, _alliance(), today(), machine_now(), hashed)
    return render_template(
        "accounts/read_account.html",
        someone=mine,
        account=mine.accounts[0],
        mailbox=queries.mailbox(current_user.code),
        sends=sends_mail(),
    )


def _alliance() -> int | None:
    """The alliance in which the person works; none for a person without a role."""
    return alliance_id() if grants() else None


@blueprint.route("/passwords/change", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_PASSWORD_CHANGE)
def change_password() -> ResponseReturnValue:
    """Change one's own password."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.change_password(
                current_user.get_id(),
                form.password_old.data or "",
                form.password.data or "",
                by=actor(),
                now=machine_now(),
            )
        )
        if ok:
            flash(_("The password is changed; your other sessions have ended."), "success")
            return redirect(url_for(".read_account"))
    return render_template(
        "accounts/change_password.html", form=form, length=PASSWORD_LENGTH, aged="aged" in request.args
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/totp/enrol", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_TOTP_ENROL)
def enrol_totp() -> ResponseReturnValue:
    """Set up an authenticator; the recovery codes are shown once."""
    form, codes = EnrolTotpForm(), list[str]()
    if not form.totp_secret.data:
        form.totp_secret.data = services.new_secret()
    secret = form.totp_secret.data
    if form.validate_on_submit():
        ok, made = form.done(
            lambda: services.enrol_totp(
                current_user.get_id(), secret, form.totp_code.data or "", by=actor(), now=machine_now()
            )
        )
        codes = made or [] if ok else []
    owner = members.read_alliance(alliance_id()) if grants() else None
    address = otpauth(secret, current_user.code, owner.code if owner else "portal")
    return render_template(
        "accounts/enrol_totp.html",
        form=form,
        codes=codes,
        groups=[secret[start : start + 4] for start in range(0, len(secret), 4)],
        otpauth=address,
        qr=svg(address, _("The key as a QR code")),
        enrolled=current_user.totp and not codes,
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/others/close")
@requires(Act.ACCOUNTS_OTHERS_CLOSE)
def close_others() -> ResponseReturnValue:
    """End one's other sessions."""
    services.close_others(current_user.get_id(), by=actor(), now=machine_now())
    flash(_("Your other sessions have ended."), "success")
    return redirect(url_for(".read_account"))


@blueprint.post("/drafts/discard")
@requires(Act.ACCOUNTS_DRAFT_DISCARD)
def discard_draft() -> ResponseReturnValue:
    """Forget what was typed before the session ended."""
    services.discard_draft(session.pop("draft", ""), by=actor(), now=machine_now())
    return redirect(local(request.form.get("next")))
