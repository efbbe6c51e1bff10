"""The doors of tables: templates to fill, a member's own table, those of many members, and what is wrong in them."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from alliance.access import actor, alliance_id, can, machine_now, now, requires
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import label, words
from alliance.i18n import period as period_words
from alliance.indicators import queries, services, sheets
from alliance.indicators.forms import ImportReadingForm, TableForm, UploadReadingForm
from alliance.indicators.rules.cells import Filled
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.submissions import submission_of
from alliance.pages import attachment
from alliance.store import Store, uploads

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100  # rows of a report; the rest stands in the file
TRIED = 60  # values whose effect is worked out together: their address is no longer than servers take


@blueprint.route("/readings/upload/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_UPLOAD)
def upload_reading(period: str, institution: str) -> ResponseReturnValue:
    """A member's own table: checked, which changes nothing, then applied; the button says which."""
    found, name, info = submission_of(period, institution)
    if not can(Act.INDICATORS_READING_UPLOAD, institution):
        raise NotFound()
    form, report = UploadReadingForm(), None
    if form.validate_on_submit():
        ok, report = form.done(lambda: _checked(form, period, institution))
        if ok and report and request.form.get("apply") and not report.problems:
            ok, done = form.done(lambda: _uploaded(form, report, period, institution))
            if ok and done:
                flash(done, "success")
                return redirect(url_for("indicators.read_submission", period=period, institution=institution))
    return render_template(
        "indicators/upload_reading.html",
        form=form,
        report=report,
        shown=SHOWN,
        marking=_marking(form, report, period, institution),
        submission=found,
        member=name,
        period=info,
        rules=sheets.rules(),
    ), 422 if form.errors or form.refused or (report and report.problems) else 200


def _checked(form: TableForm, period: str, institution: str = "") -> queries.Report:
    """What the file of a form would do; its bytes are kept for a day, so that it need not be sent again."""
    report = queries.dry_run(
        alliance_id(), period, _filled(*_content(form), period, institution), institution, by=actor(), now=now()
    )
    if request.form.get("apply") and report.says_something and form.report.data not in ("", None, report.digest):
        form.report.data = report.digest
        raise Refused("Something changed since you looked: see below what the file would do now, and apply it again.")
    form.report.data = report.digest
    return report


def _marking(form: TableForm, report: queries.Report | None, period: str, institution: str = "") -> int:
    """The job that marks the wrong cells of a large table; 0 where that is done when the file is asked for."""
    if report is None or not report.problems or len(report.rows) + len(report.problems) <= services.LARGE:
        return 0
    kept, name = form.kept.data or "", form.name.data or ""
    return services.queue_marks(alliance_id(), period, institution, kept, name, by=actor(), now=now())


def _filled(content: bytes, name: str, period: str, institution: str) -> Filled:
    known = queries.library(alliance_id(), Period.parse(period).last)
    return sheets.read_filled(content, name, period, known, institution)


def _content(form: TableForm) -> tuple[bytes, str]:
    """The bytes and the name of the file that was sent now, or that was checked before."""
    if form.file.data:
        content, name = form.file.data.read(), PurePath(form.file.data.filename or "").name[:120]
        form.kept.data, form.name.data = _uploads().keep(content), name
        return content, name
    return _kept(form.kept.data or ""), (form.name.data or "")[:120]


def _uploads() -> Store:
    return uploads(current_app.config["ALLIANCE"].data, alliance_id(), current_user.code, machine_now)


def _kept(digest: str) -> bytes:
    try:
        return _uploads().read(digest)
    except NotFound:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None


def _uploaded(form: TableForm, report: queries.Report, period: str, institution: str) -> str:
    if not report.says_something:
        return _("The file says what stands already; nothing was changed.")
    changed, explained = services.upload_reading(
        alliance_id(),
        period,
        institution,
        report.rows,
        report.notes,
        form.document.data or form.name.data or "",
        by=actor(),
        now=now(),
    )
    saved = ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed)
    if not explained:
        return saved
    told = ngettext("%(num)s explanation was saved.", "%(num)s explanations were saved.", explained)
    return _("%(saved)s %(told)s", saved=saved, told=told)


@blueprint.route("/readings/import", methods=["GET", "POST"])
@requires(Act.INDICATORS_READING_IMPORT)
def import_reading() -> ResponseReturnValue:
    """Values of many members from one file: checked, which changes nothing, then applied; the button says which."""
    form, report = ImportReadingForm(), None
    open_now = [one for one in queries.periods(alliance_id()) if _takes_files(one)]
    form.period.choices = [(one.code, period_words(one.code)) for one in open_now]
    if request.method == "GET" and request.args.get("period") in {one.code for one in open_now}:
        form.period.data = request.args["period"]
    if form.validate_on_submit():
        period = form.period.data
        ok, report = form.done(lambda: _checked(form, period))
        if ok and report and request.form.get("apply") and not report.problems:
            ok, where = form.done(lambda: _imported(form, report, period))
            if ok and where:
                return redirect(where)
    return render_template(
        "indicators/import_reading.html",
        form=form,
        report=report,
        shown=SHOWN,
        marking=_marking(form, report, form.period.data or ""),
        effect=_effect(report, form.period.data or "") if can(Act.DESK_EFFECT_READ) else "",
        periods=open_now,
        rules=sheets.rules(),
        demo=current_app.config["ALLIANCE"].demo,
    ), 422 if form.errors or form.refused or (report and report.problems) else 200


def _effect(report: queries.Report | None, period: str) -> str:
    """Where it is worked out what a checked file would do to scores and shares; "" where it changes too much for an
    address, or nothing that can be tried."""
    rows = [row for row in report.rows if row.institution and row.entry.value is not None] if report else []
    if not rows or len(rows) > TRIED:
        return ""
    asked: dict[str, Any] = {f"value-{row.institution}-{row.element}": row.entry.text for row in rows}
    return url_for("desk.read_effect", period=period, **asked)


def _takes_files(info: queries.PeriodInfo) -> bool:
    """Whether some value may still be brought in: until the review ends, or a member has leave to file."""
    if max(info.due_at, info.review_until) > now():
        return True
    return any(one.holds(now()) for one in queries.exceptions(alliance_id(), info.code))


def _imported(form: ImportReadingForm, report: queries.Report, period: str) -> str:
    """Apply a file that was checked, or ask for that where it is large; the address that tells what came of it."""
    document = form.document.data or ""
    if len(report.rows) > services.LARGE:
        job = services.queue_reading(
            alliance_id(), period, form.kept.data or "", form.name.data or "", report.digest, document,
            by=actor(), now=now(),
        )  # fmt: skip
        return url_for("work.read_job", number=job, follow=1)
    if report.says_something:
        changed = services.import_reading(alliance_id(), period, report.rows, document, by=actor(), now=now())
        flash(ngettext("%(num)s value was saved.", "%(num)s values were saved.", changed), "success")
    else:
        flash(_("The file says what stands already; nothing was changed."), "success")
    return url_for("indicators.list_submissions", period=period)


@blueprint.get("/readings/marked/<period>/<institution>/<digest>")
@requires(Act.INDICATORS_READING_UPLOAD)
def download_marked(period: str, institution: str, digest: str) -> ResponseReturnValue:
    """The member's table that was checked, with its wrong cells marked; an Excel file."""
    submission_of(period, institution)
    if not can(Act.INDICATORS_READING_UPLOAD, institution):
        raise NotFound()
    return _made(f"submission:{institution}/{period}") or _marked(period, digest, institution)


@blueprint.get("/readings/import/marked/<period>/<digest>")
@requires(Act.INDICATORS_READING_IMPORT)
def download_marked_import(period: str, digest: str) -> ResponseReturnValue:
    """The table of many members that was checked, with its wrong cells marked; an Excel file."""
    return _made(f"readings:{period}") or _marked(period, digest)


def _made(subject: str) -> ResponseReturnValue | None:
    """The marked table as a job has made it and kept it among the uploads of who asked; None when none is asked for."""
    made = request.args.get("made", "")
    return attachment(_uploads().read(made), _marked_name(), XLSX, subject) if made else None


def _marked_name() -> str:
    return f"{PurePath(_name()).stem}-{_('errors marked')}.xlsx"


def _name() -> str:
    return PurePath(request.args.get("name", "")).name[:120] or "table.xlsx"


def _marked(period: str, digest: str, institution: str = "") -> ResponseReturnValue:
    content, name = _uploads().read(digest), _name()
    filled = _filled(content, name, period, institution)
    report = queries.dry_run(alliance_id(), period, filled, institution, by=actor(), now=now())
    marked = sheets.mark_faults(content, name, (*report.problems, *report.captured), institution)
    subject = f"submission:{institution}/{period}" if institution else f"readings:{period}"
    return attachment(marked, _marked_name(), XLSX, subject)


@blueprint.get("/readings/template/<period>")
@requires(Act.INDICATORS_READING_IMPORT)
def download_template(period: str) -> ResponseReturnValue:
    """The table of everything due in a period, with what is filed: an Excel file, or CSV with ?as=csv."""
    if queries.period(alliance_id(), period) is None:
        raise NotFound()
    rows = [
        (member.code, label(member), element.code, words(element.name), text)
        for member, element, text in queries.everything_due(alliance_id(), period)
    ]
    name, subject = f"readings-{period}", f"readings:{period}"
    if request.args.get("as") == "csv":
        return attachment(sheets.write_readings_csv(period, rows), f"{name}.csv", "text/csv", subject)
    return attachment(sheets.write_readings(period, rows), f"{name}.xlsx", XLSX, subject)


@blueprint.get("/readings/template/<period>/<institution>")
@requires(Act.INDICATORS_READING_UPLOAD)
def download_own_template(period: str, institution: str) -> ResponseReturnValue:
    """A member's table of a period, filled in as far as it is filed: an Excel file, or CSV with ?as=csv."""
    submission_of(period, institution)
    if not can(Act.INDICATORS_READING_UPLOAD, institution):
        raise NotFound()
    lines = [
        sheets.Line(
            one.element.code, one.element.name, one.element.unit, one.element.definition, one.previous, one.last_year,
            one.value, one.explanation, one.revision,
        )
        for one in queries.due_lines(alliance_id(), period, institution)
    ]  # fmt: skip
    name, subject = f"{institution}-{period}", f"submission:{institution}/{period}"
    if request.args.get("as") == "csv":
        return attachment(sheets.write_member_csv(institution, period, lines), f"{name}.csv", "text/csv", subject)
    return attachment(sheets.write_member_template(institution, period, lines), f"{name}.xlsx", XLSX, subject)
