"""The door of a member's score sheet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, may_compare, requires, scope
from alliance.audit import queries as audit
from alliance.charts import Axis, Series, radar
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.evaluation import queries
from alliance.evaluation.rules.scheme import GROUP_NAMES
from alliance.evaluation.views.blueprint import blueprint
from alliance.i18n import label, lang, words
from alliance.indicators import queries as indicators
from alliance.members import queries as members

SHOWN_DIMENSIONS = 7

RADAR_WIDTH = 384  # its column beside the table; as wide as a phone, so that the letters keep their size


@blueprint.get("/scores/read/<int:number>/<institution>")
@requires(Act.EVALUATION_SCORE_READ)
def read_score(number: int, institution: str) -> ResponseReturnValue:
    """A member's score sheet in a run: lines with what they cost, dimensions, groups."""
    run = queries.run(alliance_id(), number)
    row = queries.score(number, institution) if run and scope().sees(institution) else None
    if run is None or row is None:
        raise NotFound()
    name = members.member(alliance_id(), institution, Period.parse(run.period).last)
    comparing = may_compare(run.run_id)
    sheet = queries.sheet(alliance_id(), run, institution, row.tier, comparing=comparing)
    library = indicators.library(alliance_id(), Period.parse(run.period).last)
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
        medians=queries.medians(run.run_id) if comparing else {},
        comparing=comparing,
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
