"""The doors to what lies behind the points of a month: sums, their lines, and what departments did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

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
from alliance.workpoints.rules.income import CLASSES
from alliance.workpoints.rules.volumes import VolumePart, report, reports, together
from alliance.workpoints.rules.workloads import SOURCE
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
from alliance.workpoints.volume.points import Done, Earned

Sum = TypeVar("Sum", Earned, Done)

SIZE = 50
PLACE = ("role", "unit", "person", "setting")  # what names a sum
ROLE_WORDS = {"ordering": mark("Ordering"), "performing": mark("Performing")}
SIDES = {"performed": mark("by performing department"), "ordered": mark("by ordering department")}
SETTING_WORDS = {"outpatient": mark("Outpatient"), "inpatient": mark("Inpatient")}


def _month(institution: str, month: str) -> MonthLines:
    return queries.month_lines(partitions(), alliance_id(), institution, month)


def _last_loaded(institution: str) -> str:
    return next(iter(queries.loaded_months(alliance_id(), institution)), "")


@blueprint.get("/lines/list")
@requires(Act.WORKPOINTS_LINE_LIST)
def list_lines() -> ResponseReturnValue:
    """The sums of points that the reader may see; of one of them, the lines behind it."""
    institution = asked_institution()
    month = asked_month(_last_loaded(institution))
    lines = _month(institution, month)
    mine = _visible(institution, lines.earned)
    named = {name: request.args[name] for name in PLACE if name in request.args}
    found = _wanted(mine, named)
    one = found[0] if _is_one(named) else None
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)

    def address(number: int) -> str:
        return url_for(".list_lines", **{**_place(institution, month), **named, "page": number})

    behind = one and queries.lines_behind(
        partitions(), alliance_id(), institution, month, lines.loads, one, size, (page - 1) * size
    )
    return render_template(
        "workpoints/list_lines.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        one=one,
        behind=behind,
        sums=[] if one else found[(page - 1) * size : page * size],
        found=found,
        counting=[f"{source}-r{revision}" for source, revision in lines.loads],
        rested=[name for name in request.args.get("loads", "").split(",") if name],
        leaf=Leaf.of(page, size, one.lines if one else len(found), address),
        place=_place(institution, month),
        units=_names(institution, mine),
        people=_people(institution, mine),
        chosen=named,
        loaded=bool(lines.loads),
        ledger=SOURCE,
        items=_items(institution, month) if one else {},
        roles={code: _(words) for code, words in ROLE_WORDS.items()},
        settings={code: _(words) for code, words in SETTING_WORDS.items()},
    )


def _is_one(named: Mapping[str, str]) -> bool:
    """Whether an address names one sum and does not only narrow the list."""
    return len(named) == len(PLACE)


def _wanted(sums: list[Earned], named: Mapping[str, str]) -> list[Earned]:
    """The sums of an address: those that its filters let through, or the one that it names, else NotFound."""
    if not _is_one(named):
        return [one for one in sums if all(value in ("", getattr(one, name)) for name, value in named.items())]
    found = [one for one in sums if all(value == getattr(one, name) for name, value in named.items())]
    if not found:
        raise NotFound()
    return found


def _place(institution: str, month: str) -> dict[str, Any]:
    return {"institution": institution, "month": month}


def _visible(institution: str, sums: list[Sum]) -> list[Sum]:
    """What of the sums the reader may see: the hospital's own readers all, a head those of the own units, an employee
    the own."""
    mine = scope()
    if institution in mine.bonus and can(Act.WORKPOINTS_LINE_LIST, institution):
        return sums
    own = mine.employee if mine.employer == institution else ""
    units = headed(institution)
    return [one for one in sums if one.unit in units or (own and one.person == own)]


def _names(institution: str, mine: list[Sum]) -> dict[str, str]:
    known = members.department_names(alliance_id(), institution)
    return {one.unit: label(known[one.unit]) if one.unit in known else one.unit for one in mine}


def _people(institution: str, mine: list[Sum]) -> dict[str, str]:
    numbers = {one.person for one in mine}
    known = members.staffing(alliance_id(), institution).employees
    return {fact.number: label(fact) for fact in known if fact.number in numbers}


def _items(institution: str, month: str) -> dict[str, str]:
    known = queries.items(alliance_id(), institution, Period.parse(month).last)
    return {code: (item.en if lang() == "en" else item.zh) for code, item in known.items()}


@blueprint.get("/techniques/list")
@requires(Act.WORKPOINTS_LINE_LIST)
def list_technique() -> ResponseReturnValue:
    """How often new techniques were done, as far as the reader may see it; of a ?technique= and ?unit= the lines."""
    institution = asked_institution()
    month = asked_month(_last_loaded(institution))
    asked = queries.month_techniques(partitions(), alliance_id(), institution, month)
    mine = _visible(institution, asked.done)
    named = {name: request.args[name] for name in ("technique", "unit") if name in request.args}
    found = [one for one in mine if all(value == getattr(one, name) for name, value in named.items())]
    sums = queries.done_by_unit(found)
    one = next(iter(sums), None) if len(named) == 2 else None
    if len(named) == 2 and not one:
        own = scope().employee if scope().employer == institution else ""
        if (named["unit"], own) not in queries.roll(alliance_id(), institution, month).people:
            raise NotFound()
        named, sums = {}, queries.done_by_unit(mine)  # others of the unit did it: the list of the own lines
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    place = _place(institution, month)
    behind = one and queries.technique_lines(
        partitions(), alliance_id(), institution, month, asked, found, size, (page - 1) * size
    )
    total = one.lines if one else len(sums)
    return render_template(
        "workpoints/list_technique.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        place=place,
        scheme=asked.scheme,
        techniques={technique.code: technique for technique in asked.techniques},
        one=one,
        sums=sums[(page - 1) * size : page * size],
        lines=behind,
        leaf=Leaf.of(
            page, size, total, lambda number: url_for(".list_technique", **{**place, **named, "page": number})
        ),
        units=_names(institution, mine),
        people=_people(institution, mine),
        items=_items(institution, month) if one else {},
        ledger=SOURCE,
        settings={code: _(words) for code, words in SETTING_WORDS.items()},
    )


@blueprint.get("/volumes/read")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def read_volume() -> ResponseReturnValue:
    """The three standing reports of a month by department: business volume, patients, quality of the lines."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    month = asked_month(_last_loaded(institution))
    lines = _month(institution, month)
    performed, ordered = queries.month_volumes(partitions(), alliance_id(), institution, month)
    known = members.department_names(alliance_id(), institution)
    found = queries.stays(alliance_id(), institution, month)
    return render_template(
        "workpoints/read_volume.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        performed=reports(performed),
        ordered=reports(ordered),
        whole=report("", performed),
        all_patients=report("", ordered),
        stays=found,
        all_stays=together(found.values()),
        names={code: label(fact) for code, fact in known.items()},
        lines=lines,
    )


@blueprint.get("/volumes/list")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def list_volume() -> ResponseReturnValue:
    """The lines behind a sum of the standing reports: ?side=performed or ordered, of the unit ?unit= (empty: unknown)
    or of all ?beneath= a department, of a ?setting= and an ?item_class=."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    month = asked_month(_last_loaded(institution))
    side, setting, item_class = (request.args.get(name, "") for name in ("side", "setting", "item_class"))
    if side not in SIDES or setting not in ("", *SETTING_WORDS) or item_class not in ("", *CLASSES):
        raise NotFound()
    units = _units_of(institution, month)
    chosen = VolumePart(side == "ordered", units, setting, item_class)
    performed, ordered = queries.month_volumes(partitions(), alliance_id(), institution, month)
    whole = report("", chosen.of(ordered if chosen.ordered else performed)).whole
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    lines = queries.volume_lines(partitions(), alliance_id(), institution, month, chosen, size, (page - 1) * size)
    place = {**request.args.to_dict(), **_place(institution, month)}
    return render_template(
        "workpoints/list_volume.html",
        institution=institution,
        month=month,
        shown=[text for text in _shown(institution, chosen) if text],
        whole=whole,
        lines=lines,
        leaf=Leaf.of(page, size, whole.lines, lambda number: url_for(".list_volume", **{**place, "page": number})),
        items=_items(institution, month),
        settings={code: _(words) for code, words in SETTING_WORDS.items()},
    )


def _units_of(institution: str, month: str) -> frozenset[str] | None:
    """The units that an address names; None for all of the hospital."""
    beneath = request.args.get("beneath", "")
    if beneath:
        return members.beneath_of(alliance_id(), institution, {beneath}, Period.parse(month).last) | {beneath}
    return frozenset({request.args["unit"]}) if "unit" in request.args else None


def _shown(institution: str, chosen: VolumePart) -> list[str]:
    """A part of the volumes in words."""
    unit = request.args.get("beneath", "") or request.args.get("unit", "")
    known = members.department_names(alliance_id(), institution)
    name = label(known[unit]) if unit in known else unit
    if chosen.units is None:
        name = _("whole hospital")
    elif not name:
        name = _("department unknown")
    kind = CLASSES[chosen.item_class][lang() == "en"] if chosen.item_class else ""
    setting = _(SETTING_WORDS[chosen.setting]) if chosen.setting else ""
    words = SIDES["ordered"] if chosen.ordered else SIDES["performed"]
    return [_(words), name, setting, kind]
