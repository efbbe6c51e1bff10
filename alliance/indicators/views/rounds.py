"""The doors of cross-check rounds: the rounds, a round, a sample with what is to be checked, a check."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, can, concerns, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.indicators import queries, services
from alliance.indicators.forms import RecordCheckForm, StepForm
from alliance.indicators.rules.filing import Progress
from alliance.indicators.rules.rounds import CHECK_DAYS, sample_size
from alliance.indicators.views.blueprint import blueprint
from alliance.indicators.views.periods import period_of
from alliance.indicators.views.submissions import names_of
from alliance.pages import attachment
from alliance.store import Store


def check_store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "evidence", machine_now)


@blueprint.get("/rounds/list")
@requires(Act.INDICATORS_ROUND_LIST)
def list_rounds() -> ResponseReturnValue:
    """The rounds, newest month first; the months that may be drawn; what a checker still has to check."""
    samples = queries.visible_samples(scope(), queries.check_samples(alliance_id()))
    rounds = queries.check_rounds(alliance_id())
    return render_template(
        "indicators/list_rounds.html",
        rounds=rounds,
        of_round={one.period: [row for row in samples if row.period == one.period] for one in rounds},
        open_here=[row for row in samples if row.closed_at is None and row.checker == _checks_for()],
        drawable=queries.drawable(alliance_id(), now())[:3] if can(Act.INDICATORS_ROUND_DRAW) else [],
    )


def _checks_for() -> str:
    """The member for which the reader checks, "" for none."""
    return current_user.employer if can(Act.INDICATORS_CHECK_RECORD) else ""


def _round(period: str) -> queries.RoundInfo:
    found = queries.check_round(alliance_id(), period)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/rounds/read/<period>")
@requires(Act.INDICATORS_ROUND_READ)
def read_round(period: str) -> ResponseReturnValue:
    """One round: its seed, its samples, how far they are, what came of them."""
    found, everything = _round(period), queries.check_samples(alliance_id(), [period])
    samples = queries.visible_samples(scope(), everything)
    second = {one.institution for one in everything if one.number > 1}
    return render_template(
        "indicators/read_round.html",
        round=found,
        samples=samples,
        names=names_of(period),
        people=accounts.names({found.drawn_by}),
        closable=can(Act.INDICATORS_ROUND_CLOSE) and any(one.is_ready(now()) for one in everything),
        wanting=[one for one in samples if one.wants_second(now()) and one.institution not in second]
        if can(Act.INDICATORS_SAMPLE_DRAW)
        else [],
        hidden=len(everything) - len(samples),
        form=StepForm(),
        now=now(),
    )


@blueprint.route("/rounds/draw/<period>", methods=["GET", "POST"])
@requires(Act.INDICATORS_ROUND_DRAW)
def draw_round(period: str) -> ResponseReturnValue:
    """Draw a round: first what it will be, then the drawing."""
    info, form = period_of(period), StepForm()
    if form.validate_on_submit():
        ok, job = form.done(lambda: services.queue_round(alliance_id(), period, by=actor(), now=now()))
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
    rows = queries.submissions(alliance_id(), period)
    accepted = [row for row in rows if row.state is Progress.ACCEPTED]
    return render_template(
        "indicators/draw_round.html",
        form=form,
        period=info,
        rows=rows,
        accepted=accepted,
        figures=sum(sample_size(row.filled) for row in accepted),
        checkers=sorted(queries.checking_members(alliance_id(), today())),
        names=names_of(period),
        days=CHECK_DAYS,
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/rounds/close/<period>", methods=["GET", "POST"])
@requires(Act.INDICATORS_ROUND_CLOSE)
def close_round(period: str) -> ResponseReturnValue:
    """Close the samples that are checked, or whose time is over: first what comes of each."""
    _round(period)
    form = StepForm()
    if form.validate_on_submit():
        ok, job = form.done(lambda: services.queue_closing(alliance_id(), period, by=actor(), now=now()))
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
    samples = queries.check_samples(alliance_id(), [period])
    return render_template(
        "indicators/close_round.html",
        form=form,
        period=period,
        ready=[one for one in samples if one.is_ready(now())],
        rest=[one for one in samples if one.closed_at is None and not one.is_ready(now())],
        names=names_of(period),
    ), 422 if form.errors or form.refused else 200


def _sample(period: str, institution: str, number: int) -> queries.SampleInfo:
    """A sample that the reader may open; NotFound for others, as for one that is not there."""
    found = queries.check_sample(alliance_id(), period, institution, number)
    if found is None or not queries.visible_samples(scope(), [found]):
        raise NotFound()
    return found


def _may_record(sample: queries.SampleInfo) -> bool:
    return (
        sample.checker == _checks_for()
        and can(Act.INDICATORS_CHECK_RECORD, sample.institution)
        and sample.closed_at is None
        and now() < sample.due_at
    )


@blueprint.get("/samples/read/<period>/<institution>/<int:number>")
@requires(Act.INDICATORS_SAMPLE_READ)
def read_sample(period: str, institution: str, number: int) -> ResponseReturnValue:
    """The figures of a sample: what was filed, what was found at the source."""
    sample = _sample(period, institution, number)
    items = queries.check_items(sample.id)
    known = queries.library(alliance_id(), Period.parse(period).last)
    return render_template(
        "indicators/read_sample.html",
        sample=sample,
        items=items,
        population=queries.population(sample.id) if scope().institutions is None else [],
        seed=services.lot(_round(period).seed, institution, number),
        elements=known.elements,
        dimensions={one.code: one.name for one in known.dimensions},
        names=names_of(period),
        people=accounts.names({one.finding.checked_by for one in items if one.finding}),
        may_record=_may_record(sample),
        may_propose=sample.checker == _checks_for() and any(one.finding and one.finding.wrong for one in items),
        decisions=accounts.decisions(alliance_id(), sample.subject) if sample.outcome == "committee" else [],
        now=now(),
    )


@blueprint.route("/samples/draw/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.INDICATORS_SAMPLE_DRAW)
def draw_sample(period: str, institution: str) -> ResponseReturnValue:
    """Draw the second sample of a member, after its time for corrections."""
    first, form = _sample(period, institution, 1), StepForm()
    if form.validate_on_submit():
        ok, _size = form.done(
            lambda: services.draw_sample(alliance_id(), period, institution, by=actor(), now=now())
        )  # fmt: skip
        if ok:
            flash(_("The second sample is drawn."), "success")
            return redirect(url_for("indicators.read_sample", period=period, institution=institution, number=2))
    return render_template(
        "indicators/draw_sample.html", form=form, first=first, names=names_of(period)
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/checks/record/<period>/<institution>/<int:number>/<element>", methods=["GET", "POST"])
@requires(Act.INDICATORS_CHECK_RECORD)
def record_check(period: str, institution: str, number: int, element: str) -> ResponseReturnValue:
    """Record what was found at the source of a figure."""
    sample = _sample(period, institution, number)
    item = next((one for one in queries.check_items(sample.id) if one.element == element), None)
    known = queries.library(alliance_id(), Period.parse(period).last).elements.get(element)
    if item is None or known is None or sample.checker != _checks_for():
        raise NotFound()
    form = RecordCheckForm()
    if form.validate_on_submit():
        file = (form.file.data.filename or "", form.file.data.read()) if form.file.data else None
        ok, wrong = form.done(
            lambda: services.record_check(
                alliance_id(), period, institution, number, element, form.source.data or "", form.note.data or "",
                file, check_store(), by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("Recorded: the figure is wrong.") if wrong else _("Recorded: the figure is right."), "success")
            return redirect(url_for("indicators.read_sample", period=period, institution=institution, number=number))
    return render_template(
        "indicators/record_check.html", form=form, sample=sample, item=item, element=known, names=names_of(period)
    ), 422 if form.errors or form.refused else 200


def check_of(number: int) -> queries.CheckInfo:
    """A check that the reader may open."""
    found = next(iter(queries.checks(alliance_id(), [number])), None)
    if found is None or not queries.visible_samples(scope(), [found.sample]):
        raise NotFound()
    concerns(found.sample.institution)
    return found


@blueprint.get("/checks/read/<int:number>")
@requires(Act.INDICATORS_CHECK_READ)
def read_check(number: int) -> ResponseReturnValue:
    """One finding: the value filed, the value at the source, by whom and by which evidence."""
    found = check_of(number)
    assert found.item.finding is not None
    known = queries.library(alliance_id(), Period.parse(found.sample.period).last)
    return render_template(
        "indicators/read_check.html",
        check=found,
        element=known.elements[found.item.element],
        names=names_of(found.sample.period),
        people=accounts.names({found.item.finding.checked_by}),
    )


@blueprint.get("/checks/download/<int:number>")
@requires(Act.INDICATORS_CHECK_READ)
def download_check(number: int) -> ResponseReturnValue:
    """The file behind a finding."""
    found = check_of(number)
    finding = found.item.finding
    if finding is None or not finding.file_sha256:
        raise NotFound()
    try:
        content = check_store().read(finding.file_sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=finding.file_name) from None
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, finding.file_name, finding.file_media, found.sample.subject, shut)
