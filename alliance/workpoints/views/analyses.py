"""The doors of the analysis of a month: for those who decide, those who manage, those who carry out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, concerns, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES, in_language, label, lang, period
from alliance.members import queries as members
from alliance.pages import Link, attachment
from alliance.pdf import render
from alliance.workpoints import queries
from alliance.workpoints.pictures import MOST_BARS, NARROW, point_values, pool_name, unit_heads
from alliance.workpoints.queries import BonusRunInfo
from alliance.workpoints.rules.analysis import BASES
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.subjects import GROUPS
from alliance.workpoints.views.blueprint import asked_institution, asked_month, blueprint, checked_month, headed, ways

PDF = "application/pdf"
DECISION, MANAGEMENT, EXECUTION = "decision", "management", "execution"


def _readers(institution: str) -> list[str]:
    """The readers whose pages one may open: a head that of the own units."""
    return [DECISION, MANAGEMENT, EXECUTION] if institution in scope().bonus else [EXECUTION]


def _units(institution: str, run: BonusRunInfo) -> list[str]:
    """The units of a run whose persons the reader may see."""
    every = queries.bonus_units(run.id)
    mine = set(every) if institution in scope().bonus else headed(institution)
    return [code for code in every if code in mine]


@blueprint.get("/analyses/read")
@requires(Act.WORKPOINTS_ANALYSIS_READ)
def read_analysis() -> ResponseReturnValue:
    """A month looked at: ?reader=decision, management or execution, and there ?unit=."""
    institution = asked_institution()
    readers = _readers(institution)
    if readers == [EXECUTION] and not headed(institution):
        raise NotFound()
    runs = queries.analysed_runs(alliance_id(), institution)
    month = asked_month(next(iter(runs), ""))
    reader = request.args.get("reader") or readers[0]
    if reader not in readers:
        raise NotFound()
    run = runs.get(month)
    return render_template(
        "workpoints/read_analysis.html",
        institution=institution,
        month=month,
        months=list(runs),
        reader=reader,
        run=run,
        readers=_tabs(institution, month, readers, reader),
        ways=ways(institution, month),
        **(_found(institution, run, reader, request.args.get("unit", "")) if run else {}),
    )


def _tabs(institution: str, month: str, readers: Sequence[str], chosen: str) -> list[Link]:
    texts = {DECISION: _("For deciding"), MANAGEMENT: _("For managing"), EXECUTION: _("For carrying out")}
    return [
        Link(texts[one], url_for(".read_analysis", institution=institution, month=month, reader=one), one == chosen)
        for one in readers
    ]  # fmt: skip


def _found(institution: str, run: BonusRunInfo, reader: str, unit: str) -> dict[str, Any]:
    """What the page of a reader shows."""
    names = members.department_names(alliance_id(), institution)
    known: dict[str, Any] = {
        "names": names, "people": members.employee_names(alliance_id(), institution), "groups": GROUPS, "bases": BASES,
        "line_names": LINES, "least": queries.LEAST, "pool_name": pool_name,
    }  # fmt: skip
    if reader == DECISION:
        found = queries.decision(alliance_id(), run)
        return known | {
            "decision": found, "trend_chart": point_values(found.trend),
            "trend_narrow": point_values(found.trend, NARROW),
        }  # fmt: skip
    if reader == MANAGEMENT:
        lines = queries.management(alliance_id(), run)
        said = {code: label(fact) for code, fact in names.items()}
        return known | {"units": lines, "bars": unit_heads(lines, said), "bars_narrow": unit_heads(lines, said, NARROW)}
    mine = _units(institution, run)
    chosen = unit or next(iter(mine), "")
    if chosen not in mine:
        raise NotFound()
    whole = institution in scope().bonus
    return known | {
        "choices": [(code, label(names[code]) if code in names else code) for code in mine],
        "unit": chosen,
        "found": queries.execution(alliance_id(), run, chosen, whole=whole),
        "whole": whole,
    }


@blueprint.get("/analyses/download/<institution>/<month>/<language>")
@requires(Act.WORKPOINTS_ANALYSIS_READ)
def download_analysis(institution: str, month: str, language: str) -> ResponseReturnValue:
    """The analysis on paper: of the hospital for who sees all of it, of the own units for their head."""
    mine = scope()
    whole = institution in mine.bonus
    if language not in LANGUAGES or (not whole and not headed(institution)):
        raise NotFound()
    concerns(institution)
    run = queries.bonus_run(alliance_id(), institution, checked_month(month))
    if run is None:
        raise NotFound()
    with in_language(language):
        page = current_app.jinja_env.get_template("workpoints/analysis.html").render(_paper(institution, run, whole))
    name = f"analysis-{institution}-{run.month}-{language}.pdf"
    return attachment(render(page), name, PDF, f"bonus:{institution}/{run.month}@{run.number}")


def _paper(institution: str, run: BonusRunInfo, whole: bool) -> dict[str, Any]:
    """What stands on the paper, in the language of the moment."""
    owner = members.member(alliance_id(), institution, Period.parse(run.month).last)
    known: dict[str, Any] = {
        "run": run, "month": run.month, "owner": label(owner) if owner else institution, "language": lang(),
        "lang": LANGUAGES[lang()][1], "institution": institution, "pool_name": pool_name, "executions": [],
        "names": {}, "people": {}, "groups": GROUPS, "bases": BASES, "line_names": LINES, "least": queries.LEAST,
        "title_month": period(run.month), "shown": run.state in queries.SHOWN, "most": MOST_BARS,
    }  # fmt: skip
    if whole:
        return known | _found(institution, run, MANAGEMENT, "") | _found(institution, run, DECISION, "")
    found = [queries.execution(alliance_id(), run, unit, whole=False) for unit in _units(institution, run)]
    names = {
        "names": members.department_names(alliance_id(), institution),
        "people": members.employee_names(alliance_id(), institution),
    }
    return known | names | {"executions": [one for one in found if one is not None]}
