"""The doors of money at stake and of effects: values that stand out, and what another value would do."""

from __future__ import annotations

from decimal import Decimal

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, now, requires
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound, Refused
from alliance.desk import queries
from alliance.desk.views.blueprint import blueprint
from alliance.i18n import period as period_words
from alliance.i18n import said
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import Link

MOST = 100  # figures of one what-if
MONTHS = 6
FIELD = "value-"


@blueprint.get("/desk/outliers/list")
@requires(Act.DESK_OUTLIER_LIST)
def list_outliers() -> ResponseReturnValue:
    """The values that stand out over all members, by the money at stake: ?period=, ?institution=."""
    months = [one for one in indicators.periods(alliance_id()) if Period.parse(one.code).kind is PeriodKind.MONTH]
    code = request.args.get("period", "") or next((one.code for one in months if one.due_at <= now()), "")
    if code and code not in {one.code for one in months}:
        raise NotFound()
    rows, fund = queries.ranked_outliers(alliance_id(), code, now()) if code else ([], "")
    chosen, far = request.args.get("institution", ""), request.args.get("far", "")
    names = {one.code: one for one in members.members(alliance_id(), Period.parse(code).last)} if code else {}
    return render_template(
        "desk/list_outliers.html",
        rows=[row for row in rows if chosen in ("", row.institution) and far in ("", row.found.far)],
        whole=len(rows),
        fund=fund,
        period=code,
        names=names,
        chosen={"institution": chosen, "far": far},
        elements=indicators.library(alliance_id(), Period.parse(code).last).elements if code else {},
        links=[
            Link(period_words(one.code), _place(one.code), one.code == code)
            for one in months[:MONTHS]
            if one.due_at <= now()
        ],
    )


def _place(period: str) -> str:
    return f"?period={period}"


@blueprint.get("/desk/effects/read/<period>")
@requires(Act.DESK_EFFECT_READ)
def read_effect(period: str) -> ResponseReturnValue:
    """What other values of some figures would do to scores and shares; nothing is kept. ?value-<member>-<element>= says
    the value to try; ?of=<member>-<element> asks with the value that was to be expected."""
    when = Period.parse(period)
    if indicators.period(alliance_id(), when.code) is None:
        raise NotFound()
    known = indicators.library(alliance_id(), when.last).elements
    names = {one.code: one for one in members.members(alliance_id(), when.last)}
    wanted, problem = _wanted(period, set(names), set(known))
    found = queries.effect(alliance_id(), period, wanted, now()) if wanted else None
    expected = indicators.expected_values(alliance_id(), period)
    return render_template(
        "desk/read_effect.html",
        period=when.code,
        wanted=wanted,
        found=found,
        problem=problem,
        names=names,
        elements=known,
        expected=expected,
        filed=indicators.values_of(alliance_id(), period, {who for who, _ in wanted}),
        field=FIELD,
    ), 422 if problem else 200


def _wanted(period: str, codes: set[str], known: set[str]) -> tuple[dict[tuple[str, str], Decimal | None], str]:
    """The values to try by (member, element), and what is wrong with what was typed."""
    typed = {name.removeprefix(FIELD): text for name, text in request.args.items() if name.startswith(FIELD)}
    asked = [*typed, *request.args.getlist("of")]
    places: dict[str, tuple[str, str]] = {}
    for one in asked:
        who, _dash, element = one.partition("-")
        if who not in codes or element not in known:
            raise NotFound()
        places[one] = (who, element)
    if len(places) > MOST:
        return {}, _("At most %(count)s figures can be tried together.", count=MOST)
    expected = indicators.expected_values(alliance_id(), period)
    found: dict[tuple[str, str], Decimal | None] = {}
    for name, place in places.items():
        if name not in typed:
            found[place] = expected.get(place)
            continue
        try:
            found[place] = indicators.value_typed(alliance_id(), period, place[1], typed[name])
        except Refused as refused:
            return {}, said(refused.problems[0]) if refused.problems else said(refused)
    return found, ""
