"""The doors of the workload ledger: list, open, enter, import, attach evidence, review."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance import workbooks
from alliance.access import actor, alliance_id, can, concerns, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import label, lang, words
from alliance.members import queries as members
from alliance.pages import Leaf, asked_number, attachment, part
from alliance.store import Store
from alliance.workpoints import queries, services, sheets
from alliance.workpoints.forms import (
    AttachWorkloadForm,
    EnterWorkloadForm,
    ImportWorkloadForm,
    ReviewWorkloadForm,
    given_files,
)
from alliance.workpoints.queries import WorkloadInfo
from alliance.workpoints.rules.ledgers import ACCEPTED, ENTERED, REFUSED
from alliance.workpoints.rules.workloads import ROLES, WORKLOAD_STATES, Workload
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    closed,
    headed,
    kept,
    partitions,
    recent_months,
    ways,
)

SIZE = 50


@blueprint.get("/workloads/list")
@requires(Act.WORKPOINTS_WORKLOAD_LIST)
def list_workloads() -> ResponseReturnValue:
    """The entries of a month, filtered by state and unit; a head sees the own units'."""
    institution, month = asked_institution(), asked_month()
    state, unit = request.args.get("state", ""), request.args.get("unit", "")
    all_mine = [one for one in queries.workloads(alliance_id(), institution, month) if _is_mine(institution, one)]
    found = [one for one in all_mine if state in ("", one.state) and unit in ("", one.work.unit)]
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    kept_args: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return render_template(
        "workpoints/list_workloads.html",
        institution=institution,
        month=month,
        months=recent_months(month),
        ways=ways(institution, month),
        entries=found[(page - 1) * size : page * size],
        leaf=Leaf.of(page, size, len(found), lambda number: url_for(".list_workloads", page=number, **kept_args)),
        waiting=sum(one.state == ENTERED for one in found),
        accepted=sum(one.state == ACCEPTED for one in found),
        narrowed=bool(state or unit),
        state_choices=[(code, words(one)) for code, one in WORKLOAD_STATES.items()],
        unit_choices=sorted((code, name) for code, name in _units(institution, all_mine).items()),
        enters=can(Act.WORKPOINTS_WORKLOAD_ENTER),
        reviewable={one.number for one in found if one.state == ENTERED and _may_review(institution, one)},
        **_named(institution, month, found),
    )


def _is_mine(institution: str, one: WorkloadInfo) -> bool:
    """Whether an entry is the reader's business: of the whole hospital, of the own units, or the own work."""
    mine = scope()
    own = mine.employee if mine.employer == institution else ""
    return institution in mine.bonus or one.work.unit in headed(institution) or bool(own and own == one.work.person)


def _units(institution: str, entries: list[WorkloadInfo]) -> dict[str, str]:
    known = members.department_names(alliance_id(), institution)
    return {one.work.unit: label(known[one.work.unit]) for one in entries if one.work.unit in known}


def _named(institution: str, month: str, entries: list[WorkloadInfo]) -> dict[str, Any]:
    """The names behind what entries name: units, staff, items, accounts."""
    known = queries.items(alliance_id(), institution, Period.parse(month).last)
    return {
        "units": _units(institution, entries), "staff": queries.employees_of(alliance_id(), institution),
        "items": {code: (item.en if lang() == "en" else item.zh) for code, item in known.items()},
        "people": accounts.names({name for one in entries for name in (one.entered_by, one.reviewed_by)} - {""}),
        "roles": {code: _(text) for code, text in ROLES.items()}, "states": WORKLOAD_STATES,
    }  # fmt: skip


def _entry(institution: str, number: int) -> WorkloadInfo:
    """An entry that is the reader's business; NotFound for any other."""
    concerns(institution)
    found = queries.workload(alliance_id(), institution, number)
    if found is None or not _is_mine(institution, found):
        raise NotFound()
    return found


@blueprint.get("/workloads/read/<institution>/<int:number>")
@requires(Act.WORKPOINTS_WORKLOAD_READ)
def read_workload(institution: str, number: int) -> ResponseReturnValue:
    """One entry: what was done, on what it rests, who entered and who reviewed it."""
    one = _entry(institution, number)
    return render_template(
        "workpoints/read_workload.html",
        institution=institution,
        one=one,
        lists=can(Act.WORKPOINTS_WORKLOAD_LIST),
        reviews=_may_review(institution, one),
        enters=one.state == REFUSED and can(Act.WORKPOINTS_WORKLOAD_ENTER),
        **_evidence(institution, one),
        **_named(institution, one.work.month, [one]),
    )


def _evidence(institution: str, one: WorkloadInfo) -> dict[str, Any]:
    """The files behind an entry, for those who see the ledger, and who attached them."""
    files = (
        queries.workload_evidence(alliance_id(), institution, one.number) if can(Act.WORKPOINTS_WORKLOAD_LIST) else []
    )
    mine = one.state == ENTERED and _may_enter(institution) and one.work.unit in _units_to_enter(institution, one)
    return {"files": files, "adders": accounts.names({file.added_by for file in files}), "attaches": mine}


def _may_enter(institution: str) -> bool:
    return can(Act.WORKPOINTS_WORKLOAD_ENTER, institution) or bool(
        can(Act.WORKPOINTS_WORKLOAD_ENTER) and headed(institution)
    )


def _units_to_enter(institution: str, one: WorkloadInfo) -> set[str]:
    return {code for code, _name in _own_units(institution, one.work.month)}


def _may_review(institution: str, one: WorkloadInfo) -> bool:
    mine = scope()
    own = mine.employee if mine.employer == institution else ""
    return (
        one.state != REFUSED and can(Act.WORKPOINTS_WORKLOAD_REVIEW, institution)
        and one.entered_by != mine.account and not (own and own == one.work.person)
    )  # fmt: skip


@blueprint.route("/workloads/enter/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_WORKLOAD_ENTER)
def enter_workload(institution: str) -> ResponseReturnValue:
    """Enter work of a day; ?month= names the month, ?from= an entry that was returned."""
    _check_enters(institution)
    form, month = EnterWorkloadForm(), asked_month()
    form.offer(_own_units(institution, month))
    if request.method == "GET":
        before = request.args.get("from", 0, type=asked_number)
        form.begin(min(Period.parse(month).last, today()), _entry(institution, before) if before else None)
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.enter_workload(
                alliance_id(), institution, _given(form), given_files(form.files), _store(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Entry %(number)s waits for a review by somebody else.", number=number), "success")
            return redirect(url_for(".list_workloads", institution=institution, month=_given(form).month))
    staff = queries.employees_of(alliance_id(), institution)
    return render_template(
        "workpoints/enter_workload.html", form=form, institution=institution, month=month,
        people=[(number, label(staff[number])) for number in _own_people(institution, month) if number in staff],
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _given(form: EnterWorkloadForm) -> Workload:
    assert form.day.data is not None
    return Workload(
        form.day.data, form.item.data or "", form.quantity.data or Decimal(0), form.role.data, form.setting.data,
        form.unit.data, form.person.data or "", form.text.data or "", form.document.data or "",
    )  # fmt: skip


def _own_units(institution: str, month: str) -> list[tuple[str, str]]:
    """The units of a month for which the reader may enter work, in the order of the tree."""
    units = queries.roll(alliance_id(), institution, month).units
    mine = units.keys() if institution in scope().bonus else headed(institution)
    return [(code, f"{label(fact)} {code}") for code, (fact, _depth) in units.items() if code in mine]


def _own_people(institution: str, month: str) -> list[str]:
    people = queries.roll(alliance_id(), institution, month).people
    mine = {code for code, _name in _own_units(institution, month)}
    return sorted({person for unit, person in people if unit in mine})


def _check_enters(institution: str) -> None:
    """Nobody enters work of a hospital of which one heads no unit and does not keep the bonus."""
    if not _may_enter(institution):
        raise NotFound()
    concerns(institution)


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "workloads", machine_now)


@blueprint.route("/workloads/import/<institution>/<month>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_WORKLOAD_IMPORT)
def import_workload(institution: str, month: str) -> ResponseReturnValue:
    """Check a workbook of entries, or apply it: the button says which. A check changes nothing."""
    _check_enters(institution)
    month, form, checked = checked_month(month), ImportWorkloadForm(), None
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""
        units = [code for code, _name in _own_units(institution, month)]
        if request.form.get("apply"):
            ok, added = form.done(
                lambda: services.import_workload(
                    alliance_id(), institution, month, sheets.read_workloads(content, name), units, by=actor(),
                    now=now(),
                )
            )  # fmt: skip
            if ok:
                flash(_imported(added or 0), "success")
                return redirect(url_for(".list_workloads", institution=institution, month=month))
        else:
            _ok, checked = form.done(
                lambda: queries.workload_changes(
                    alliance_id(), institution, month, sheets.read_workloads(content, name), units, today()
                )
            )
    return render_template(
        "workpoints/import_workload.html",
        form=form,
        checked=checked,
        institution=institution,
        month=month,
        closed=closed(institution, month, form),
    ), 422 if form.errors or form.refused else 200


def _imported(added: int) -> str:
    if not added:
        return _("Every row of the file is in the ledger already; nothing was changed.")
    return ngettext(
        "%(num)s entry waits for a review by somebody else.", "%(num)s entries wait for a review by somebody else.",
        added,
    )  # fmt: skip


@blueprint.get("/workloads/template/<institution>/<month>")
@requires(Act.WORKPOINTS_WORKLOAD_IMPORT)
def download_workloads(institution: str, month: str) -> ResponseReturnValue:
    """The workbook of a month's ledger with what stands in it of the reader's units."""
    _check_enters(institution)
    month = checked_month(month)
    units = [code for code, _name in _own_units(institution, month)]
    entries = [one for one in queries.workloads(alliance_id(), institution, month) if one.work.unit in units]
    content = sheets.write_workloads(
        institution, month, queries.roll(alliance_id(), institution, month), units, entries
    )  # fmt: skip
    name = f"workloads-{institution}-{month}.xlsx"
    return attachment(content, name, workbooks.MEDIA, f"workload:{institution}/{month}")


@blueprint.route("/workloads/attach/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_WORKLOAD_ATTACH)
def attach_workload(institution: str, number: int) -> ResponseReturnValue:
    """Attach files to an entry that waits for its review."""
    one, form = _entry(institution, number), AttachWorkloadForm()
    if one.work.unit not in _units_to_enter(institution, one):
        raise NotFound()
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.attach_workload(
                alliance_id(), institution, number, given_files(form.files), _store(), by=actor(), now=now()
            )
        )
        if ok:
            flash(ngettext("%(num)s file was attached.", "%(num)s files were attached.", count or 0), "success")
            return redirect(url_for(".read_workload", institution=institution, number=number))
    return render_template(
        "workpoints/attach_workload.html", form=form, institution=institution, one=one,
        **_evidence(institution, one), **_named(institution, one.work.month, [one]),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/workloads/download/<institution>/<int:number>/<digest>")
@requires(Act.WORKPOINTS_WORKLOAD_LIST)
def download_workload(institution: str, number: int, digest: str) -> ResponseReturnValue:
    """A file behind an entry, to be saved; what is missing on the disk or was altered there is told."""
    _entry(institution, number)
    files = queries.workload_evidence(alliance_id(), institution, number)
    file = next((one for one in files if one.sha256 == digest), None)
    if file is None:
        raise NotFound()
    try:
        content = _store().read(digest)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=file.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, file.name, file.media, f"workload:{institution}/{number}", shut)


@blueprint.route("/workloads/review/<institution>/<int:number>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_WORKLOAD_REVIEW)
def review_workload(institution: str, number: int) -> ResponseReturnValue:
    """Accept an entry or return it."""
    kept(Act.WORKPOINTS_WORKLOAD_REVIEW, institution)
    one, form = _entry(institution, number), ReviewWorkloadForm()
    form.offer(one.state, accepts=request.method == "POST" or not closed(institution, one.work.month, form))
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.review_workload(
                partitions(), alliance_id(), institution, number, form.verdict.data, form.reason.data or "",
                form.seen.data, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            state = words(WORKLOAD_STATES[form.verdict.data])
            flash(_("Entry %(number)s: %(state)s.", number=number, state=state), "success")
            return redirect(url_for(".list_workloads", institution=institution, month=one.work.month))
    return render_template(
        "workpoints/review_workload.html", form=form, institution=institution, one=one,
        same=queries.same_work(alliance_id(), institution, one), closed=closed(institution, one.work.month, form),
        reviews=_may_review(institution, one),
        points=_points(institution, one), **_evidence(institution, one), **_named(institution, one.work.month, [one]),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _points(institution: str, one: WorkloadInfo) -> Decimal | None:
    """The points of an entry's item in its role on its day; None where it has none."""
    work = one.work
    return next(
        (
            row.points for row in queries.earning(alliance_id(), institution, Period.parse(work.month))
            if (row.item, row.role) == (work.item, work.role) and row.holds(work.day)
        ),
        None,
    )  # fmt: skip
