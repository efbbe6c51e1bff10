"""The doors of conflicts of interest."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import label
from alliance.members import queries as members
from alliance.ratings import queries, services
from alliance.ratings.forms import DeclareConflictForm, EndConflictForm
from alliance.ratings.rules.conflicts import KINDS
from alliance.ratings.views.blueprint import blueprint, ways


@blueprint.get("/conflicts/list")
@requires(Act.RATINGS_CONFLICT_LIST)
def list_conflicts() -> ResponseReturnValue:
    """An expert's own conflicts of interest; all of them for those who read the whole alliance."""
    mine = "" if scope().institutions is None else scope().account
    found = queries.conflicts(alliance_id(), mine)
    return render_template(
        "ratings/list_conflicts.html", ways=ways(), conflicts=found, kinds=KINDS, on=today(), own=scope().account,
        people=accounts.names({one.account for one in found}), declares=can(Act.RATINGS_CONFLICT_DECLARE),
    )  # fmt: skip


@blueprint.route("/conflicts/declare", methods=["GET", "POST"])
@requires(Act.RATINGS_CONFLICT_DECLARE)
def declare_conflict() -> ResponseReturnValue:
    """Declare that one stands apart from a member."""
    form = DeclareConflictForm()
    form.offer([(one.code, f"{one.code} {label(one)}") for one in members.members(alliance_id(), today())])
    if request.method == "GET":
        form.start.data = today()
    if form.validate_on_submit():
        start = form.start.data
        assert start is not None
        ok, _number = form.done(
            lambda: services.declare_conflict(
                alliance_id(), form.institution.data, form.kind.data, form.reason.data or "", start, form.until.data,
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("Declared: nothing of this member is offered to you while it holds."), "success")
            return redirect(url_for(".list_conflicts"))
    return render_template("ratings/declare_conflict.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/conflicts/end/<int:number>", methods=["GET", "POST"])
@requires(Act.RATINGS_CONFLICT_END)
def end_conflict(number: int) -> ResponseReturnValue:
    """End a conflict of interest of one's own."""
    one, form = queries.conflict(alliance_id(), number), EndConflictForm()
    if one is None or one.account != scope().account:
        raise NotFound()
    if request.method == "GET":
        form.end.data = today()
    if form.validate_on_submit():
        end = form.end.data
        assert end is not None
        ok, _none = form.done(
            lambda: services.end_conflict(
                alliance_id(), number, end, form.why.data or "", by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(_("The conflict of interest ends."), "success")
            return redirect(url_for(".list_conflicts"))
    return render_template(
        "ratings/end_conflict.html", form=form, one=one, kinds=KINDS
    ), 422 if form.errors or form.refused else 200
