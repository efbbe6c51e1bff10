"""The doors of shifts and rosters: a unit's week, a person's month, the shift table, the workbook of a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Problem, mark
from alliance.core.written import whole
from alliance.i18n import label
from alliance.pages import attachment
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import DefineShiftForm, FileRosterForm, ImportRosterForm
from alliance.workpoints.queries import DayInfo, GivenDay, RosterInfo, RosterLine
from alliance.workpoints.rules.allowances import Night
from alliance.workpoints.rules.duties import DAYS, ShiftFact, days_of, month_of, shifts_on, week_of
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    closed,
    headed,
    kept,
    kept_unit,
    ways,
)

PLACE = mark("%(person)s, %(day)s")


@blueprint.get("/rosters/read")
@requires(Act.WORKPOINTS_ROSTER_READ)
def read_roster() -> ResponseReturnValue:
    """A week of a unit's roster; who is employed only sees the own line."""
    institution, week = asked_institution(), _asked_week()
    month = month_of(week)
    roll, own = queries.roll(alliance_id(), institution, month), _own(institution)
    mine = _read_units(institution, roll, own)
    unit = request.args.get("unit") or next(iter(mine), "")
    if unit and unit not in mine:
        raise NotFound()
    found = queries.roster(alliance_id(), institution, unit, week) if unit else None
    if found and not _reads_whole(institution, unit):
        found = replace(found, lines=tuple(line for line in found.lines if line.fact.number == own))
    days = days_of(week)
    return render_template(
        "workpoints/read_roster.html", institution=institution, unit=unit, week=week, month=month, days=days,
        roll=roll, roster=found, units=[(code, f"{label(roll.units[code][0])} {code}") for code in mine],
        back=week_of(days[0] - timedelta(days=1)), ahead=week_of(days[-1] + timedelta(days=1)),
        closed=bool(found and found.is_closed(now())), own=own if unit and not _reads_whole(institution, unit) else "",
        files=bool(unit) and _files(institution, unit) and not _paid(institution, days),
        defines=can(Act.WORKPOINTS_SHIFT_DEFINE, institution),
        imports=can(Act.WORKPOINTS_ROSTER_IMPORT, institution), ways=ways(institution, month),
    )  # fmt: skip


def _own(institution: str) -> str:
    """The reader's staff number at an institution; "" for who is not employed there."""
    mine = scope()
    return mine.employee if mine.employer == institution else ""


def _reads_whole(institution: str, unit: str) -> bool:
    """Whether the reader sees everybody of a unit: its head, and the offices of the hospital."""
    return institution in scope().bonus or unit in headed(institution)


def _files(institution: str, unit: str) -> bool:
    act = Act.WORKPOINTS_ROSTER_FILE
    return can(act, institution) or (can(act) and unit in headed(institution))


def _paid(institution: str, days: Sequence[date]) -> bool:
    """Whether every day lies in a month whose bonus is approved."""
    return {f"{day:%Y-%m}" for day in days} <= queries.closed_months(alliance_id(), institution)


def _read_units(institution: str, roll: queries.Roll, own: str) -> list[str]:
    """The units with people whose roster the reader may open, all or in part, in the order of the tree."""
    mine = {unit for unit, person in roll.people if own and person == own}
    return [code for code in roll.staffed() if code in mine or _reads_whole(institution, code)]


def _asked_week() -> str:
    """The week of the address, else the first one of its month, else this one."""
    if request.args.get("week"):
        return week_of(days_of(request.args["week"])[0])
    if request.args.get("month"):
        # The week of the 4th is the first one that lies mostly in the month.
        return week_of(Period.parse(asked_month()).first.replace(day=4))
    return week_of(today())


@blueprint.get("/nights/read/<institution>/<month>/<person>")
@requires(Act.WORKPOINTS_ROSTER_READ)
def read_nights(institution: str, month: str, person: str) -> ResponseReturnValue:
    """The days of a person's month by the rosters, and its nights by shift: what a payslip's line rests on."""
    month = checked_month(month)
    found = queries.roster_days(alliance_id(), institution, person, month)
    here = {unit for unit, number in queries.roll(alliance_id(), institution, month).people if number == person}
    units = here | {one.unit for one in found}
    whole = institution in scope().bonus
    if not (whole or (person and _own(institution) == person) or units & headed(institution)):
        raise NotFound()
    fact = queries.employees_of(alliance_id(), institution).get(person)
    if fact is None:
        raise NotFound()
    table = queries.shift_facts(alliance_id(), institution)
    nights = queries.nights_of(found, table)
    return render_template(
        "workpoints/read_nights.html", institution=institution, month=month, fact=fact, days=found,
        shifts={one.day: shifts_on(table, one.day).get(one.shift) for one in found},
        nights=nights, counts=_counts(nights, found, table), weeks={one.day: week_of(one.day) for one in found},
        units=queries.roll(alliance_id(), institution, month).units, back=Period.parse(month).back(1).code,
        ahead=Period.parse(month).back(-1).code,
        people=accounts.names({one.recorded_by for one in found}), ways=ways(institution, month),
        readable={unit for unit in units if _own(institution) == person or _reads_whole(institution, unit)},
    )  # fmt: skip


def _counts(
    nights: Sequence[Night], days: Sequence[DayInfo], table: Sequence[ShiftFact]
) -> list[tuple[str, int]]:  # fmt: skip
    """How many nights of each shift, by its name."""
    known = {one.shift: fact for one in days if (fact := shifts_on(table, one.day).get(one.shift))}
    found = Counter(night.shift for night in nights)
    return [(f"{label(known[code])} {code}", number) for code, number in sorted(found.items())]


@blueprint.route("/shifts/define/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_SHIFT_DEFINE)
def define_shift(institution: str) -> ResponseReturnValue:
    """The shift table, and a shift of it, new or as it is from a day on."""
    kept(Act.WORKPOINTS_SHIFT_DEFINE, institution)
    form = DefineShiftForm()
    table = queries.shift_facts(alliance_id(), institution)
    before = shifts_on(table, today()).get(request.args.get("code", ""))
    if request.method == "GET":
        form.start.data = today()
        for name in ("code", "name_zh", "name_en", "hours", "night") if before else ():
            form[name].data = getattr(before, name)
    if form.validate_on_submit():
        fact = ShiftFact(
            form.code.data or "", form.name_zh.data or "", form.name_en.data or "", (form.hours.data or "").strip(),
            bool(form.night.data), form.start.data or today(),
        )  # fmt: skip
        ok, _none = form.done(lambda: services.define_shift(alliance_id(), institution, fact, by=actor(), now=now()))
        if ok:
            flash(_("%(what)s is recorded.", what=label(fact)), "success")
            return redirect(url_for(".define_shift", institution=institution))
    return render_template(
        "workpoints/define_shift.html", form=form, institution=institution, table=shifts_on(table, date.max).values(),
        before=before,
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@dataclass(frozen=True, slots=True)
class Square:
    """A day of a person in the grid: its field, the shift that stands there, its revision; `unit` where it is another
    one's, `paid` in a month whose bonus is approved; `open` whether it can be filed here."""

    field: str
    shift: str
    revision: int
    unit: str
    paid: bool
    open: bool


@blueprint.route("/rosters/file/<institution>/<unit>/<week>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_ROSTER_FILE)
def file_roster(institution: str, unit: str, week: str) -> ResponseReturnValue:
    """A week of a unit as a grid of persons and days; ?copy=1 fills empty days with the shifts of the week before."""
    kept_unit(Act.WORKPOINTS_ROSTER_FILE, institution, unit)
    found, form, wrong = queries.roster(alliance_id(), institution, unit, week), FileRosterForm(), dict[str, Problem]()
    paid = queries.closed_months(alliance_id(), institution)
    if form.validate_on_submit():
        given = _given(found, paid)
        ok, changed = form.done(
            lambda: services.file_roster(
                alliance_id(), institution, unit, week, given, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(ngettext("%(num)s day was saved.", "%(num)s days were saved.", changed or 0), "success")
            return redirect(url_for(".read_roster", institution=institution, unit=unit, week=week))
        wrong = {
            str(one.at["cell"]): one for one in (form.refused.problems if form.refused else ()) if "cell" in one.at
        }
        found = queries.roster(alliance_id(), institution, unit, week)
    roll = queries.roll(alliance_id(), institution, month_of(week))
    return render_template(
        "workpoints/file_roster.html", form=form, institution=institution, unit=unit, week=week, roster=found,
        rows=[(line, _squares(found, line, paid)) for line in found.lines], wrong=wrong,
        typed=_shown(found, paid, wrong), fact=roll.units[unit][0] if unit in roll.units else None,
        closed=found.is_closed(now()), copied=bool(request.args.get("copy")), paid=_paid(institution, found.days),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _squares(found: RosterInfo, line: RosterLine, paid: frozenset[str]) -> list[Square]:
    squares = []
    for day, info, here in zip(found.days, line.days, line.here, strict=True):
        other = info.unit if info and info.shift and info.unit != found.unit else ""
        shift, revision = (info.shift, info.revision) if info else ("", 0)
        is_paid = f"{day:%Y-%m}" in paid
        is_open = not other and not is_paid and (here or bool(shift))
        squares.append(Square(f"d.{line.fact.number}.{day}", shift, revision, other, is_paid, is_open))
    return squares


def _given(found: RosterInfo, paid: frozenset[str]) -> list[GivenDay]:
    """The days of the form that can be filed here."""
    given = []
    for line in found.lines:
        seen = request.form.get(f"seen.{line.fact.number}", "").split(".")
        for place, (day, square) in enumerate(zip(found.days, _squares(found, line, paid), strict=True)):
            if square.field in request.form:
                revision = whole(seen[place]) or 0 if place < len(seen) else 0
                at = (PLACE, {"person": label(line.fact), "day": day, "cell": square.field})
                shift = request.form[square.field].strip().upper()
                given.append(GivenDay(found.unit, line.fact.number, day, shift, revision, at))
    return given


def _shown(found: RosterInfo, paid: frozenset[str], wrong: dict[str, Problem]) -> dict[str, str]:
    """What the grid shows instead of what stands there: what was typed, or the shifts of the week before."""
    if request.method == "POST":
        stale = {cell for cell, problem in wrong.items() if problem.message == queries.STALE_DAY}
        return {key: text for key, text in request.form.items() if key.startswith("d.") and key not in stale}
    if not request.args.get("copy"):
        return {}
    before = queries.roster_cells(
        alliance_id(), _institution(), found.days[0] - timedelta(days=DAYS), found.days[-1] - timedelta(days=DAYS)
    )
    last = {key: one.shift for key, one in before.items() if one.unit == found.unit}
    return {
        square.field: last[line.fact.number, day - timedelta(days=DAYS)]
        for line in found.lines
        for day, square in zip(found.days, _squares(found, line, paid), strict=True)
        if square.open and not square.shift and (line.fact.number, day - timedelta(days=DAYS)) in last
    }


def _institution() -> str:
    """The institution of the address."""
    return str((request.view_args or {})["institution"])


@blueprint.route("/rosters/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_ROSTER_IMPORT)
def import_roster(institution: str, month: str) -> ResponseReturnValue:
    """Check the workbook of a month's rosters, or apply it: the button says which. A check changes nothing."""
    kept(Act.WORKPOINTS_ROSTER_IMPORT, institution)
    month, form, checked = checked_month(month), ImportRosterForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        reason, period = form.reason.data or "", Period.parse(month)
        if request.form.get("apply"):
            ok, changed = form.done(
                lambda: services.import_roster(
                    alliance_id(), institution, month, sheets.read_roster(content, name, month), reason, by=actor(),
                    now=now(),
                )
            )  # fmt: skip
            if ok:
                flash(ngettext("%(num)s day was saved.", "%(num)s days were saved.", changed or 0), "success")
                return redirect(url_for(".read_roster", institution=institution, month=month))
        else:
            _ok, found = form.done(
                lambda: queries.roster_changes(
                    alliance_id(), institution, (period.first, period.last), sheets.read_roster(content, name, month),
                    reason, now(),
                )
            )  # fmt: skip
            checked = found[0] if found else None
    return render_template(
        "workpoints/import_roster.html",
        form=form,
        checked=checked,
        institution=institution,
        month=month,
        closed=closed(institution, month, form),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/rosters/template/<institution>/<month>")
@requires(Act.WORKPOINTS_ROSTER_IMPORT)
def download_rosters(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a month's rosters with what stands in them; ?unit= of one unit only."""
    kept(Act.WORKPOINTS_ROSTER_IMPORT, institution)
    month, unit = checked_month(month), request.args.get("unit", "")
    period = Period.parse(month)
    content = sheets.write_roster(
        institution, month, queries.roll(alliance_id(), institution, month),
        queries.roster_cells(alliance_id(), institution, period.first, period.last),
        lambda code: unit in ("", code),
    )  # fmt: skip
    return attachment(content, f"roster-{institution}-{month}.xlsx", workbooks.MEDIA, f"roster:{institution}/{month}")
