"""The doors of runs, official and on trial."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.evaluation import queries, services
from alliance.evaluation.forms import (
    RunForm,
    TryRunForm,
)
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.evaluation.views.blueprint import blueprint
from alliance.evaluation.views.ratings import names_of
from alliance.i18n import label
from alliance.members import queries as members


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
    own = sorted(scope().own)
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
        ok, job = form.done(lambda: services.queue_run(alliance_id(), form.period.data or "", by=actor(), now=now()))
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
    return _runs_page(form, _try_form({"period": queries.next_period(alliance_id(), today())}))


@blueprint.post("/runs/try")
@requires(Act.EVALUATION_RUN_TRY)
def try_run() -> ResponseReturnValue:
    """Compute a period on trial."""
    form = _try_form()
    if form.validate_on_submit():
        code, _sep, version = form.scheme.data.rpartition("/")
        period = form.period.data or ""
        ok, job = form.done(
            lambda: services.queue_trial(alliance_id(), period, code, int(version), by=actor(), now=now())
        )
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
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
        names=names_of(found.period),
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
        names=names_of(run.period),
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
