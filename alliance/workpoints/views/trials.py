"""The doors of schemes on trial."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, now, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import period as period_words
from alliance.work import queries as jobs
from alliance.workpoints import queries, services
from alliance.workpoints.forms import TrySchemeForm
from alliance.workpoints.rules.trials import balance
from alliance.workpoints.views.blueprint import blueprint, kept

FIRST = 3  # months that are chosen to begin with
ENDS = 20  # persons shown at either end where no unit is chosen


@blueprint.route("/schemes/try/<institution>/<code>/<int:version>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_SCHEME_TRY)
def try_scheme(institution: str, code: str, version: int) -> ResponseReturnValue:
    """Try a version on past months."""
    kept(Act.WORKPOINTS_SCHEME_TRY, institution)
    info = queries.scheme_info(alliance_id(), institution, code, version)
    if info is None:
        raise NotFound()
    months, form = queries.trial_months(alliance_id(), institution), TrySchemeForm()
    form.months.choices = [(month, period_words(month)) for month in months]
    if request.method == "GET":
        form.months.data = months[:FIRST]
    if form.validate_on_submit():
        ok, job = form.done(lambda: services.queue_trial(
            alliance_id(), institution, code, version, form.months.data or [], by=actor(), now=now()
        ))  # fmt: skip
        if ok and job:
            return redirect(url_for("work.read_job", number=job, follow=1))
    found = queries.trials(alliance_id(), institution, info.reference)
    return render_template(
        "workpoints/try_scheme.html",
        form=form,
        info=info,
        institution=institution,
        months=months,
        trials=found,
        balances={one.number: balance(one.persons) for one in found},
        people=accounts.names({one.recorded_by for one in found}),
        running=jobs.open_job(alliance_id(), Act.WORKPOINTS_SCHEME_TRY, info.reference),
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/trials/read/<institution>/<int:number>")
@requires(Act.WORKPOINTS_TRIAL_READ)
def read_trial(institution: str, number: int) -> ResponseReturnValue:
    """Who wins and who loses under a version: units, and the persons of one or those who win and lose most."""
    kept(Act.WORKPOINTS_TRIAL_READ, institution)
    trial = queries.trial_info(alliance_id(), institution, number)
    if trial is None:
        raise NotFound()
    _place, code, version = trial.scheme.split("/")
    info = queries.scheme_info(alliance_id(), institution, code, int(version))
    assert info is not None
    unit = request.args.get("unit", "")
    mine = [one for one in trial.persons if not unit or trial.unit_of[one.code] == unit]
    shown = mine if unit or len(mine) <= 2 * ENDS else [*mine[:ENDS], *mine[-ENDS:]]
    return render_template(
        "workpoints/read_trial.html",
        trial=trial,
        info=info,
        institution=institution,
        unit=unit,
        shown=shown,
        left=len(mine) - len(shown),
        of_units=balance(trial.units),
        of_persons=balance(trial.persons),
        before=sum(one.before for one in trial.persons),
        after=sum(one.after for one in trial.persons),
        names=queries.names_of(alliance_id(), institution),
        people=accounts.names({trial.recorded_by}),
        stale=trial.sha256 != info.sha256,
    )
