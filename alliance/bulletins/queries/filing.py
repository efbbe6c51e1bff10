"""How the data of a period came about: who filed when, what was returned, explained and excused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from alliance.bulletins.rules import noticed, punctuality
from alliance.core.figure import canonical
from alliance.core.period import Period
from alliance.indicators import queries as indicators


def filing(alliance: int, when: Period, now: datetime) -> dict[str, Any]:
    """`filing`: the periods filed inside a period, a row of cells for each member, and how many were on time, late or
    missing; None when nothing was opened. `notices`: what was returned, explained or excused of whom.

    No value and no words of a member are among it: those stay between the member and the office.
    """
    inside = [one for one in indicators.periods(alliance) if _lies_in(Period.parse(one.code), when)]
    inside.sort(key=lambda one: _order(Period.parse(one.code)))
    board = indicators.board(alliance, inside, None, now) if inside else []
    rows = [
        {
            "code": row.member.code, "name_zh": row.member.name_zh, "name_en": row.member.name_en,
            "tier": row.member.tier,
            "cells": [
                {"standing": cell.standing, "complete": canonical(cell.complete)} for cell in row.cells
            ],
        }
        for row in board
    ]  # fmt: skip
    told = {"periods": [one.code for one in inside], "rows": rows, "counts": punctuality(rows)}
    return {
        "filing": told if rows else None,
        "notices": [found for row in rows if noticed(found := _notice(alliance, inside, row))],
    }


def _order(period: Period) -> tuple[date, timedelta]:
    """By its end: the months of a quarter, and then the quarter."""
    return period.until, period.until - period.first


def _lies_in(part: Period, whole: Period) -> bool:
    return whole.first <= part.first and part.until <= whole.until


def _notice(alliance: int, periods: Sequence[indicators.PeriodInfo], row: dict[str, Any]) -> dict[str, Any]:
    """What there is to say of a member: names of what was returned and explained, how often it was late or excused."""
    returned: dict[str, dict[str, str]] = {}
    explained: dict[str, dict[str, str]] = {}
    exceptions = 0
    for one in periods:
        known = indicators.library(alliance, Period.parse(one.code).last)
        named: dict[str, Any] = {**known.elements, **known.indicators}
        for code in (found.element for found in indicators.returned(alliance, one.code, row["code"])):
            if code in named:
                returned[code] = {"code": code, "zh": named[code].name.zh, "en": named[code].name.en}
        for code in indicators.explanations(alliance, one.code, row["code"]):
            if code in named and code not in returned:
                explained[code] = {"code": code, "zh": named[code].name.zh, "en": named[code].name.en}
        exceptions += sum(
            leave.granted_at is not None for leave in indicators.exceptions(alliance, one.code, row["code"])
        )
    return {
        "code": row["code"], "name_zh": row["name_zh"], "name_en": row["name_en"],
        "returned": [returned[code] for code in sorted(returned)],
        "explained": [explained[code] for code in sorted(explained)],
        "exceptions": exceptions, "late": sum(cell["standing"] == "late" for cell in row["cells"]),
    }  # fmt: skip
