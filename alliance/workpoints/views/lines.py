"""The doors to what lies behind the points of a month: sums, their lines, and what departments did."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, can, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, mark
from alliance.i18n import label, lang
from alliance.members import queries as members
from alliance.pages import Leaf, part
from alliance.workpoints import queries
from alliance.workpoints.queries import MonthLines
from alliance.workpoints.rules.volumes import report, reports
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    headed,
    kept,
    partitions,
    ways,
)
from alliance.workpoints.views.charges import month_choices
from alliance.workpoints.volume.points import Earned

SIZE = 50
ROLE_WORDS = {"ordering": mark("Ordering"), "performing": mark("Performing")}
SETTING_WORDS = {"outpatient": mark("Outpatient"), "inpatient": mark("Inpatient")}


def _month(institution: str, month: str) -> MonthLines:
    rows = queries.earning(alliance_id(), institution, Period.parse(month).last)
    return queries.month_lines(partitions(), alliance_id(), institution, month, rows)


def _last_loaded(institution: str) -> str:
    return next(iter(queries.loaded_months(alliance_id(), institution)), "")


@blueprint.get("/lines/list")
@requires(Act.WORKPOINTS_LINE_LIST)
def list_lines() -> ResponseReturnValue:
    """The sums of points that the reader may see; of one of them, the lines behind it."""
    institution = asked_institution()
    month = asked_month(_last_loaded(institution))
    lines = _month(institution, month)
    mine = [one for one in lines.earned if _may_see(institution, one)]
    args = request.args
    named = {name: args[name] for name in ("role", "unit", "person", "setting") if name in args}
    whole = "role" in named and len(named) == 4
    found = [one for one in mine if all(value in ("", getattr(one, name)) for name, value in named.items())]
    if whole:
        found = [one for one in mine if all(getattr(one, name) == value for name, value in named.items())]
    if whole and not found:
        raise NotFound()
    page, size = part(max(args.get("page", 1, type=int), 1), SIZE)

    def address(number: int) -> str:
        return url_for(".list_lines", **{**_place(institution, month), **named, "page": number})

    behind = queries.lines_behind(
        partitions(), alliance_id(), institution, month, lines.loads, found[0], size, (page - 1) * size
    ) if whole else []  # fmt: skip
    return render_template(
        "workpoints/list_lines.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        one=found[0] if whole else None,
        behind=behind,
        sums=[] if whole else found[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, found[0].lines if whole else len(found), address),
        place=_place(institution, month),
        units=_names(institution, mine),
        people=_people(institution, mine),
        chosen=named,
        loaded=bool(lines.loads),
        items=_items(institution, month) if whole else {},
        roles={code: _(words) for code, words in ROLE_WORDS.items()},
        settings={code: _(words) for code, words in SETTING_WORDS.items()},
    )


def _place(institution: str, month: str) -> dict[str, Any]:
    return {"institution": institution, "month": month}


def _may_see(institution: str, one: Earned) -> bool:
    """The hospital's own readers see every sum, a head those of the own units, an employee the own."""
    mine = scope()
    if institution in mine.bonus and can(Act.WORKPOINTS_LINE_LIST, institution):
        return True
    own = mine.employer == institution and mine.employee != "" and one.person == mine.employee
    return own or one.unit in headed(institution)


def _names(institution: str, mine: list[Earned]) -> dict[str, str]:
    known = members.department_names(alliance_id(), institution)
    return {one.unit: label(known[one.unit]) if one.unit in known else one.unit for one in mine}


def _people(institution: str, mine: list[Earned]) -> dict[str, str]:
    numbers = {one.person for one in mine}
    known = members.staffing(alliance_id(), institution).employees
    return {fact.number: label(fact) for fact in known if fact.number in numbers}


def _items(institution: str, month: str) -> dict[str, str]:
    known = queries.items(alliance_id(), institution, Period.parse(month).last)
    return {code: (item.en if lang() == "en" else item.zh) for code, item in known.items()}


@blueprint.get("/volumes/read")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def read_volume() -> ResponseReturnValue:
    """The three standing reports of a month by department: business volume, patients, quality of the lines."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    month = asked_month(_last_loaded(institution))
    lines = _month(institution, month)
    known = members.department_names(alliance_id(), institution)
    return render_template(
        "workpoints/read_volume.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        performed=reports(lines.performed),
        ordered=reports(lines.ordered),
        whole=report("", lines.performed),
        all_patients=report("", lines.ordered),
        names={code: label(fact) for code, fact in known.items()},
        lines=lines,
    )
