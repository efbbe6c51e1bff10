"""The doors of those who keep the accounts: the list of people, one person, invitations, resets and locks."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, can, machine_now, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import (
    FindPersonForm,
    InviteAccountForm,
    LockAccountForm,
    ResetAccountForm,
    ResetTotpForm,
    member_choices,
    role_choices,
)
from alliance.accounts.rules.sign_in import LINK
from alliance.accounts.views.mailboxes import link_key, sends_mail
from alliance.accounts.views.sessions import blueprint
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.members import queries as members
from alliance.pages import Leaf, part

ON_A_PAGE = 30
LAST_PAGE = 100_000  # a database counts no further than it can


@blueprint.get("/persons/list")
@requires(Act.ACCOUNTS_PERSON_LIST)
def list_persons() -> ResponseReturnValue:
    """The people of the alliance, to search and to leaf through."""
    form = FindPersonForm(request.args)
    employers = member_choices(members.institutions(alliance_id(), today()), _("no member"), none="-")
    form.employer.choices = [("", _("all")), *employers]
    form.role.choices = [("", _("all")), *role_choices()]
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    page, size = part(page, ON_A_PAGE)
    found, total = queries.people(
        alliance_id(),
        today(),
        machine_now(),
        search=(form.search.data or "").strip(),
        employer=form.employer.data or "",
        role=form.role.data or "",
        start=(page - 1) * size,
        count=size,
    )
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page" and value}
    leaf = Leaf.of(page, size, total, lambda number: url_for(".list_persons", **{**kept, "page": number}))
    return render_template("accounts/list_persons.html", form=form, people=found, page=leaf, filtered=bool(kept))


def _person(account: str) -> queries.PersonInfo:
    """A person of this alliance; of any other nobody learns that there is one."""
    hashed = queries.secret_hash(current_user.get_id())
    found = queries.person(alliance_id(), account, today(), machine_now(), hashed)
    if found is None:
        raise NotFound()
    return found


def _kept(account: str) -> queries.PersonInfo:
    """A person whose accounts this alliance keeps."""
    found = _person(account)
    if not found.kept:
        raise NotFound()
    return found


@blueprint.get("/persons/read/<account>")
@requires(Act.ACCOUNTS_PERSON_READ)
def read_person(account: str) -> ResponseReturnValue:
    """One person with accounts, roles and open sessions."""
    found = _person(account)
    people = {grant.given_by for grant in found.grants} | {grant.ended_by for grant in found.grants}
    return render_template(
        "accounts/read_person.html",
        someone=found,
        account=account,
        people=queries.names(people - {""}),
        mailbox=queries.mailbox(account) if found.kept and can(Act.ACCOUNTS_ACCOUNT_INVITE) else None,
    )


def _link(secret: str) -> str:
    return url_for(".set_password", secret=secret, _external=True)


@blueprint.route("/accounts/invite", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_ACCOUNT_INVITE)
def invite_account() -> ResponseReturnValue:
    """A new person with an account; the link that sets the password is shown once."""
    form, link = InviteAccountForm(), ""
    form.employer.choices = member_choices(members.members(alliance_id(), today()), _("no member"))
    if form.validate_on_submit():
        ok, secret = form.done(
            lambda: services.invite_account(
                alliance_id(),
                (form.account.data or "").strip().lower(),
                (form.name_zh.data or "").strip(),
                (form.name_en.data or "").strip(),
                form.employer.data,
                (form.address.data or "").strip() if sends_mail() else "",
                link_key(),
                (form.employee.data or "").strip().upper(),
                by=actor(),
                now=machine_now(),
            )
        )
        link = _link(secret) if ok and secret else ""
    return render_template(
        "accounts/invite_account.html", form=form, link=link, until=machine_now() + LINK, sends=sends_mail()
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/accounts/reset/<account>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_ACCOUNT_RESET)
def reset_account(account: str) -> ResponseReturnValue:
    """Take an account's password away; the link that sets a new one is shown once."""
    found, form, link = _kept(account), ResetAccountForm(), ""
    box, key = queries.mailbox(account) if sends_mail() else None, link_key() if sends_mail() else ""
    if form.validate_on_submit():
        ok, secret = form.done(
            lambda: services.reset_account(alliance_id(), account, key, by=actor(), now=machine_now())
        )
        link = _link(secret) if ok and secret else ""
    return render_template(
        "accounts/reset_account.html",
        form=form,
        someone=found,
        account=account,
        link=link,
        until=machine_now() + LINK,
        mailed=bool(box and box.address),
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/accounts/lock/<account>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_ACCOUNT_LOCK)
def lock_account(account: str) -> ResponseReturnValue:
    """Shut an account."""
    found, form = _kept(account), LockAccountForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.lock_account(alliance_id(), account, form.reason.data or "", by=actor(), now=machine_now())
        )
        if ok:
            flash(_("The account is locked and its sessions have ended."), "success")
            return redirect(url_for(".read_person", account=account))
    return render_template(
        "accounts/lock_account.html", form=form, someone=found, account=account
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/accounts/unlock/<account>")
@requires(Act.ACCOUNTS_ACCOUNT_UNLOCK)
def unlock_account(account: str) -> ResponseReturnValue:
    """Open an account again."""
    services.unlock_account(alliance_id(), account, by=actor(), now=machine_now())
    flash(_("The account is open again."), "success")
    return redirect(url_for(".read_person", account=account))


@blueprint.post("/sessions/end/<account>")
@requires(Act.ACCOUNTS_SESSION_END)
def end_session(account: str) -> ResponseReturnValue:
    """End all sessions of an account."""
    services.end_session(alliance_id(), account, by=actor(), now=machine_now())
    flash(_("The sessions of %(account)s have ended.", account=account), "success")
    return redirect(url_for(".read_person", account=account))


@blueprint.route("/totp/reset/<account>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_TOTP_RESET)
def reset_totp(account: str) -> ResponseReturnValue:
    """Take the authenticator of an account away."""
    found, form = _kept(account), ResetTotpForm()
    if form.validate_on_submit():
        ok, _none = form.done(lambda: services.reset_totp(alliance_id(), account, by=actor(), now=machine_now()))
        if ok:
            flash(_("The authenticator of %(account)s is reset.", account=account), "success")
            return redirect(url_for(".read_person", account=account))
    return render_template(
        "accounts/reset_totp.html", form=form, someone=found, account=account
    ), 422 if form.errors or form.refused else 200
