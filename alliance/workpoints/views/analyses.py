"""The doors of the analysis of a month: for those who decide, those who manage, those who carry out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, concerns, requires, scope
from alliance.charts import Bar, Series, ranked_bars, trend
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES, in_language, label, lang, number, period
from alliance.members import queries as members
from alliance.pages import Link, attachment
from alliance.pdf import render
from alliance.workpoints import queries
from alliance.workpoints.queries import BonusRunInfo, PointValue, UnitLine
from alliance.workpoints.rules.analysis import BASES
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.subjects import GROUPS
from alliance.workpoints.views.blueprint import asked_institution, asked_month, blueprint, checked_month, headed, ways

PDF = "application/pdf"
DECISION, MANAGEMENT, EXECUTION = "decision", "management", "execution"
MOST_BARS = 20  # units in the chart; the table has all
MOST_LINES = 7  # group pools in the chart
WIDE, NARROW = 640.0, 340.0  # user units of a chart: for desks and paper, for phones


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
            "decision": found, "trend_chart": _trend(found.trend), "trend_narrow": _trend(found.trend, NARROW),
        }  # fmt: skip
    if reader == MANAGEMENT:
        lines = queries.management(alliance_id(), run)
        said = {code: label(fact) for code, fact in names.items()}
        return known | {"units": lines, "bars": _bars(lines, said), "bars_narrow": _bars(lines, said, NARROW)}
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


def _trend(found: Sequence[PointValue], width: float = WIDE) -> str:
    """The values of a point over months as SVG; "" where there are none."""
    pools = list(dict.fromkeys(pool for one in found for pool in one.values))[:MOST_LINES]
    if not pools:
        return ""
    return trend(
        title=_("What a point is worth, month by month"), description=_("The numbers stand in the table beside it."),
        periods=[one.month for one in found],
        series=[Series(pool_name(pool), [one.values.get(pool) for one in found], place == 0)
                for place, pool in enumerate(pools)],
        unit=_("CNY"), lang=lang(), width=width,
    )  # fmt: skip


def pool_name(pool: str) -> str:
    """A group pool in words."""
    if pool == "base":
        return _("For each coefficient")
    group, _mark, setting = pool.partition("_")
    words = {"outpatient": _("outpatient"), "inpatient": _("inpatient")}
    name = GROUPS[group][0 if lang() == "zh" else 1] if group in GROUPS else _("All units") if pool == "all" else pool
    return f"{name} · {words[setting]}" if setting in words else name


def _bars(lines: Sequence[UnitLine], names: dict[str, str], width: float = WIDE) -> str:
    """The units by bonus per person in post, as SVG."""
    shown = [one for one in lines if one.head is not None][:MOST_BARS]
    return ranked_bars(
        title=_("Bonus per person in post, unit by unit"), description=_("The numbers stand in the table beside it."),
        bars=[Bar(names.get(one.unit, one.unit), one.head, number(one.head, 2)) for one in shown], unit=_("CNY"),
        lang=lang(), width=width,
    ) if shown else ""  # fmt: skip


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
        "title_month": period(run.month),
    }  # fmt: skip
    if whole:
        return known | _found(institution, run, MANAGEMENT, "") | _found(institution, run, DECISION, "")
    found = [queries.execution(alliance_id(), run, unit, whole=False) for unit in _units(institution, run)]
    names = {
        "names": members.department_names(alliance_id(), institution),
        "people": members.employee_names(alliance_id(), institution),
    }
    return known | names | {"executions": [one for one in found if one is not None]}
