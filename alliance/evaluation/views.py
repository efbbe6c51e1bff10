"""The doors of scoring: schemes, results of rater groups, vetoes, runs and scores."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.charts import Axis, Series, radar
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.evaluation import queries, services, sheets
from alliance.evaluation.forms import (
    DecideSchemeForm,
    EnterRatingForm,
    ImportSchemeForm,
    ImposeVetoForm,
    RunForm,
    TryRunForm,
)
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.i18n import bracketed, day, label, lang, words
from alliance.indicators import queries as indicators
from alliance.members import queries as members
from alliance.pages import attachment

blueprint = Blueprint("evaluation", __name__, url_prefix="/evaluation")
SHOWN_DIMENSIONS = 7
RADAR_WIDTH = 384  # its column beside the table; as wide as a phone, so that the letters keep their size


def _members() -> list[tuple[str, str]]:
    return [(one.code, f"{one.code} {label(one)}") for one in members.members(alliance_id(), today())]


def _names(period: str) -> dict[str, members.MemberInfo]:
    """The members of a period by code, by tier."""
    return {one.code: one for one in members.members(alliance_id(), Period.parse(period).last)}


def _scheme(code: str, version: int) -> queries.SchemeInfo:
    found = queries.scheme_info(alliance_id(), code, version)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/schemes/list")
@requires(Act.EVALUATION_SCHEME_LIST)
def list_schemes() -> ResponseReturnValue:
    """All versions of all schemes."""
    found = queries.schemes(alliance_id())
    holding = queries.scheme_in_force(alliance_id(), today())
    return render_template(
        "evaluation/list_schemes.html",
        schemes=found,
        holding=holding,
        standings={one.reference: queries.standing(one, holding, today()) for one in found},
    )


@blueprint.get("/schemes/read/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_READ)
def read_scheme(code: str, version: int) -> ResponseReturnValue:
    """A scheme: lines by tier (?tier=), groups, fund rules, findings, decision."""
    return _scheme_page(_scheme(code, version), DecideSchemeForm(), {})


def _scheme_page(info: queries.SchemeInfo, form: DecideSchemeForm, reasons: Mapping[str, str]) -> ResponseReturnValue:
    """The page of a scheme; `reasons` are those just typed."""
    subject = f"scheme:{info.reference}"
    decisions = [one for one in accounts.decisions(alliance_id(), subject) if one.adopted]
    form.decision.choices = [(one.number, one.number + bracketed(day(one.held_on))) for one in decisions]
    tiers = queries.scheme_tiers(alliance_id(), info)
    shown = next((one for one in tiers if one.tier == request.args.get("tier")), tiers[0] if tiers else None)
    return render_template(
        "evaluation/read_scheme.html",
        info=info,
        scheme=queries.parsed(alliance_id(), info),
        library=indicators.library(alliance_id()),
        findings=queries.soft_findings(alliance_id(), info),
        decisions=decisions,
        subject=subject,
        form=form,
        groups=GROUP_NAMES,
        people=accounts.names({info.drafted_by, info.decided_by} - {""}),
        tiers=tiers,
        shown=shown,
        reasons=reasons,
        standing=queries.standing(info, queries.scheme_in_force(alliance_id(), today()), today()),
        own=info.drafted_by == actor().account,
    ), 422 if form.refused else 200


@blueprint.route("/schemes/import", methods=["GET", "POST"])
@requires(Act.EVALUATION_SCHEME_IMPORT)
def import_scheme() -> ResponseReturnValue:
    """Take a scheme file as a draft."""
    form = ImportSchemeForm()
    if form.validate_on_submit():
        upload = form.file.data
        ok, reference = form.done(
            lambda: services.import_scheme(
                alliance_id(), sheets.read_scheme_file(upload.read(), upload.filename or ""), by=actor(), now=now()
            )
        )
        if ok and reference:
            flash(_("The scheme is taken as draft %(reference)s.", reference=reference), "success")
            code, _sep, version = reference.rpartition("/")
            return redirect(url_for("evaluation.read_scheme", code=code, version=version))
    return render_template("evaluation/import_scheme.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.get("/schemes/export/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_EXPORT)
def export_scheme(code: str, version: int) -> ResponseReturnValue:
    """A scheme as a TOML file."""
    text = sheets.write_scheme_file(_scheme(code, version).content)
    return attachment(text, f"scheme-{code}-{version}.toml", "application/toml", f"scheme:{code}/{version}")


@blueprint.post("/schemes/decide/<code>/<int:version>")
@requires(Act.EVALUATION_SCHEME_DECIDE)
def decide_scheme(code: str, version: int) -> ResponseReturnValue:
    """Put a scheme into force by a recorded decision; refused, the reasons typed stay on the page."""
    form = DecideSchemeForm()
    reasons = {key.removeprefix("reason-"): text for key, text in request.form.items() if key.startswith("reason-")}
    ok, _none = form.done(
        lambda: services.decide_scheme(
            alliance_id(), code, version, reasons, decision=request.form.get("decision", ""), by=actor(), now=now()
        )
    )
    if not ok:
        return _scheme_page(_scheme(code, version), form, reasons)
    flash(_("The scheme is decided and frozen."), "success")
    return redirect(url_for("evaluation.read_scheme", code=code, version=version))


@blueprint.get("/ratings/list")
@requires(Act.EVALUATION_RATING_LIST)
def list_ratings() -> ResponseReturnValue:
    """The results of rater groups in a period, ?period=, of all groups or one of them, ?group=."""
    periods = queries.rating_periods(alliance_id())
    period = request.args.get("period", "") or (periods[0] if periods else "")
    rows = queries.ratings(alliance_id(), period) if period else []
    shown = queries.rating_groups(alliance_id(), period, rows) if period else []
    group = request.args.get("group", "")
    names = _names(period) if period else {}
    return render_template(
        "evaluation/list_ratings.html",
        ratings={f"{row.institution}/{row.group}": row for row in rows},
        period=period,
        periods=periods,
        vetoes=queries.vetoes(alliance_id(), period) if period else [],
        groups=GROUP_NAMES,
        shown=shown,
        group=group if group in shown else "",
        names=names,
        missing=queries.missing_ratings(names, shown, rows),
        kept=queries.kept_ratings(alliance_id(), period, rows) if period else {},
        people=accounts.names({row.entered_by for row in rows}),
    )


@blueprint.route("/ratings/enter", methods=["GET", "POST"])
@requires(Act.EVALUATION_RATING_ENTER)
def enter_rating() -> ResponseReturnValue:
    """Enter a rater group's result for one member."""
    form = EnterRatingForm()
    form.group.choices = [
        (code, en if lang() == "en" else zh) for code, (zh, en) in GROUP_NAMES.items() if code != "data"
    ]
    form.institution.choices = _members()
    if request.method == "GET":
        form.period.data, form.group.data = request.args.get("period", ""), request.args.get("group", "")
        form.institution.data = request.args.get("institution", "")
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.enter_rating(
                alliance_id(),
                form.period.data or "",
                form.group.data,
                form.institution.data,
                form.value.data,
                form.n.data or 0,
                form.document.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The result was entered."), "success")
            return redirect(url_for("evaluation.list_ratings", period=form.period.data))
    return render_template("evaluation/enter_rating.html", form=form), 422 if form.errors or form.refused else 200


@blueprint.route("/vetoes/impose", methods=["GET", "POST"])
@requires(Act.EVALUATION_VETO_IMPOSE)
def impose_veto() -> ResponseReturnValue:
    """Veto a member for a period by a recorded decision: first ?period= and ?institution=, then the rest."""
    form, subject, decisions = ImposeVetoForm(), "", []
    form.institution.choices = _members()
    if request.method == "GET":
        form.period.data = request.args.get("period", "").strip()
        form.institution.data = request.args.get("institution", "")
    ok, period = form.done(lambda: Period.parse(form.period.data).code if form.period.data else "")
    if ok and period and form.institution.data in dict(_members()):
        subject = f"veto:{form.institution.data}/{period}"
        decisions = [one for one in accounts.decisions(alliance_id(), subject) if one.adopted]
    form.decision.choices = [(one.number, one.number + bracketed(day(one.held_on))) for one in decisions]
    if ok and form.validate_on_submit():
        if not can(Act.EVALUATION_VETO_IMPOSE, form.institution.data):
            raise NotFound()
        ok, _none = form.done(
            lambda: services.impose_veto(
                alliance_id(),
                form.period.data or "",
                form.institution.data,
                form.reason.data or "",
                decision=form.decision.data or "",
                by=actor(),
                now=now(),
            )
        )
        if ok:
            flash(_("The veto is recorded; it counts from the next computation."), "success")
            return redirect(url_for("evaluation.list_ratings", period=form.period.data))
    return render_template(
        "evaluation/impose_veto.html",
        form=form,
        subject=subject,
        decisions=decisions,
        names=dict(_members()),
        free=bool(subject) and can(Act.EVALUATION_VETO_IMPOSE, form.institution.data),
        periods=queries.rating_periods(alliance_id()),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/runs/list")
@requires(Act.EVALUATION_RUN_LIST)
def list_runs() -> ResponseReturnValue:
    """Official runs for all; for the office the forms to compute and the trials."""
    following = queries.next_period(alliance_id(), today())
    return _runs_page(RunForm(formdata=None, data={"period": following}), _try_form({"period": following}))


def _try_form(data: Mapping[str, str] | None = None) -> TryRunForm:
    """The form of a trial with its choices: filled with `data`, or with what was sent."""
    form = TryRunForm() if data is None else TryRunForm(formdata=None, data=data)
    form.scheme.choices = [(one.reference, f"{one.reference} {label(one)}") for one in queries.schemes(alliance_id())]
    return form


def _runs_page(computing: RunForm, trying: TryRunForm) -> ResponseReturnValue:
    runs = sorted(queries.runs(alliance_id()), key=lambda run: Period.parse(run.period), reverse=True)
    own = sorted(scope().institutions or ())
    kept = {run.run_id: audit.read_run(run.run_id, alliance_id()) for run in runs}
    trials = queries.trials(alliance_id()) if scope().sees_trials else []
    wrong = any(form.errors or form.refused for form in (computing, trying))
    return render_template(
        "evaluation/list_runs.html",
        runs=runs,
        kept=kept,
        trying=trying,
        computing=computing,
        trials=trials,
        own=own,
        holding={run.period: run.run_id for run in queries.holding_runs(alliance_id())},
        names={one.code: one for one in members.members(alliance_id(), today())},
        mine={run.run_id: {code: queries.score(run.run_id, code) for code in own} for run in runs},
        people=accounts.names({one.tried_by for one in trials}),
    ), 422 if wrong else 200


@blueprint.post("/runs/compute")
@requires(Act.EVALUATION_RUN_COMPUTE)
def compute_run() -> ResponseReturnValue:
    """Compute a period officially."""
    form = RunForm()
    if form.validate_on_submit():
        ok, run = form.done(lambda: services.compute_run(alliance_id(), form.period.data or "", by=actor(), now=now()))
        if ok:
            flash(_("The official scores are computed and kept."), "success")
            return redirect(url_for("evaluation.read_run", number=run))
    return _runs_page(form, _try_form({"period": queries.next_period(alliance_id(), today())}))


@blueprint.post("/runs/try")
@requires(Act.EVALUATION_RUN_TRY)
def try_run() -> ResponseReturnValue:
    """Compute a period on trial."""
    form = _try_form()
    if form.validate_on_submit():
        code, _sep, version = form.scheme.data.rpartition("/")
        ok, number = form.done(
            lambda: services.try_run(alliance_id(), form.period.data or "", code, int(version), by=actor(), now=now())
        )
        if ok:
            return redirect(url_for("evaluation.read_trial", number=number))
    return _runs_page(RunForm(formdata=None, data={"period": queries.next_period(alliance_id(), today())}), form)


@blueprint.get("/trials/read/<int:number>")
@requires(Act.EVALUATION_RUN_TRY)
def read_trial(number: int) -> ResponseReturnValue:
    """A run on trial beside the official one of its period."""
    found = queries.trial(alliance_id(), number)
    if found is None:
        raise NotFound()
    run = queries.official_run(alliance_id(), found.period)
    figures = queries.trial_figures(alliance_id(), number)
    return render_template(
        "evaluation/read_trial.html",
        trial=found,
        links=figures.numbers if figures else {},
        official=run,
        lines=queries.trial_lines(found, run),
        names=_names(found.period),
        kept=audit.read_run(run.run_id, alliance_id()) if run else None,
        people=accounts.names({found.tried_by}),
    )


@blueprint.get("/runs/read/<int:number>")
@requires(Act.EVALUATION_RUN_READ)
def read_run(number: int) -> ResponseReturnValue:
    """The ranking of a run by tier."""
    run = queries.run(alliance_id(), number)
    if run is None:
        raise NotFound()
    rows = queries.scores(run.run_id)
    keys = [
        f"{row.institution}/{what}" for row in rows for what in ("score", "data_score", "collaboration_score", "rank")
    ]
    kept = audit.read_run(run.run_id, alliance_id())
    return render_template(
        "evaluation/read_run.html",
        run=run,
        rows=rows,
        names=_names(run.period),
        kept=kept,
        counts=queries.counts(rows),
        links=audit.figure_numbers(run.run_id, keys),
        groups=GROUP_NAMES,
        medians=queries.medians(run.run_id),
        group_values=queries.group_values(run.run_id, [row.institution for row in rows]),
        weights=queries.group_weights(alliance_id(), run),
        official=queries.official_run(alliance_id(), run.period),
        people=accounts.names({kept.account} if kept else ()),
        periods=queries.holding_runs(alliance_id()),
    )


@blueprint.get("/scores/read/<int:number>/<institution>")
@requires(Act.EVALUATION_SCORE_READ)
def read_score(number: int, institution: str) -> ResponseReturnValue:
    """A member's score sheet in a run: lines with what they cost, dimensions, groups."""
    run = queries.run(alliance_id(), number)
    row = queries.score(number, institution) if run and scope().sees(institution) else None
    if run is None or row is None:
        raise NotFound()
    name = members.member(alliance_id(), institution, Period.parse(run.period).last)
    sheet = queries.sheet(alliance_id(), run, institution, row.tier)
    library = indicators.library(alliance_id())
    return render_template(
        "evaluation/read_score.html",
        run=run,
        row=row,
        member=name,
        sheet=sheet,
        library=library,
        groups=GROUP_NAMES,
        radar=_radar(
            sheet, row, {one.code: words(one.name) for one in library.dimensions}, label(name) if name else institution
        ),
        medians=queries.medians(run.run_id),
        official=queries.official_run(alliance_id(), run.period),
        veto=next((one for one in queries.vetoes(alliance_id(), run.period) if one.institution == institution), None),
        periods=[one for one in queries.holding_runs(alliance_id()) if queries.score(one.run_id, institution)],
    )


def _value(figure: audit.KeptFigure | None) -> Decimal | None:
    return figure.value if figure else None


def _radar(sheet: queries.Sheet, row: queries.ScoreInfo, dimensions: Mapping[str, str], name: str) -> str:
    """The dimensions of the member, named by code, against the medians of its tier."""
    shown = [code for code in dimensions if code in sheet.dimensions][:SHOWN_DIMENSIONS]
    if len(shown) < 3:
        return ""
    series = [Series(name, [row.dimensions.get(code) for code in shown], accent=True)]
    if sheet.tier_medians:
        series.append(Series(_("Median of the tier"), [_value(sheet.tier_medians.get(code)) for code in shown]))
    return radar(
        title=_("Score by dimension, out of 100"),
        description=_("The member against the median of its tier."),
        axes=[
            Axis(dimensions[code], url_for("desk.read_figure", run=sheet.run_id, number=sheet.dimensions[code].number))
            for code in shown
        ],
        series=series,
        maximum=queries.HUNDRED,
        lang=lang(),
        width=RADAR_WIDTH,
    )
