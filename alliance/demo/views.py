"""The one door of the demo: made-up values of the open month, ready to import."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from alliance.access import actor, alliance_id, requires, today
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound
from alliance.demo.days import Days
from alliance.demo.values import Story
from alliance.i18n import label, words
from alliance.indicators import queries, sheets
from alliance.pages import attachment

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/readings/download/<period>")
@requires(Act.INDICATORS_READING_IMPORT)
def download_readings(period: str) -> ResponseReturnValue:
    """An Excel file of made-up values for a month that is open."""
    if queries.period(alliance_id(), period) is None:
        raise NotFound()
    when = Period.parse(period)
    story, place = Story(queries.library(alliance_id(), when.last)), Days(today()).place(when)
    everything = queries.everything_due(alliance_id(), period, actor().employer)
    tiers = {member.code: member.tier for member, _, _ in everything}
    made = {code: story.readings(code, tier, when, place) for code, tier in tiers.items()}
    rows = [
        (member.code, label(member), element.code, words(element.name), f"{made[member.code][element.code]:f}")
        for member, element, _ in everything
    ]
    content = sheets.write_readings(period, rows)
    return attachment(content, f"demo-{period}.xlsx", XLSX, f"readings:{period}")
