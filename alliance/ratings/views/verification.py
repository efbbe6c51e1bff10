"""The doors of who verifies: a figure, what was completed, findings; and a verified figure for its readers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import label
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.ratings import queries, services
from alliance.ratings.forms import ConfirmCompletionForm, RecordFindingForm, RecordVerificationForm, StepForm
from alliance.ratings.queries import EngagementInfo, VerifiedInfo
from alliance.ratings.rules.verification import VERDICTS, deviation
from alliance.ratings.views.blueprint import blueprint
from alliance.ratings.views.engagements import engagement_of, file_of, records, verification_store


def _figure(number: str, place: int) -> tuple[EngagementInfo, VerifiedInfo]:
    """A figure of a sample that the reader may open."""
    one = engagement_of(number)
    seen = queries.opened_members(scope(), one, today())
    found = next((row for row in queries.figures_drawn(one.id, seen) if row.id == place), None)
    if found is None:
        raise NotFound()
    concerns(found.institution)
    return one, found


def _recording(number: str, institution: str = "") -> EngagementInfo:
    """An engagement in which the reader records now, about a member from which nothing keeps apart."""
    one = engagement_of(number)
    if not records(one) or (institution and institution not in queries.opened_members(scope(), one, today())):
        raise NotFound()
    return one


@blueprint.get("/verifications/read/<number>/<int:figure>")
@requires(Act.RATINGS_VERIFICATION_READ)
def read_verification(number: str, figure: int) -> ResponseReturnValue:
    """A figure of the sample: what was filed, what the source says."""
    one, found = _figure(number, figure)
    known = indicators.library(alliance_id(), Period.parse(found.period).last)
    return render_template(
        "ratings/read_verification.html", one=one, found=found, element=known.elements[found.element],
        verdicts=VERDICTS, people=accounts.names({found.checked_by} - {""}), records=records(one),
        off=None if found.corrected is None else deviation(found.value, found.corrected),
        evidence=indicators.evidence(alliance_id(), found.period, found.institution, found.element),
        corrects=can(Act.INDICATORS_EXCEPTION_ASK, found.institution) and found.verdict == "corrected",
    )  # fmt: skip


@blueprint.get("/verifications/download/<number>/<int:figure>")
@requires(Act.RATINGS_VERIFICATION_READ)
def download_verification(number: str, figure: int) -> ResponseReturnValue:
    """The file behind a verdict."""
    _one, found = _figure(number, figure)
    subject = f"verification:{found.institution}/{number}"
    return file_of(found.file_sha256, found.file_name, found.file_media, subject)


@blueprint.route("/verifications/record/<number>/<int:figure>", methods=["GET", "POST"])
@requires(Act.RATINGS_VERIFICATION_RECORD)
def record_verification(number: str, figure: int) -> ResponseReturnValue:
    """Record what the source says of a figure; then the next one that nobody has looked at."""
    one, found = _figure(number, figure)
    if not records(one):
        raise NotFound()
    known = indicators.library(alliance_id(), Period.parse(found.period).last)
    form = RecordVerificationForm()
    form.offer()
    if request.method == "GET" and found.verdict:
        form.verdict.data, form.source.data, form.remark.data = found.verdict, found.source, found.remark
        form.corrected.data = "" if found.corrected is None else f"{found.corrected:f}"
    if form.validate_on_submit():
        file = (form.file.data.filename or "", form.file.data.read()) if form.file.data else None
        judged = services.Judged(
            figure, form.verdict.data or "", form.corrected.data or "", form.source.data or "", form.remark.data or "",
            file,
        )  # fmt: skip
        ok, _count = form.done(
            lambda: services.record_verification(
                alliance_id(), number, [judged], verification_store(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Recorded."), "success")
            left = [row for row in queries.figures_drawn(one.id, {found.institution}) if not row.verdict]
            if left:
                return redirect(url_for(".record_verification", number=number, figure=left[0].id))
            return redirect(url_for(".read_engagement", number=number))
    rows = queries.figures_drawn(one.id, {found.institution})
    return render_template(
        "ratings/record_verification.html", form=form, one=one, found=found, element=known.elements[found.element],
        left=sum(not row.verdict for row in rows), whole=len(rows),
        evidence=indicators.evidence(alliance_id(), found.period, found.institution, found.element),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/completions/confirm/<number>/<institution>", methods=["GET", "POST"])
@requires(Act.RATINGS_COMPLETION_CONFIRM)
def confirm_completion(number: str, institution: str) -> ResponseReturnValue:
    """Confirm for the indicators of a member whether what they ask for was completed."""
    one, form = _recording(number, institution), ConfirmCompletionForm()
    figures = queries.figures_drawn(one.id, {institution})
    rows = queries.completions(alliance_id(), one, figures)
    sent = form.verdicts(request.form, [row.indicator for row in rows])
    if form.validate_on_submit():
        ok, count = form.done(
            lambda: services.confirm_completion(alliance_id(), number, institution, sent, by=actor(), now=now())
        )
        if ok:
            confirmed = ngettext(
                "Completion of %(num)s indicator is confirmed.", "Completion of %(num)s indicators is confirmed.",
                count or 0,
            )  # fmt: skip
            flash(confirmed, "success")
            return redirect(url_for(".read_engagement", number=number))
    known = indicators.library(alliance_id(), Period.parse(one.period).last)
    said = sent if request.method == "POST" else {row.indicator: (row.verdict, row.reason) for row in rows}
    return render_template(
        "ratings/confirm_completion.html", form=form, one=one, institution=institution, rows=rows, said=said,
        indicators=known.indicators, elements=known.elements, figures=figures, verdicts=VERDICTS,
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.route("/findings/record/<number>", methods=["GET", "POST"])
@requires(Act.RATINGS_FINDING_RECORD)
def record_finding(number: str) -> ResponseReturnValue:
    """Record a finding about a member of the engagement."""
    one, form = _recording(number), RecordFindingForm()
    seen = queries.opened_members(scope(), one, today())
    names = {row.code: label(row) for row in members.members(alliance_id(), today())}
    form.offer([(code, f"{code} {names.get(code, '')}") for code in sorted(seen)])
    if request.method == "GET":
        form.institution.data = request.args.get("institution", "")
        form.area.data = request.args.get("area", "")[:120]
    if form.validate_on_submit():
        due = form.due.data
        assert due is not None
        ok, _number = form.done(
            lambda: services.record_finding(
                alliance_id(), number, form.institution.data, form.severity.data or "", form.area.data or "",
                form.text.data or "", form.expected.data or "", due, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The finding is recorded; its improvement plan opens when the verification is locked."), "success")
            return redirect(url_for(".read_engagement", number=number))
    return render_template("ratings/record_finding.html", form=form, one=one), (
        422 if form.errors or form.refused else 200
    )


@blueprint.route("/findings/withdraw/<number>/<int:finding>", methods=["GET", "POST"])
@requires(Act.RATINGS_FINDING_WITHDRAW)
def withdraw_finding(number: str, finding: int) -> ResponseReturnValue:
    """Take a finding back before the lock."""
    one, form = _recording(number), StepForm()
    seen = queries.opened_members(scope(), one, today())
    there = queries.findings(alliance_id(), number, seen)
    found = next((row for row in there if row.number == finding), None)
    if found is None:
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.withdraw_finding(alliance_id(), number, finding, by=actor(), now=now())
        )  # fmt: skip
        if ok:
            flash(_("The finding is taken back."), "success")
            return redirect(url_for(".read_engagement", number=number))
    return render_template("ratings/withdraw_finding.html", form=form, one=one, found=found), (
        422 if form.errors or form.refused else 200
    )
