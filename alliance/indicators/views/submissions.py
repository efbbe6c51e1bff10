"""The doors of submissions: who has filed what, and the steps of review."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import moment
from alliance.i18n import period as period_words
from alliance.indicators import queries, services
from alliance.indicators.forms import ExplainValueForm, ReturnSubmissionForm, StepForm
from alliance.indicators.rules.checks import unexplained
from alliance.indicators.rules.filing import CAPTURED, Progress, closes_at
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.periods import may_grant, period_of
from alliance.members import queries as members
from alliance.pages import Link, Step

IN_REVIEW = (Progress.SUBMITTED, Progress.REVIEW)


@blueprint.get("/submissions/list")
@requires(Act.INDICATORS_SUBMISSION_LIST)
def list_submissions() -> ResponseReturnValue:
    """Who has submitted what, for one period: ?period=."""
    periods = queries.periods(alliance_id())
    code = request.args.get("period", periods[0].code if periods else "")
    info = queries.period(alliance_id(), code) if code else None
    rows = queries.submissions(alliance_id(), code, scope().institutions) if info else []
    names = names_of(code) if info else {}
    asked = queries.exceptions(alliance_id(), code) if info else []
    return render_template(
        "indicators/list_submissions.html",
        periods=periods,
        period=info,
        rows=rows,
        names=names,
        form=StepForm(),
        period_links=[
            Link(period_words(one.code), url_for("indicators.list_submissions", period=one.code), one.code == code)
            for one in periods[:8]
        ],
        ready=[
            row.institution
            for row in rows
            if row.state in IN_REVIEW and can(Act.INDICATORS_SUBMISSION_ACCEPT, row.institution)
        ],
        waiting=[row.institution for row in rows if row.waits],
        asked=[one for one in asked if may_grant(one)],
        reminded={one.institution: one.sent_at for one in (queries.reminders(alliance_id(), code) if info else [])},
        submitted=sum(row.state in (*IN_REVIEW, Progress.ACCEPTED) for row in rows),
        open_now=bool(info and info.due_at > now()),
        now=now(),
    )


def names_of(code: str) -> dict[str, members.MemberInfo]:
    """The members of a period by code."""
    return {one.code: one for one in members.members(alliance_id(), Period.parse(code).last)}


def submission_of(
    period: str, institution: str
) -> tuple[queries.SubmissionInfo, members.MemberInfo, queries.PeriodInfo]:
    """The submission the reader may see; NotFound for a stranger's, as for one that is not there."""
    if not scope().sees(institution):
        raise NotFound()
    info = period_of(period)
    found, name = queries.submission(alliance_id(), period, institution), names_of(period).get(institution)
    if found is None or name is None:
        raise NotFound()
    return found, name, info


@blueprint.get("/submissions/read/<period>/<institution>")
@requires(Act.INDICATORS_SUBMISSION_READ)
def read_submission(period: str, institution: str) -> ResponseReturnValue:
    """What one member filed for a period, how far it has come, what changed since it was submitted last."""
    return _submission_page(period, institution, ExplainValueForm(formdata=None))


def _submission_page(period: str, institution: str, explaining: ExplainValueForm) -> ResponseReturnValue:
    found, name, info = submission_of(period, institution)
    library = queries.library(alliance_id(), Period.parse(period).last)
    readings = queries.readings(alliance_id(), period, institution)
    due = [element.code for element in queries.elements_due(library, name.tier, Period.parse(period))]
    texts = queries.explanations(alliance_id(), period, institution)
    findings = queries.findings(alliance_id(), period, institution)
    returned = queries.returned(alliance_id(), period, institution)
    base = found.round if found.waits else found.round - 1
    changes = queries.changes_since(alliance_id(), period, institution, base) if base > 0 else []
    history = queries.history(alliance_id(), period, institution)
    exceptions = queries.exceptions(alliance_id(), period, institution)
    hands = {one.account for one in history} | {one.written_by for one in texts.values()}
    hands |= {one.returned_by for one in returned} | {one.asked_by for one in exceptions}
    return render_template(
        "indicators/read_submission.html",
        submission=found,
        member=name,
        period=info,
        library=library,
        readings=readings,
        codes=due,
        further=[code for code in readings if code not in due],
        form=StepForm(),
        explaining=explaining,
        people=queries.people(found, readings.values()) | accounts.names(hands),
        steps=_steps(found),
        findings=findings,
        unexplained=unexplained(findings, queries.explained(texts)),
        explanations=texts,
        remarks=_remarks(texts, readings, {one.code for one in findings} | {one.element for one in changes}),
        returned=[one for one in returned if one.round == found.round],
        changes=changes,
        base=base,
        history=history,
        exceptions=exceptions,
        evidence=queries.evidence(alliance_id(), period, institution),
        in_force=any(one.holds(now()) for one in exceptions),
        closed=closes_at(info.due_at, info.review_until, found.unlocked) <= now(),
        may={
            what: can(act, institution)
            for what, act in {
                "file": Act.INDICATORS_READING_FILE,
                "upload": Act.INDICATORS_READING_UPLOAD,
                "explain": Act.INDICATORS_VALUE_EXPLAIN,
                "sign": Act.INDICATORS_SUBMISSION_SIGN,
                "submit": Act.INDICATORS_SUBMISSION_SUBMIT,
                "recall": Act.INDICATORS_SUBMISSION_RECALL,
                "review": Act.INDICATORS_SUBMISSION_REVIEW,
                "accept": Act.INDICATORS_SUBMISSION_ACCEPT,
                "ask": Act.INDICATORS_EXCEPTION_ASK,
            }.items()
        },
        own_employer=can(Act.INDICATORS_SUBMISSION_ACCEPT) and not can(Act.INDICATORS_SUBMISSION_ACCEPT, institution),
    ), 422 if explaining.errors or explaining.refused else 200


def _remarks(
    texts: Mapping[str, queries.ExplanationInfo], readings: Mapping[str, queries.ReadingInfo], shown: Collection[str]
) -> list[tuple[queries.ExplanationInfo, bool]]:
    """What the member wrote of values as they stand and no other table of the page shows, each with whether it objects
    to a value that was captured."""
    return [
        (one, readings[code].origin == CAPTURED)
        for code, one in sorted(texts.items())
        if code in readings and code not in shown and one.value == canonical(readings[code].value)
    ]


def _steps(found: queries.SubmissionInfo) -> list[Step]:
    """Filed, signed, submitted, reviewed, accepted: how far a submission has come."""
    order = [Progress.DRAFT, Progress.SIGNED, Progress.SUBMITTED, Progress.REVIEW, Progress.ACCEPTED]
    labels = [_("Filed"), _("Signed by the lead"), _("Submitted"), _("Under review"), _("Accepted")]
    times = [None, found.signed_at, found.submitted_at, found.reviewed_at, found.accepted_at]
    reached = order.index(found.state) if found.state in order else -1
    return [
        Step(
            text,
            "done" if place <= reached else "current" if place == reached + 1 else "todo",
            moment(at) if at and place <= reached else "",
        )
        for place, (text, at) in enumerate(zip(labels, times, strict=True))
    ]


@blueprint.route("/submissions/return/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_SUBMISSION_RETURN)
def return_submission(period: str, institution: str) -> ResponseReturnValue:
    """Return single values with a reason each."""
    found, name, info = submission_of(period, institution)
    if not can(Act.INDICATORS_SUBMISSION_RETURN, institution):
        raise Refused(
            "You are employed by %(who)s: its figures must be reviewed by somebody from elsewhere.", who=institution
        )
    form = ReturnSubmissionForm()
    typed = {key.removeprefix("reason-"): text for key, text in request.form.items() if key.startswith("reason-")}
    chosen = set(request.form.getlist("return"))
    if form.validate_on_submit():
        # A reason without a tick is meant as a return too.
        reasons = {code: text for code, text in typed.items() if code in chosen or text.strip()}
        ok, _none = form.done(
            lambda: services.return_submission(alliance_id(), period, institution, reasons, by=actor(), now=now())
        )
        if ok:
            flash(_("Returned. Only these values are open to the member now."), "success")
            return redirect(url_for("indicators.read_submission", period=period, institution=institution))
    library = queries.library(alliance_id(), Period.parse(period).last)
    due = queries.elements_due(library, name.tier, Period.parse(period))
    changes = {one.element: one for one in queries.changes_since(alliance_id(), period, institution, found.round - 1)}
    texts = queries.explanations(alliance_id(), period, institution)
    return render_template(
        "indicators/return_submission.html",
        form=form,
        submission=found,
        member=name,
        period=info,
        elements=sorted(due, key=lambda one: one.code not in changes) if changes else due,
        readings=queries.readings(alliance_id(), period, institution),
        changes=changes,
        explanations=texts,
        typed=typed,
        chosen=chosen,
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/values/explain/<period>/<institution>")
@requires(Act.INDICATORS_VALUE_EXPLAIN)
def explain_value(period: str, institution: str) -> ResponseReturnValue:
    """Explain an unusual or a returned value."""
    submission_of(period, institution)
    if not can(Act.INDICATORS_VALUE_EXPLAIN, institution):
        raise NotFound()
    form = ExplainValueForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.explain_value(
                alliance_id(),
                period,
                institution,
                form.about.data or "",
                form.value.data or "",
                form.text.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The explanation is saved."), "success")
            return redirect(url_for("indicators.read_submission", period=period, institution=institution))
    return _submission_page(period, institution, form)


def _step(period: str, verb: Callable[..., None], act: Act, done: str) -> ResponseReturnValue:
    """One step of one or many submissions, then back to where the person was."""
    institutions = request.form.getlist("institution")
    if len(institutions) == 1 and scope().sees(institutions[0]) and can(act) and not can(act, institutions[0]):
        raise Refused(
            "You are employed by %(who)s: its figures must be reviewed by somebody from elsewhere.",
            who=institutions[0],
        )
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
    return _step(period, services.sign_submission, Act.INDICATORS_SUBMISSION_SIGN, _("Signed."))


@blueprint.post("/submissions/submit/<period>")
@requires(Act.INDICATORS_SUBMISSION_SUBMIT)
def submit_submission(period: str) -> ResponseReturnValue:
    """Submit for review."""
    return _step(period, services.submit_submission, Act.INDICATORS_SUBMISSION_SUBMIT, _("Submitted for review."))


@blueprint.post("/submissions/recall/<period>")
@requires(Act.INDICATORS_SUBMISSION_RECALL)
def recall_submission(period: str) -> ResponseReturnValue:
    """Take back what was submitted, before its review begins."""
    return _step(period, services.recall_submission, Act.INDICATORS_SUBMISSION_RECALL, _("Taken back."))


@blueprint.post("/submissions/review/<period>")
@requires(Act.INDICATORS_SUBMISSION_REVIEW)
def review_submission(period: str) -> ResponseReturnValue:
    """Take submitted figures under review."""
    return _step(
        period, services.review_submission, Act.INDICATORS_SUBMISSION_REVIEW, _("You are reviewing these figures now.")
    )


@blueprint.post("/submissions/accept/<period>")
@requires(Act.INDICATORS_SUBMISSION_ACCEPT)
def accept_submission(period: str) -> ResponseReturnValue:
    """Accept after review; an own employer's figures are refused by name."""
    return _step(period, services.accept_submission, Act.INDICATORS_SUBMISSION_ACCEPT, _("Accepted."))
