"""The doors of the units' reserves: list, open, release, review."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.money import cents
from alliance.core.refused import NotFound
from alliance.i18n import words
from alliance.members import queries as members
from alliance.workpoints import queries, services
from alliance.workpoints.forms import ReleaseReserveForm, ReviewReserveForm
from alliance.workpoints.queries import ReleaseInfo, ReserveInfo
from alliance.workpoints.rules.ledgers import REVIEW_STATES
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    closed,
    headed,
    kept,
    kept_unit,
    ways,
)


def _seen(institution: str) -> dict[str, ReserveInfo]:
    """The reserves that are the reader's business: an office's all, a head's the own units'."""
    found = queries.reserves(alliance_id(), institution)
    mine = found.keys() if institution in scope().bonus else headed(institution)
    return {unit: one for unit, one in found.items() if unit in mine}


def _people(found: Iterable[ReleaseInfo]) -> dict[str, tuple[str, str, str]]:
    hands = {name for one in found for name in (one.entered_by, one.reviewed_by)} - {""}
    return accounts.names(hands)


@blueprint.get("/reserves/list")
@requires(Act.WORKPOINTS_RESERVE_LIST)
def list_reserves() -> ResponseReturnValue:
    """What the units have in reserve, and every release; a head sees the own units'."""
    institution = asked_institution()
    mine = _seen(institution)
    found = [one for one in queries.releases(alliance_id(), institution) if one.unit in mine]
    scheme = queries.scheme_in_force(alliance_id(), institution, asked_month())
    return render_template(
        "workpoints/list_reserves.html", institution=institution, reserves=mine, releases=found,
        states=REVIEW_STATES, people=_people(found), account=scope().account, ways=ways(institution),
        limit=scheme.scheme.limits.reserve if scheme else Decimal(0),
        enters=can(Act.WORKPOINTS_RESERVE_RELEASE) and any(one.left > 0 for one in mine.values()),
        reviews=can(Act.WORKPOINTS_RESERVE_REVIEW, institution), sets=can(Act.WORKPOINTS_RULE_READ),
    )  # fmt: skip


@blueprint.get("/reserves/read/<institution>/<unit>")
@requires(Act.WORKPOINTS_RESERVE_READ)
def read_reserve(institution: str, unit: str) -> ResponseReturnValue:
    """What each month kept of a unit's bonus and what was released of it, with what was left."""
    kept_unit(Act.WORKPOINTS_RESERVE_READ, institution, unit)
    if unit not in members.department_names(alliance_id(), institution):
        raise NotFound()
    found = queries.releases(alliance_id(), institution, unit=unit)
    return render_template(
        "workpoints/read_reserve.html", institution=institution, unit=unit,
        reserve=queries.reserves(alliance_id(), institution).get(unit),
        moves=queries.reserve_moves(alliance_id(), institution, unit), releases=found, states=REVIEW_STATES,
        people=_people(found), enters=can(Act.WORKPOINTS_RESERVE_RELEASE), account=scope().account,
        reviews=can(Act.WORKPOINTS_RESERVE_REVIEW, institution), ways=ways(institution),
    )  # fmt: skip


@blueprint.route("/reserves/release/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RESERVE_RELEASE)
def release_reserve(institution: str) -> ResponseReturnValue:
    """Release an amount of a unit's reserve to its people; ?unit= and ?month= say of which and when."""
    if not can(Act.WORKPOINTS_RESERVE_RELEASE, institution) and not headed(institution):
        raise NotFound()
    concerns(institution)
    form, month = ReleaseReserveForm(), asked_month()
    mine = {unit: one for unit, one in _seen(institution).items() if one.left > 0}
    form.offer(month, mine, members.department_names(alliance_id(), institution))
    if request.method == "GET":
        form.month.data, form.unit.data = month, request.args.get("unit", "")
    if form.validate_on_submit():
        given = services.GivenRelease(
            form.unit.data, form.month.data, cents(form.amount.data or Decimal(0)), form.reason.data or "",
            form.document.data or "",
        )  # fmt: skip
        ok, number = form.done(
            lambda: services.release_reserve(alliance_id(), institution, given, by=actor(), now=now())
        )
        if ok:
            flash(_("Release %(number)s waits for a review by somebody else.", number=number), "success")
            return redirect(url_for(".read_reserve", institution=institution, unit=given.unit))
    return render_template(
        "workpoints/release_reserve.html", form=form, institution=institution, reserves=mine
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/reserves/review/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_RESERVE_REVIEW)
def review_reserve(institution: str, number: int) -> ResponseReturnValue:
    """Accept a release or refuse it; one that was accepted is taken back until its month is approved."""
    kept(Act.WORKPOINTS_RESERVE_REVIEW, institution)
    found = queries.release(alliance_id(), institution, number)
    if found is None:
        raise NotFound()
    form = ReviewReserveForm()
    form.offer(found.state, accepts=request.method == "POST" or not closed(institution, found.month, form))
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.review_reserve(
                alliance_id(), institution, number, form.verdict.data, form.reason.data or "", form.seen.data,
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            state = words(REVIEW_STATES[form.verdict.data])
            flash(_("Release %(number)s: %(state)s.", number=number, state=state), "success")
            return redirect(url_for(".read_reserve", institution=institution, unit=found.unit))
    return render_template(
        "workpoints/review_reserve.html", form=form, institution=institution, release=found, states=REVIEW_STATES,
        reserve=queries.reserves(alliance_id(), institution, found.month, besides=number).get(found.unit),
        people=_people([found]), closed=closed(institution, found.month, form),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
