"""The doors of permissions: give a role, name a deputy, end a role."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, machine_now, now, requires, today
from alliance.accounts import queries, services
from alliance.accounts.forms import (
    GiveGrantForm,
    NameDeputyForm,
    RevokeGrantForm,
    department_choices,
    member_choices,
    person_choices,
    role_choices,
)
from alliance.accounts.views.sessions import blueprint
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.members import queries as members


@blueprint.route("/grants/give/<account>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_GRANT_GIVE)
def give_grant(account: str) -> ResponseReturnValue:
    """Give a role to an account."""
    person = queries.person(alliance_id(), account, today(), machine_now())
    if person is None:
        raise NotFound()
    form = GiveGrantForm()
    form.first_day = today()
    form.role.choices = [("", _("Choose…")), *role_choices()]
    form.institution.choices = member_choices(members.members(alliance_id(), today()), _("the whole alliance"))
    found = members.departments_on(alliance_id(), form.institution.data or "", today())
    form.department.choices = department_choices(found)
    if request.method == "GET":
        form.start.data = today()
    asked = "show" in request.form  # only for the departments of the member chosen
    if not asked and form.validate_on_submit():
        ok, _number = form.done(
            lambda: services.give_grant(
                account,
                form.role.data,
                alliance_id(),
                form.institution.data,
                form.start.data or today(),
                form.until,
                department=form.department.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The role is given."), "success")
            return redirect(url_for(".read_person", account=account))
    return render_template(
        "accounts/give_grant.html", form=form, someone=person, account=account, found=found, asked=asked
    ), 422 if form.errors or form.refused else 200


def _grant(number: int) -> queries.GrantLine:
    found = queries.grant_line(alliance_id(), number, today())
    if found is None:
        raise NotFound()
    return found


@blueprint.route("/grants/revoke/<int:number>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_GRANT_REVOKE)
def revoke_grant(number: int) -> ResponseReturnValue:
    """End a role, today or on a later day."""
    grant, form = _grant(number), RevokeGrantForm()
    if request.method == "GET":
        form.until.data = today()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.revoke_grant(
                alliance_id(), number, form.until.data or today(), form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The role ends; the sessions of %(account)s have ended.", account=grant.account), "success")
            return redirect(url_for(".read_person", account=grant.account))
    return render_template(
        "accounts/revoke_grant.html", form=form, grant=grant
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/deputies/name/<int:number>", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_DEPUTY_NAME)
def name_deputy(number: int) -> ResponseReturnValue:
    """Let somebody stand in for the holder of a role for some time."""
    grant, form = _grant(number), NameDeputyForm()
    form.first_day = today()
    form.account.choices = person_choices(queries.candidates(alliance_id()), but=grant.account)
    if request.method == "GET":
        form.start.data = max(today(), grant.grant.start)
    if form.validate_on_submit():
        ok, _number = form.done(
            lambda: services.name_deputy(
                alliance_id(),
                number,
                form.account.data,
                form.start.data or today(),
                form.until or date.max,
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The deputy is named."), "success")
            return redirect(url_for(".read_person", account=form.account.data))
    return render_template(
        "accounts/name_deputy.html", form=form, grant=grant
    ), 422 if form.errors or form.refused else 200
