"""The doors of what a hospital sets otherwise than its library: the deviation, an override, an item's origin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, concerns, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.workpoints import queries, services
from alliance.workpoints.forms import SetOverrideForm
from alliance.workpoints.queries import DeviationReport, ItemOrigin
from alliance.workpoints.rules.items import TOGETHER
from alliance.workpoints.rules.overrides import OwnPoints
from alliance.workpoints.views.blueprint import asked_institution, blueprint, kept, partitions, paying, ways
from alliance.workpoints.views.libraries import open_months
from alliance.workpoints.views.points import classes


@blueprint.get("/overrides/list")
@requires(Act.WORKPOINTS_OVERRIDE_LIST)
def list_overrides() -> ResponseReturnValue:
    """How far the hospital departs from its library today, item by item, and what each earned last."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_OVERRIDE_LIST, institution)
    found = queries.deviation_report(alliance_id(), institution, today())
    month = next(iter(queries.loaded_months(alliance_id(), institution)), "")
    return render_template(
        "workpoints/list_overrides.html",
        institution=institution,
        ways=ways(institution),
        found=found,
        people=accounts.names({one.recorded_by for one in found.history}),
        month=month,
        earned=_earned(institution, month, found),
        sets=can(Act.WORKPOINTS_OVERRIDE_SET, institution),
        today=today(),
    )


def _earned(institution: str, month: str, found: DeviationReport) -> dict[str, Decimal]:
    """What the overridden items earned in the last month that was loaded, by item."""
    items = {line.item.code for line in found.lines}
    return queries.earned_points(partitions(), alliance_id(), institution, month, items) if month and items else {}


@blueprint.route("/overrides/set/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_OVERRIDE_SET)
def set_override(institution: str) -> ResponseReturnValue:
    """Set the own points of an item (?item=&role=) from a month on, or take the library's again."""
    kept(Act.WORKPOINTS_OVERRIDE_SET, institution)
    form = SetOverrideForm()
    months = open_months(institution)
    form.offer(months)
    if request.method == "GET":
        this = f"{today():%Y-%m}"
        form.item.data, form.role.data = request.args.get("item", ""), request.args.get("role", "performing")
        form.month.data = this if this in dict(months) else None
        form.seen.data = queries.points_state(alliance_id(), institution)
    if form.validate_on_submit():
        own = OwnPoints(
            form.item.data or "", form.role.data, None if form.back.data else form.points.data,
            Period.parse(form.month.data).first, form.reason.data or "",
        )  # fmt: skip
        ok, _none = form.done(
            lambda: services.set_override(alliance_id(), institution, own, form.seen.data or "", by=actor(), now=now())
        )
        if ok:
            flash(_("The points of %(item)s are recorded.", item=own.item), "success")
            return redirect(url_for(".list_overrides", institution=institution))
        form.seen.data = queries.points_state(alliance_id(), institution)
    return render_template(
        "workpoints/set_override.html", form=form, institution=institution, months=months,
        origin=_origin(institution, form.item.data or "", today()),
        library=queries.library_of(alliance_id(), queries.in_force(alliance_id(), institution, today())),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _origin(institution: str, code: str, day: date) -> ItemOrigin | None:
    """Where the points of an item come from; none for one that there is not."""
    try:
        return queries.item_origin(alliance_id(), institution, code, day) if code else None
    except NotFound:
        return None


@blueprint.get("/items/read/<institution>/<path:item>")
@requires(Act.WORKPOINTS_ITEM_READ)
def read_item(institution: str, item: str) -> ResponseReturnValue:
    """Where the points of an item come from on a day (?on=, by default today); open to all whom the hospital pays."""
    if institution not in paying():
        raise NotFound()
    concerns(institution)
    day = _day(request.args.get("on", ""))
    origin = queries.item_origin(alliance_id(), institution, item, day)
    together = any(row.role == TOGETHER for row in origin.rows)
    hands = {row.override.recorded_by for row in origin.rows if row.override}
    hands |= {origin.table.recorded_by} if origin.table else set()
    return render_template(
        "workpoints/read_item.html",
        institution=institution,
        origin=origin,
        people=accounts.names(hands),
        day=day,
        classes=classes(),
        shares=queries.role_shares(alliance_id(), institution, day) if together else {},
        opens=can(Act.WORKPOINTS_POINTS_READ, institution),
        reads=can(Act.WORKPOINTS_LIBRARY_READ),
        sets=can(Act.WORKPOINTS_OVERRIDE_SET, institution),
    )


def _day(text: str) -> date:
    """A day of the address; NotFound for what is none."""
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError:
        raise NotFound() from None
