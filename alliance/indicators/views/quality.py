"""The doors of data quality: all members by measures, one member with the list behind each number."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, now, requires, scope
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.i18n import period as period_words
from alliance.indicators import queries
from alliance.indicators.rules.quality import MEASURES
from alliance.indicators.views.blueprint import blueprint
from alliance.pages import Link

SHOWN = 300  # rows of the list behind a number


def labels() -> dict[str, str]:
    """The measures in words."""
    return {
        "completeness": _("Completeness"),
        "timeliness": _("Timeliness"),
        "validity": _("Validity"),
        "consistency": _("Consistency"),
        "captured": _("Captured share"),
        "errors": _("Error rate"),
        "latency": _("Latency"),
    }


def formulas() -> dict[str, str]:
    """How each measure is worked out."""
    return {
        "completeness": _("Values filled at the deadline ÷ values due × 100."),
        "timeliness": _("Months submitted before the deadline ÷ months due × 100."),
        "validity": _("Values within the hard bounds and decimal places of their element ÷ values × 100."),
        "consistency": _("Rules between two values that are met ÷ rules of which both values are there × 100."),
        "captured": _("Values that came from a system ÷ values × 100."),
        "errors": _("Figures found wrong in cross-checks ÷ figures checked × 100."),
        "latency": _("The median of the hours from the end of the month until the value was first in the portal."),
    }


def origins() -> dict[str, str]:
    return {
        "filed": _("filed by hand"),
        "imported": _("imported"),
        "captured": _("captured from a system"),
        "corrected": _("corrected"),
    }


def _months() -> tuple[str, list[Link]]:
    """The month asked for, "" for all twelve, and the links to the others."""
    months = [one.code for one in queries.quality_months(alliance_id(), now())][::-1]
    asked = request.args.get("period", "")
    if asked and asked not in months:
        raise NotFound()
    view = request.view_args or {}
    links = [Link(_("12 months"), url_for(request.endpoint or "", **view), not asked)]
    links += [
        Link(period_words(one), url_for(request.endpoint or "", **view, period=one), one == asked) for one in months[:6]
    ]
    return asked, links


@blueprint.get("/qualities/list")
@requires(Act.INDICATORS_QUALITY_LIST)
def list_qualities() -> ResponseReturnValue:
    """Every member by every measure, over twelve months or in one of them: ?period=."""
    period, links = _months()
    return render_template(
        "indicators/list_qualities.html",
        rows=queries.qualities(alliance_id(), now(), period),
        measures=MEASURES,
        labels=labels(),
        formulas=formulas(),
        period=period,
        links=links,
    )


@blueprint.get("/qualities/read/<institution>")
@requires(Act.INDICATORS_QUALITY_READ)
def read_quality(institution: str) -> ResponseReturnValue:
    """The data quality of a member, month by month; ?measure= opens the list behind a number, ?period= of a month."""
    if not scope().sees(institution):
        raise NotFound()
    found = queries.quality(alliance_id(), institution, now())
    if found is None:
        raise NotFound()
    measure, period = request.args.get("measure", ""), request.args.get("period", "")
    months = [one for one in queries.quality_months(alliance_id(), now()) if period in ("", one.code)]
    if (measure and measure not in MEASURES) or not months:
        raise NotFound()
    items = queries.quality_items(alliance_id(), institution, measure, months) if measure else []
    if measure == "errors":
        there = queries.check_samples(alliance_id(), None, [institution])
        seen = {(one.period, one.number) for one in queries.visible_samples(scope(), there)}
        items = [one for one in items if (one.period, one.sample) in seen]
    return render_template(
        "indicators/read_quality.html",
        found=found,
        measures=MEASURES,
        labels=labels(),
        formulas=formulas(),
        origins=origins(),
        measure=measure,
        period=period,
        items=items[:SHOWN],
        more=max(len(items) - SHOWN, 0),
        good=sum(one.good for one in items),
        whole=len(items),
        library=queries.library(alliance_id(), Period.parse(found.months[-1][0]).last),
    )
