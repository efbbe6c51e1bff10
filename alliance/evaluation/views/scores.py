"""The doors of a member's score sheet."""

from __future__ import annotations

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, may_compare, requires, scope
from alliance.audit.queries import KeptFigure
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.evaluation import pictures, queries, sheets
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.evaluation.views.blueprint import blueprint
from alliance.i18n import LANGUAGES
from alliance.pages import attachment
from alliance.pdf import render


@blueprint.get("/scores/read/<int:number>/<institution>")
@requires(Act.EVALUATION_SCORE_READ)
def read_score(number: int, institution: str) -> ResponseReturnValue:
    """A member's score sheet in a run: lines with what they cost, dimensions, groups."""
    found = _scorecard(number, institution)
    return render_template(
        "evaluation/read_score.html",
        run=found.run,
        row=found.row,
        member=found.member,
        sheet=found.sheet,
        library=found.library,
        groups=GROUP_NAMES,
        radar=pictures.dimensions(found, _explained),
        medians=found.medians,
        comparing=may_compare(number),
        official=found.official,
        veto=found.veto,
        periods=[one for one in queries.holding_runs(alliance_id()) if queries.score(one.run_id, institution)],
    )


def _explained(figure: KeptFigure) -> str:
    return url_for("desk.read_figure", run=figure.run_id, number=figure.number)


def _scorecard(number: int, institution: str) -> queries.Scorecard:
    run = queries.run(alliance_id(), number) if scope().sees(institution) else None
    comparing = run is not None and may_compare(number)
    found = queries.scorecard(alliance_id(), run, institution, comparing=comparing) if run else None
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/scores/download/<int:number>/<institution>/<language>")
@requires(Act.EVALUATION_SCORE_READ)
def download_score(number: int, institution: str, language: str) -> ResponseReturnValue:
    """A member's score sheet as PDF, with the medians of its tier for who may see them."""
    found = _scorecard(number, institution)
    if language not in LANGUAGES:
        raise NotFound()
    config: Config = current_app.config["ALLIANCE"]
    content = render(sheets.scorecard(alliance_id(), found, language, site=config.address))
    period = found.run.period
    name = f"scorecard-{period}-{institution}-{language}.pdf"
    return attachment(content, name, "application/pdf", f"score:{institution}/{period}")
