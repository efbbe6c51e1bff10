"""The doors of submissions: who has filed what, and the steps of review."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import moment
from alliance.i18n import period as period_words
from alliance.indicators import queries, services
from alliance.indicators.forms import (
    StepForm,
)
from alliance.indicators.rules.filing import Progress
from alliance.indicators.views.blueprint import blueprint
from alliance.members import queries as members
from alliance.pages import Link, Step


@blueprint.get("/submissions/list")
@requires(Act.INDICATORS_SUBMISSION_LIST)
def list_submissions() -> ResponseReturnValue:
    """Who has submitted what, for one period: ?period=."""
    periods = queries.periods(alliance_id())
    code = request.args.get("period", periods[0].code if periods else "")
    info = queries.period(alliance_id(), code) if code else None
    rows = queries.submissions(alliance_id(), code, scope().institutions) if info else []
    names = names_of(code) if info else {}
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


def names_of(code: str) -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.members(alliance_id(), Period.parse(code).last)}


def submission_of(
    period: str, institution: str
) -> tuple[queries.SubmissionInfo, members.MemberInfo, queries.PeriodInfo]:
    """The submission the reader may see; NotFound for a stranger's, as for one that is not there."""
    info = queries.period(alliance_id(), period)
    if info is None or not scope().sees(institution):
        raise NotFound()
    found, name = queries.submission(alliance_id(), period, institution), names_of(period).get(institution)
    if found is None or name is None:
        raise NotFound()
    return found, name, info


@blueprint.get("/submissions/read/<period>/<institution>")
@requires(Act.INDICATORS_SUBMISSION_READ)
def read_submission(period: str, institution: str) -> ResponseReturnValue:
    """What one member filed for a period, and how far it has come."""
    found, name, info = submission_of(period, institution)
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
        evidence=queries.evidence(alliance_id(), period, institution),
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
