"""The doors of the budget set of a year: read it with how far its targets are, draft it, put it into force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.figure import State
from alliance.core.money import yuan
from alliance.core.refused import NotFound
from alliance.i18n import label, lang
from alliance.members import queries as members
from alliance.pages import Link
from alliance.workpoints import queries, services
from alliance.workpoints.forms import DecideForm, DraftTargetForm
from alliance.workpoints.queries import EntryInfo, TargetInfo
from alliance.workpoints.rules import targets as rules
from alliance.workpoints.rules.entries import EntryKind
from alliance.workpoints.rules.records import BODIES
from alliance.workpoints.rules.subjects import GROUPS, PAY_CLASSES, SUBJECTS
from alliance.workpoints.views.blueprint import asked_institution, blueprint, headed, kept, partitions, ways
from alliance.workpoints.views.budgets import year_of
from alliance.workpoints.views.entries import Line, given_cells, kept_typing, wrong_cells
from alliance.workpoints.views.records import record_choices

HOSPITAL, DEPARTMENTS = "hospital", "departments"  # the two parts of a draft


@blueprint.get("/targets/read")
@requires(Act.WORKPOINTS_TARGET_READ)
def read_target() -> ResponseReturnValue:
    """The budget set of a year (?year=): what the hospital plans, the departments' agreements and how far they are.

    The head of a department sees the agreements of the own ones."""
    institution = asked_institution()
    if institution not in scope().bonus and not headed(institution):
        raise NotFound()
    asked = request.args.get("year") or request.args.get("month", "")[:4]
    year = year_of(int(asked)) if asked.isdecimal() and len(asked) == 4 else today().year
    return target_page(institution, year, DecideForm())


def target_page(institution: str, year: int, form: DecideForm) -> ResponseReturnValue:
    """The page of a year's set; as a set is decided a newer draft stands beside it."""
    every = queries.target_sets(alliance_id(), institution)
    whole, force = institution in scope().bonus, queries.target_in_force(alliance_id(), institution, year)
    newest = next((one for one in every if one.year == year), None) if whole else None
    info = newest or force
    years = sorted({one.year for one in every} | {today().year, today().year + 1, year}, reverse=True)
    context: dict[str, Any] = {
        "institution": institution, "year": year, "years": years, "info": info, "force": force, "whole": whole,
        "ways": ways(institution), "form": form, "drafts": can(Act.WORKPOINTS_TARGET_DRAFT, institution),
        "flows": rules.FLOWS, "subjects": SUBJECTS, "groups": GROUPS, "classes": PAY_CLASSES,
    }  # fmt: skip
    if info and whole:
        context |= _plan(info) | _decision(info, form)
    if force:
        context |= _agreements(force, whole)
    return render_template("workpoints/read_target.html", **context), 422 if form.refused else 200


def _plan(info: TargetInfo) -> dict[str, Any]:
    """What the hospital plans, and what of it the portal already knows to be paid."""
    cells = info.cells
    paid = queries.paid_by_month(alliance_id(), info.institution, info.year)
    budget = queries.budget_in_force(alliance_id(), info.institution, info.year)
    return {
        "cells": cells, "totals": rules.totals(cells), "flow_key": rules.FLOW, "pay_key": rules.PAY,
        "paid": yuan(sum(paid.values())) if paid else None, "paid_months": len(paid),
        "approved": Decimal(budget.content["approved"]) if budget else None,
        "missing": rules.stands_in_the_way(cells, info.document),
    }  # fmt: skip


def _decision(info: TargetInfo, form: DecideForm) -> dict[str, Any]:
    """What is on record of a set, and who may put it into force."""
    found = queries.counting(alliance_id(), info.institution, info.matter, info.recorded_at)
    form.decision.choices = record_choices(found)
    return {
        "records": queries.records(alliance_id(), info.institution, info.matter),
        "counting": {one.number for one in found},
        "bodies": BODIES,
        "people": accounts.names({info.recorded_by, info.decided_by} - {""}),
        "own": actor().account in queries.target_drafters(alliance_id(), info),
        "deciding": not info.decision and can(Act.WORKPOINTS_TARGET_DECIDE, info.institution),
        "files": can(Act.WORKPOINTS_RECORD_FILE, info.institution),
    }


def _agreements(force: TargetInfo, whole: bool) -> dict[str, Any]:
    """The agreements that the reader may open, with how far their targets are."""
    mine = None if whole else headed(force.institution)
    found = [one for one in queries.agreements(alliance_id(), force) if mine is None or one.unit in mine]
    names = members.department_names(alliance_id(), force.institution)
    return {
        "agreements": found, "measures": rules.MEASURES, "limits": rules.LIMITS,
        "names": {code: label(fact) for code, fact in names.items()},
        "over": queries.months_over(force.year, today()),
        "progress": queries.target_progress(
            alliance_id(), force, [one.unit for one in found], partitions(), today()
        ),
    }  # fmt: skip


@blueprint.route("/targets/draft/<institution>/<int:year>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_TARGET_DRAFT)
def draft_target(institution: str, year: int) -> ResponseReturnValue:
    """Draft the budget set of a year: of the hospital, or with ?part=departments the targets of departments."""
    kept(Act.WORKPOINTS_TARGET_DRAFT, institution)
    year_of(year)
    part = request.args.get("part") or HOSPITAL
    if part not in (HOSPITAL, DEPARTMENTS):
        raise NotFound()
    last = next((one for one in queries.target_sets(alliance_id(), institution) if one.year == year), None)
    form = DraftTargetForm()
    if request.method == "GET":
        form.document.data, form.terms.data = (last.document, last.terms) if last else ("", "")
        form.seen.data = last.sha256 if last else ""
    grids = _grids(institution, year, part, last)
    if form.validate_on_submit():
        ok, _reference = form.done(lambda: _draft(institution, year, part, form, grids))
        if ok:
            flash(_("The draft is kept."), "success")
            return redirect(url_for(".read_target", institution=institution, year=year))
    wrong = wrong_cells(form)
    return render_template(
        "workpoints/draft_target.html", form=form, institution=institution, year=year, part=part, last=last,
        grids=grids, wrong=wrong, typed=kept_typing(wrong), parts=_parts(institution, year, part),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _parts(institution: str, year: int, part: str) -> list[Link]:
    texts = {HOSPITAL: _("The hospital"), DEPARTMENTS: _("Targets of departments")}
    return [
        Link(text, url_for(".draft_target", institution=institution, year=year, part=code), code == part)
        for code, text in texts.items()
    ]


def _draft(
    institution: str, year: int, part: str, form: DraftTargetForm, grids: list[tuple[str, list[Line], Any]]
) -> str:  # fmt: skip
    given = [cell for _title, lines, kinds in grids for cell in given_cells(lines, kinds)]
    terms, document = (form.terms.data or "", form.document.data or "") if part == HOSPITAL else (None, None)
    return services.draft_target(
        alliance_id(), institution, year, given, terms, document, form.seen.data or "", by=actor(), now=now()
    )


def _grids(
    institution: str, year: int, part: str, last: TargetInfo | None
) -> list[tuple[str, list[Line], dict[str, EntryKind]]]:
    """The tables of a part: title, lines, kinds of numbers."""
    if part == DEPARTMENTS:
        month = min(f"{today():%Y-%m}", f"{year}-12")
        units = queries.roll(alliance_id(), institution, month).units
        lines = [_line(rules.UNIT, code, label(fact), last) for code, (fact, _depth) in units.items()]
        return [(_("Targets of the year by department"), lines, dict(rules.MEASURES))]
    english = lang() == "en"
    flows = [_line(rules.FLOW, code, one.en if english else one.zh, last) for code, one in rules.FLOWS.items()]
    pays = [_line(rules.PAY, code, one.en if english else one.zh, last) for code, one in SUBJECTS.items()]
    return [
        (_("Income and expenditure"), flows, dict(rules.FLOW_KINDS)),
        (_("Structure of pay: subjects and staff groups"), pays, dict(rules.PAY_KINDS)),
    ]


def _line(prefix: str, code: str, name: str, last: TargetInfo | None) -> Line:
    row = last.cells.get(prefix + code, {}) if last else {}
    cells = {
        kind: EntryInfo(value, State.VALUE, 0, "", last.recorded_by, last.recorded_at) for kind, value in row.items()
    } if last else {}  # fmt: skip
    return Line(prefix + code, code if prefix == rules.UNIT else "", name, cells)


@blueprint.post("/targets/decide/<institution>/<int:year>/<int:version>")
@requires(Act.WORKPOINTS_TARGET_DECIDE)
def decide_target(institution: str, year: int, version: int) -> ResponseReturnValue:
    """Put a budget set into force by a record; then its agreements can be signed."""
    kept(Act.WORKPOINTS_TARGET_DECIDE, institution)
    if queries.target_info(alliance_id(), institution, year, version) is None:
        raise NotFound()
    form = DecideForm()
    ok, _none = form.done(
        lambda: services.decide_target(
            alliance_id(), institution, year, version, decision=request.form.get("decision", ""), by=actor(), now=now()
        )
    )
    if not ok:
        return target_page(institution, year, form)
    flash(_("The budget set is in force; its agreements wait for their signatures."), "success")
    return redirect(url_for(".read_target", institution=institution, year=year))
