"""The charts of what surveys found, each wide and narrow; their numbers stand in the tables beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext as _

from alliance.charts import Bar, Series, ranked_bars, trend
from alliance.core.figure import half_up
from alliance.i18n import lang, number, period, words
from alliance.ratings.queries import Found
from alliance.ratings.rules.questions import DIMENSIONS
from alliance.ratings.rules.release import REST
from alliance.ratings.rules.satisfaction import Mean

HUNDRED = Decimal(100)
WIDE, NARROW = 640.0, 360.0  # user units: for desks, for phones


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, wide and narrow, and its caption."""

    caption: str
    svg: str
    narrow: str


def level_picture(found: Sequence[Found]) -> Picture | None:
    """Satisfaction by dimension over all surveys of a period, best first; what one does not tell, none tells."""
    parts = [part for one in found if one.told for part in one.told.parts]
    hidden = any(part.dimension == REST for part in parts)
    if not parts or (hidden and len(found) > 1):
        return None
    sums: dict[str, Mean] = {}
    for part in parts:
        before = sums.get(part.dimension, Mean(0, 0))
        sums[part.dimension] = Mean(before.answers + part.mean.answers, before.marks + part.mean.marks)
    rows = sorted(((one.exact or 0, code) for code, one in sums.items() if one.answers), reverse=True)
    bars = [
        Bar(words(DIMENSIONS[code]) if code else _("Other dimensions"), half_up(value, 2), number(half_up(value, 2), 2))
        for value, code in rows
    ]
    caption = _("Satisfaction by dimension, from 0 to 100")
    described = _("A bar for each dimension, from nought. The numbers stand in the table.")

    def draw(width: float) -> str:
        return ranked_bars(
            title=caption, description=described, bars=bars, unit=_("points"), highest=HUNDRED, lang=lang(),
            width=width,
        )  # fmt: skip

    return Picture(caption, draw(WIDE), draw(NARROW))


def trend_picture(values: Sequence[tuple[str, Decimal | None]]) -> Picture | None:
    """The result by period, a gap where too few answered; nothing of fewer than two."""
    if sum(value is not None for _code, value in values) < 2:
        return None
    caption = _("Satisfaction by period, from 0 to 100")
    described = _("A line over the periods; where too few answered there is a gap.")
    series = [Series(_("Satisfaction"), [value for _code, value in values], accent=True)]

    def draw(width: float) -> str:
        return trend(
            title=caption, description=described, periods=[period(code) for code, _value in values], series=series,
            unit=_("points"), lang=lang(), width=width,
        )  # fmt: skip

    return Picture(caption, draw(WIDE), draw(NARROW))
