"""The doors of the numbers of a bonus month: read, file in a grid, the workbook in and out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import Both, NotFound, Problem, Refused, mark
from alliance.core.written import whole
from alliance.forms import Form
from alliance.i18n import label, said, words
from alliance.members import queries as members
from alliance.pages import Link, attachment
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import FileEntryForm, ImportEntryForm, TakeScoreForm
from alliance.workpoints.queries import CaseInfo, EntryInfo, Given, Roll
from alliance.workpoints.rules.entries import (
    BLANK,
    CASE_KINDS,
    PERSON_GROUPS,
    UNIT_GROUPS,
    UNIT_KINDS,
    EntryKind,
    Fault,
    read_entry,
)
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    closed,
    headed,
    kept,
    kept_unit,
    recent_months,
    ways,
)

OF_UNIT = "score"  # the group of numbers that the head of a unit files too
PLACE = mark("%(unit)s, %(column)s")


@blueprint.get("/entries/read")
@requires(Act.WORKPOINTS_ENTRY_READ)
def read_entries() -> ResponseReturnValue:
    """How far the numbers of a month are filed, unit by unit; with ?unit= everything that is filed of one."""
    institution, month = asked_institution(), asked_month()
    unit, roll = request.args.get("unit", ""), queries.roll(alliance_id(), institution, month)
    whole = can(Act.WORKPOINTS_ENTRY_READ, institution)
    mine = list(roll.units) if whole else [code for code in roll.units if code in headed(institution)]
    if unit:
        kept_unit(Act.WORKPOINTS_ENTRY_READ, institution, unit)
        if unit not in roll.units:
            raise NotFound()
    units = queries.unit_entries(alliance_id(), institution, month)
    persons = queries.person_entries(alliance_id(), institution, month, unit)
    kinds = queries.person_kinds(alliance_id(), institution, month, unit)
    groups = PERSON_GROUPS if whole else {OF_UNIT}
    filled = {key[2] for key in persons} | {"score"}
    hands = {one.recorded_by for one in (*units.values(), *persons.values())}
    cases = queries.cases(alliance_id(), institution, month)
    is_open = month not in queries.closed_months(alliance_id(), institution)
    report = members.staffing_report(alliance_id(), institution, Period.parse(month))
    return render_template(
        "workpoints/read_entries.html", institution=institution, month=month, unit=unit, roll=roll, units=units,
        persons=persons, unit_kinds=UNIT_KINDS, case_kinds=CASE_KINDS,
        cases=cases, whole=whole, stays=queries.stays(alliance_id(), institution, month),
        coefficients={one.fact.code: one.coefficient for one in report.units},
        mixed=_kept_mix(institution, month, unit),
        kinds={code: kind for code, kind in kinds.items() if kind.group in groups and code in filled},
        far=[] if unit else _far(mine, roll, units, persons, cases), people=accounts.names(hands),
        months=recent_months(month), ways=ways(institution, month),
        keeps=is_open and can(Act.WORKPOINTS_ENTRY_IMPORT, institution),
        files=is_open and bool(unit) and _may_file(institution, unit),
        taken=queries.taken_scores(alliance_id(), [one.document for one in units.values()]),
        official=_offered(institution, month, roll, units) if is_open else None, form=TakeScoreForm(),
    )  # fmt: skip


def _offered(
    institution: str, month: str, roll: Roll, units: Mapping[tuple[str, str], EntryInfo]
) -> queries.OfficialScore | None:  # fmt: skip
    """The official score that would be taken for the units without one; None where nobody may or none is needed."""
    lacking = any((unit, "score") not in units for unit in roll.staffed())
    if not lacking or not can(Act.WORKPOINTS_SCORE_TAKE, institution):
        return None
    return queries.official_score(alliance_id(), institution, month)


@blueprint.post("/scores/take/<institution>/<month>")
@requires(Act.WORKPOINTS_SCORE_TAKE)
def take_score(institution: str, month: str) -> ResponseReturnValue:
    """Take the hospital's official score for the units without one."""
    kept(Act.WORKPOINTS_SCORE_TAKE, institution)
    month, form = checked_month(month), TakeScoreForm()
    ok, count = form.done(lambda: services.take_score(alliance_id(), institution, month, by=actor(), now=now()))
    if ok:
        told = ngettext("%(num)s unit has the official score.", "%(num)s units have the official score.", count or 0)
        flash(told, "success")
    elif form.refused:
        flash(said(form.refused), "error")
    return redirect(url_for(".read_entries", institution=institution, month=month))


def _kept_mix(institution: str, month: str, unit: str) -> tuple[int, str] | None:
    """The run and the key of a unit's case-mix index, where the run of the month rests on it."""
    run, key = queries.bonus_run(alliance_id(), institution, month), f"unit/{unit}/cases/cmi"
    return (run.first_run, key) if run and audit.values_of(run.first_run, [key]) else None


def _may_file(institution: str, unit: str) -> bool:
    act = Act.WORKPOINTS_ENTRY_FILE
    return can(act, institution) or (can(act) and unit in headed(institution))


@dataclass(frozen=True, slots=True)
class Far:
    """How far the numbers of a unit are filed: its own of all kinds, whether its score is there, persons in post and
    those with a score, disease groups."""

    code: str
    filed: int
    scored_unit: bool
    persons: int
    scored: int
    groups: int


def _far(
    mine: Sequence[str], roll: Roll, units: Mapping[tuple[str, str], EntryInfo],
    persons: Mapping[tuple[str, str, str], EntryInfo], cases: Mapping[str, Sequence[CaseInfo]],
) -> list[Far]:  # fmt: skip
    filed = Counter(unit for unit, _kind in units)
    there = Counter(unit for unit, _person in roll.people)
    scored = Counter(unit for unit, person, kind in persons if kind == "score" and (unit, person) in roll.people)
    return [
        Far(code, filed[code], (code, "score") in units, there[code], scored[code], len(cases.get(code, ())))
        for code in mine
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid: its key, the code and name shown, and what stands in its cells by kind."""

    key: str
    code: str
    name: str
    cells: Mapping[str, EntryInfo]

    def field(self, kind: str) -> str:
        return f"v.{self.key}.{kind}"

    @property
    def seen(self) -> str:
        """The revisions of its cells, as the form carries them."""
        return " ".join(f"{kind}:{one.revision}" for kind, one in self.cells.items())


@blueprint.route("/entries/file/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_ENTRY_FILE)
def file_entry(institution: str, month: str) -> ResponseReturnValue:
    """One group of numbers of all units, or with ?unit= of the persons of one, as a grid."""
    unit, month = request.args.get("unit", ""), checked_month(month)
    if unit:
        kept_unit(Act.WORKPOINTS_ENTRY_FILE, institution, unit)
    else:
        kept(Act.WORKPOINTS_ENTRY_FILE, institution)
    roll = queries.roll(alliance_id(), institution, month)
    if unit and unit not in roll.units:
        raise NotFound()
    group, groups = _group(institution, unit)
    every = queries.person_kinds(alliance_id(), institution, month, unit) if unit else UNIT_KINDS
    kinds = {code: kind for code, kind in every.items() if kind.group == group}
    form = FileEntryForm()
    lines, wrong = _lines(institution, month, unit, kinds, roll), dict[str, Problem]()
    if form.validate_on_submit():
        ok, changed = form.done(lambda: _file(institution, month, unit, lines, kinds, form.document.data or ""))
        if ok:
            flash(ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed or 0), "success")
            return redirect(
                url_for(".file_entry", institution=institution, month=month, unit=unit or None, group=group)
            )
        wrong = wrong_cells(form)
        lines = _lines(institution, month, unit, kinds, roll)
    here = [
        Link(words(about), url_for(".file_entry", institution=institution, month=month, unit=unit or None, group=code),
             code == group)
        for code, about in groups.items()
    ]  # fmt: skip
    return render_template(
        "workpoints/file_entry.html", form=form, institution=institution, month=month, unit=unit, roll=roll,
        lines=lines, kinds=kinds, groups=here, wrong=wrong, typed=kept_typing(wrong),
        closed=closed(institution, month, form),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def wrong_cells(form: Form) -> dict[str, Problem]:
    """What was refused in the grid, by the name of the cell."""
    return {str(one.at["cell"]): one for one in (form.refused.problems if form.refused else ()) if "cell" in one.at}


def _group(institution: str, unit: str) -> tuple[str, Mapping[str, Both]]:
    """The group of the address and those to choose from: the head of a unit files scores and factors only."""
    groups = PERSON_GROUPS if unit else UNIT_GROUPS
    if unit and not can(Act.WORKPOINTS_ENTRY_FILE, institution):
        groups = {OF_UNIT: PERSON_GROUPS[OF_UNIT]}
    group = request.args.get("group") or next(iter(groups))
    if group not in groups:
        raise NotFound()
    return group, groups


def _lines(institution: str, month: str, unit: str, kinds: Mapping[str, EntryKind], roll: Roll) -> list[Line]:
    if unit:
        cells = queries.person_cells(alliance_id(), institution, month, unit)
        return [
            Line(one.fact.number, one.fact.number, label(one.fact),
                 {code: cells[unit, one.fact.number, code] for code in kinds if (unit, one.fact.number, code) in cells})
            for one in roll.of(unit)
        ]  # fmt: skip
    of_units = queries.unit_cells(alliance_id(), institution, month)
    return [
        Line(code, code, label(fact), {kind: of_units[code, kind] for kind in kinds if (code, kind) in of_units})
        for code, (fact, _depth) in roll.units.items()
    ]


def _file(
    institution: str, month: str, unit: str, lines: list[Line], kinds: Mapping[str, EntryKind], document: str
) -> int:
    given = given_cells(lines, kinds, unit)
    return services.file_entry(alliance_id(), institution, month, given, document, by=actor(), now=now())


def given_cells(lines: Sequence[Line], kinds: Mapping[str, EntryKind], unit: str = "") -> list[Given]:
    """What was typed into the grid: of units, or of the persons of one. Refused with each cell that cannot be read."""
    given, problems = [], []
    for line in lines:
        seen = _seen(request.form.get(f"seen.{line.key}", ""))
        for code, kind in kinds.items():
            cell = line.field(code)
            if cell not in request.form:
                continue
            at: dict[str, object] = {"unit": line.name, "column": Both(kind.zh, kind.en), "cell": cell}
            entry = read_entry(request.form[cell], kind)
            if isinstance(entry, Fault):
                problems.append(Problem(PLACE, request.form[cell], entry.message, entry.numbers, at))
                entry = BLANK
            person = line.key if unit else ""
            given.append(Given(unit or line.key, code, entry, person, seen.get(code, 0), (PLACE, at)))
    if problems:
        raise Refused("The table has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return given


def _seen(text: str) -> dict[str, int]:
    """The revisions that a line of the form carried."""
    pairs = (part.rpartition(":") for part in text.split())
    return {kind: number for kind, _colon, text in pairs if (number := whole(text)) is not None}


def kept_typing(wrong: Mapping[str, Problem]) -> dict[str, str]:
    """What was typed, save in cells that somebody else changed: to overwrite these, they are typed again."""
    stale = {cell for cell, problem in wrong.items() if problem.message == queries.STALE}
    return {key: text for key, text in request.form.items() if key.startswith("v.") and key not in stale}


@blueprint.route("/entries/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_ENTRY_IMPORT)
def import_entry(institution: str, month: str) -> ResponseReturnValue:
    """Check the workbook of a month, or apply it: the button says which. A check changes nothing."""
    kept(Act.WORKPOINTS_ENTRY_IMPORT, institution)
    month, form, checked = checked_month(month), ImportEntryForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        kinds = queries.person_kinds(alliance_id(), institution, month)
        if request.form.get("apply"):
            ok, changed = form.done(
                lambda: services.import_entry(
                    alliance_id(), institution, month, sheets.read_month(content, name, kinds),
                    form.document.data or "", by=actor(), now=now(),
                )
            )  # fmt: skip
            if ok:
                flash(ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed or 0), "success")
                return redirect(url_for(".read_entries", institution=institution, month=month))
        else:
            _ok, checked = form.done(
                lambda: queries.entry_changes(
                    alliance_id(), institution, month, sheets.read_month(content, name, kinds), scope().account
                )
            )
    return render_template(
        "workpoints/import_entry.html",
        form=form,
        checked=checked,
        institution=institution,
        month=month,
        closed=closed(institution, month, form),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/entries/template/<institution>/<month>")
@requires(Act.WORKPOINTS_ENTRY_IMPORT)
def download_entries(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a month with what stands in it."""
    kept(Act.WORKPOINTS_ENTRY_IMPORT, institution)
    month = checked_month(month)
    one = sheets.MonthSheet(
        institution, month, queries.roll(alliance_id(), institution, month),
        queries.person_kinds(alliance_id(), institution, month),
        queries.unit_entries(alliance_id(), institution, month),
        queries.person_entries(alliance_id(), institution, month), queries.cases(alliance_id(), institution, month),
    )  # fmt: skip
    return attachment(
        sheets.write_month(one),
        f"bonus-{institution}-{month}.xlsx",
        workbooks.MEDIA,
        f"bonusmonth:{institution}/{month}",
    )
