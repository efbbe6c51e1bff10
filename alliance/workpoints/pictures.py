"""The charts of a budget, from the sources to what was paid against it, and those of the analysis of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask_babel import gettext as _

from alliance.charts import Bar, Series, ranked_bars, trend, waterfall
from alliance.core.figure import Figure, half_up
from alliance.i18n import lang, number, period
from alliance.workpoints.queries import PaidLine, PointValue, UnitLine
from alliance.workpoints.rules.budget import MONTHS
from alliance.workpoints.rules.subjects import GROUPS

WAN = Decimal(10_000)
MOST_BARS = 20  # units in the chart; the table has all
MOST_LINES = 7  # group pools in the chart
PAPER = 640.0  # for paper, and for desks beside tables
WIDE, NARROW = 960.0, 360.0  # user units: for desks and for phones


def from_gross_to_base(figures: Mapping[str, Figure], year: int) -> tuple[str, str, str]:
    """The year's sources, the goal factor, the year-end fund and what goes straight to persons: caption, SVG for desks
    and SVG for phones."""
    gross, total = _value(figures, "budget/gross"), _value(figures, "budget/year")
    fund, straight = _value(figures, "budget/planned_fund"), _value(figures, "budget/straight")
    caption = _("From the sources of %(year)s to what the coefficients share", year=year)
    steps = [
        _bar(_("Goal factor"), total - gross), _bar(_("Year-end fund as planned"), -fund),
        _bar(_("Paid straight to persons"), -straight),
    ]  # fmt: skip
    wide, narrow = (
        waterfall(
            title=caption, description=_("The numbers stand in the table of the figures."),
            start=_bar(_("Sum of the sources"), gross), steps=steps,
            end=_bar(_("For the coefficients"), total - fund - straight, accent=True), unit=_("10,000 CNY"),
            lang=lang(), width=width,
        )
        for width in (WIDE, NARROW)
    )  # fmt: skip
    return caption, wide, narrow


def paid_and_planned(lines: Sequence[PaidLine], year: int) -> tuple[str, str, str]:
    """What was paid to date against what was planned to date: caption, SVG for desks and SVG for phones."""
    found = {one.month: one for one in lines}
    months = [f"{year}-{month:02}" for month in range(1, MONTHS + 1)]
    rows = [
        Series(_("Paid to date"), [_wan(found[month].to_date) if month in found else None for month in months], True),
        Series(_("Planned to date"), [_wan(found[month].planned) if month in found else None for month in months]),
    ]
    caption = _("Paid in %(year)s up to %(month)s against the budget", year=year, month=period(lines[-1].month))
    wide, narrow = (
        trend(
            title=caption, description=_("The numbers stand in the table beside it."), periods=months, series=rows,
            unit=_("× 10,000 CNY"), from_zero=True, lang=lang(), width=width,
        )
        for width in (WIDE, NARROW)
    )  # fmt: skip
    return caption, wide, narrow


def point_values(found: Sequence[PointValue], width: float = PAPER) -> str:
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


def unit_heads(lines: Sequence[UnitLine], names: dict[str, str], width: float = PAPER) -> str:
    """The units by bonus per person in post, as SVG."""
    shown = [one for one in lines if one.head is not None][:MOST_BARS]
    return ranked_bars(
        title=_("Bonus per person in post, unit by unit"), description=_("The numbers stand in the table beside it."),
        bars=[Bar(names.get(one.unit, one.unit), one.head, number(one.head, 2)) for one in shown], unit=_("CNY"),
        lang=lang(), width=width,
    ) if shown else ""  # fmt: skip


def _value(figures: Mapping[str, Figure], key: str) -> Decimal:
    return figures[key].value or Decimal(0)


def _wan(yuan: Decimal) -> Decimal:
    return half_up(yuan / WAN, 1)


def _bar(text: str, value: Decimal, *, accent: bool = False) -> Bar:
    return Bar(text, value / WAN, number(value / WAN, 1), accent)
