"""The doors of filing: definitions, periods, a member's form, import, and the steps of a submission."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import SHANGHAI, Period
from alliance.core.refused import NotFound, Problem, Refused
from alliance.i18n import label, lang, moment, words
from alliance.i18n import period as period_words
from alliance.indicators import queries, services, sheets
from alliance.indicators.forms import (
    KIND_LABELS,
    FileReadingForm,
    ImportReadingForm,
    LoadLibraryForm,
    OpenPeriodForm,
    StepForm,
)
from alliance.indicators.rules.definitions import Element
from alliance.indicators.rules.filing import Entry, Progress, read_value
from alliance.members import queries as members
from alliance.pages import Link, Step, attachment

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/indicators/list")
@requires(Act.INDICATORS_INDICATOR_LIST)
def list_indicators() -> ResponseReturnValue:
    """The alliance's indicators by dimension."""
    return render_template(
        "indicators/list_indicators.html", library=queries.library(alliance_id()), form=LoadLibraryForm()
    )


@blueprint.get("/indicators/read/<code>")
@requires(Act.INDICATORS_INDICATOR_READ)
def read_indicator(code: str) -> ResponseReturnValue:
    """One indicator: its definition, formula, elements and source."""
    library = queries.library(alliance_id())
    if code not in library.indicators:
        raise NotFound()
    return render_template(
        "indicators/read_indicator.html",
        indicator=library.indicators[code],
        library=library,
        kinds=KIND_LABELS,
        formula=queries.formula_in_words(library, code, lang()),
    )


@blueprint.post("/libraries/load")
@requires(Act.INDICATORS_LIBRARY_LOAD)
def load_library() -> ResponseReturnValue:
    """Load the five-dimension library."""
    form = LoadLibraryForm()
    if form.validate_on_submit():
        count = services.load_library(alliance_id(), queries.shipped_library("five_dimensions"), by=actor(), now=now())
        flash(_("%(count)s definitions were added.", count=count), "success")
    return redirect(url_for("indicators.list_indicators"))


@blueprint.route("/periods/open", methods=["GET", "POST"])
@requires(Act.INDICATORS_PERIOD_OPEN)
def open_period() -> ResponseReturnValue:
    """Open a period for filing."""
    form = OpenPeriodForm()
    if form.validate_on_submit() and form.last_day.data:
        # The first moment that is too late: 24:00 of the last day, on the clock of Shanghai.
        due = datetime.combine(form.last_day.data + timedelta(days=1), time(), SHANGHAI)
        code = (form.period.data or "").strip()
        if form.done(lambda: services.open_period(alliance_id(), code, due, by=actor(), now=now()))[0]:
            flash(_("The period is open."), "success")
            return redirect(url_for("indicators.list_submissions", period=code))
    return render_template("indicators/open_period.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.get("/submissions/list")
@requires(Act.INDICATORS_SUBMISSION_LIST)
def list_submissions() -> ResponseReturnValue:
    """Who has submitted what, for one period: ?period=."""
    periods = queries.periods(alliance_id())
    code = request.args.get("period", periods[0].code if periods else "")
    info = queries.period(alliance_id(), code) if code else None
    rows = queries.submissions(alliance_id(), code, scope().institutions) if info else []
    names = _names(code) if info else {}
    return render_template(
        "indicators/list_submissions.html",
        periods=periods,
        period=info,
        rows=rows,
        names=names,
        Progress=Progress,
        form=StepForm(),
        period_links=[
            Link(period_words(one.code), url_for("indicators.list_submissions", period=one.code), one.code == code)
            for one in periods[:8]
        ],
        ready=[
            row.institution
            for row in rows
            if row.state is Progress.SUBMITTED and can(Act.INDICATORS_SUBMISSION_ACCEPT, row.institution)
        ],
        submitted=sum(row.state in (Progress.SUBMITTED, Progress.ACCEPTED) for row in rows),
    )


def _names(code: str) -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.members(alliance_id(), Period.parse(code).last)}


def _submission(period: str, institution: str) -> tuple[queries.SubmissionInfo, members.MemberInfo, queries.PeriodInfo]:
    """The submission the reader may see; NotFound for a stranger's, as for one that is not there."""
    info = queries.period(alliance_id(), period)
    if info is None or not scope().sees(institution):
        raise NotFound()
    found, name = queries.submission(alliance_id(), period, institution), _names(period).get(institution)
    if found is None or name is None:
        raise NotFound()
    return found, name, info


@blueprint.get("/submissions/read/<period>/<institution>")
@requires(Act.INDICATORS_SUBMISSION_READ)
def read_submission(period: str, institution: str) -> ResponseReturnValue:
    """What one member filed for a period, and how far it has come."""
    found, name, info = _submission(period, institution)
    library = queries.library(alliance_id())
    readings = queries.readings(alliance_id(), period, institution)
    due = queries.elements_due(library, name.tier, Period.parse(period))
    codes = [element.code for element in due] + [
        code for code in readings if code not in {element.code for element in due}
    ]
    return render_template(
        "indicators/read_submission.html",
        submission=found,
        member=name,
        period=info,
        library=library,
        readings=readings,
        codes=codes,
        form=StepForm(),
        people=queries.people(found, readings.values()),
        steps=_steps(found),
        may_file=can(Act.INDICATORS_READING_FILE, institution),
        may_sign=can(Act.INDICATORS_SUBMISSION_SIGN, institution),
        may_submit=can(Act.INDICATORS_SUBMISSION_SUBMIT, institution),
        may_accept=can(Act.INDICATORS_SUBMISSION_ACCEPT, institution),
        own_employer=can(Act.INDICATORS_SUBMISSION_ACCEPT) and not can(Act.INDICATORS_SUBMISSION_ACCEPT, institution),
    )


def _steps(found: queries.SubmissionInfo) -> list[Step]:
    """Filed, signed, submitted, accepted: how far a submission has come, and by whom."""
    order = [Progress.DRAFT, Progress.SIGNED, Progress.SUBMITTED, Progress.ACCEPTED]
    labels = [_("Filed"), _("Signed by the lead"), _("Submitted"), _("Accepted")]
    times = [None, found.signed_at, found.submitted_at, found.accepted_at]
    reached = order.index(found.state) if found.state in order else -1
    return [
        Step(
            text,
            "done" if place <= reached else "current" if place == reached + 1 else "todo",
            moment(at) if at else "",
        )
        for place, (text, at) in enumerate(zip(labels, times, strict=True))
    ]


@blueprint.route("/readings/file/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_FILE)
def file_reading(period: str, institution: str) -> ResponseReturnValue:
    """A member's form of a period."""
    found, name, info = _submission(period, institution)
    if not can(Act.INDICATORS_READING_FILE, institution):
        raise NotFound()
    form = FileReadingForm()
    due = queries.elements_due(queries.library(alliance_id()), name.tier, Period.parse(period))
    readings = queries.readings(alliance_id(), period, institution)
    typed = (
        {element.code: request.form.get(f"value-{element.code}") for element in due} if request.method == "POST" else {}
    )
    faults: dict[str, Problem] = {}
    if form.validate_on_submit():
        entries, faults = _entries(due, request.form)
        ok, changed = form.done(
            lambda: services.file_reading(
                alliance_id(), period, institution, entries, form.document.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("%(count)s values were saved.", count=changed), "success")
            if not faults:
                return redirect(url_for("indicators.read_submission", period=period, institution=institution))
            readings = queries.readings(alliance_id(), period, institution)
            form = FileReadingForm(formdata=None)
    return render_template(
        "indicators/file_reading.html",
        form=form,
        submission=found,
        member=name,
        period=info,
        due=due,
        readings=readings,
        typed=typed,
        faults=faults,
        Progress=Progress,
    ), 422 if form.errors or form.refused or faults else 200


def _entries(due: list[Element], typed: Any) -> tuple[dict[str, tuple[Entry, int]], dict[str, Problem]]:
    """What was typed by element with the revision seen; what cannot be read is told and not filed, the rest is."""
    entries, faults = {}, {}
    for element in due:
        text = typed.get(f"value-{element.code}")
        if text is None:
            continue
        problems: list[Problem] = []
        entry = read_value(text, element, problems, words(element.name))
        if problems:
            faults[element.code] = problems[0]
        else:
            seen = typed.get(f"seen-{element.code}", "0")
            entries[element.code] = (entry, int(seen) if seen.isdecimal() else 0)
    return entries, faults


@blueprint.route("/readings/import", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_IMPORT)
def import_reading() -> ResponseReturnValue:
    """Check a file of readings, or apply it: the button says which. A check changes nothing."""
    form, checked = ImportReadingForm(), None
    open_now = [one for one in queries.periods(alliance_id()) if one.due_at > now()]
    form.period.choices = [(one.code, period_words(one.code)) for one in open_now]
    if form.validate_on_submit():
        upload, period = form.file.data, form.period.data
        content, name = upload.read(), upload.filename or ""

        def read() -> list[services.Row]:
            return sheets.read_readings(content, name, period, queries.library(alliance_id()))

        if request.form.get("apply"):
            ok, changed = form.done(
                lambda: services.import_reading(
                    alliance_id(), period, read(), form.document.data or "", by=actor(), now=now()
                )
            )
            if ok:
                flash(_("%(count)s values were saved.", count=changed), "success")
                return redirect(url_for("indicators.list_submissions", period=period))
        else:
            ok, checked = form.done(lambda: services.check_reading(alliance_id(), period, read()))
    return render_template(
        "indicators/import_reading.html",
        form=form,
        checked=checked,
        periods=open_now,
        demo=current_app.config["ALLIANCE"].demo,
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/readings/template/<period>")
@requires(Act.INDICATORS_READING_IMPORT)
def download_template(period: str) -> ResponseReturnValue:
    """The table of everything due in a period, with what is filed; an Excel file."""
    if queries.period(alliance_id(), period) is None:
        raise NotFound()
    rows = [
        (member.code, label(member), element.code, words(element.name), text)
        for member, element, text in queries.everything_due(alliance_id(), period)
    ]
    content = sheets.write_readings(period, rows)
    return attachment(content, f"readings-{period}.xlsx", XLSX, f"readings:{period}")


@blueprint.get("/readings/read/<institution>/<element>/<period>")
@requires(Act.INDICATORS_READING_READ)
def read_reading(institution: str, element: str, period: str) -> ResponseReturnValue:
    """One reading with all its revisions and the people behind it."""
    found = queries.library(alliance_id()).elements.get(element)
    revisions = queries.revisions(alliance_id(), institution, element, period)
    if found is None or not revisions or not (scope().sees(institution) or found.external):
        raise NotFound()
    submission = queries.submission(alliance_id(), period, institution)
    return render_template(
        "indicators/read_reading.html",
        element=found,
        revisions=revisions,
        submission=submission,
        period=period,
        member=_names(period).get(institution),
        people=queries.people(submission, revisions),
    )


def _step(period: str, verb: Callable[..., None], act: Act, institutions: list[str], done: str) -> ResponseReturnValue:
    """One step of one or many submissions, then back to where the person was."""
    if not institutions or not all(scope().sees(one) and (can(act, one)) for one in institutions):
        raise NotFound()
    form = StepForm()
    if form.validate_on_submit():
        verb(alliance_id(), period, institutions, by=actor(), now=now())
        flash(done, "success")
    if len(institutions) == 1:
        return redirect(url_for("indicators.read_submission", period=period, institution=institutions[0]))
    return redirect(url_for("indicators.list_submissions", period=period))


@blueprint.post("/submissions/sign/<period>")
@requires(Act.INDICATORS_SUBMISSION_SIGN)
def sign_submission(period: str) -> ResponseReturnValue:
    """Sign as the member's lead."""
    chosen = request.form.getlist("institution")
    return _step(period, services.sign_submission, Act.INDICATORS_SUBMISSION_SIGN, chosen, _("Signed."))


@blueprint.post("/submissions/submit/<period>")
@requires(Act.INDICATORS_SUBMISSION_SUBMIT)
def submit_submission(period: str) -> ResponseReturnValue:
    """Submit for review."""
    chosen = request.form.getlist("institution")
    return _step(
        period, services.submit_submission, Act.INDICATORS_SUBMISSION_SUBMIT, chosen, _("Submitted for review.")
    )


@blueprint.post("/submissions/accept/<period>")
@requires(Act.INDICATORS_SUBMISSION_ACCEPT)
def accept_submission(period: str) -> ResponseReturnValue:
    """Accept after review; an own employer's figures are refused by name."""
    chosen = request.form.getlist("institution")
    if len(chosen) == 1 and scope().sees(chosen[0]) and not can(Act.INDICATORS_SUBMISSION_ACCEPT, chosen[0]):
        raise Refused(
            "You are employed by %(who)s: its figures must be reviewed by somebody from elsewhere.", who=chosen[0]
        )
    return _step(period, services.accept_submission, Act.INDICATORS_SUBMISSION_ACCEPT, chosen, _("Accepted."))
