"""The chart of a score sheet: the same picture on the page and on paper; its numbers stand in the table beside."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from flask_babel import gettext as _

from alliance.audit.queries import KeptFigure
from alliance.charts import Axis, Series, radar
from alliance.evaluation.queries import HUNDRED, Scorecard
from alliance.i18n import label, lang, words

SHOWN_DIMENSIONS = 7
WIDTH = 384  # its column beside the table; as wide as a phone, so that the letters keep their size


def dimensions(found: Scorecard, address: Callable[[KeptFigure], str]) -> str:
    """The dimensions of the member against the medians of its tier, where these may be seen; "" for fewer than three.

    `address` is where a figure is explained.
    """
    sheet = found.sheet
    named = {one.code: words(one.name) for one in found.library.dimensions if one.code in sheet.dimensions}
    shown = list(named)[:SHOWN_DIMENSIONS]
    if len(shown) < 3:
        return ""
    name = label(found.member) if found.member else found.row.institution
    series = [Series(name, [found.row.dimensions.get(code) for code in shown], accent=True)]
    if sheet.tier_medians:
        series.append(Series(_("Median of the tier"), [_value(sheet.tier_medians.get(code)) for code in shown]))
    return radar(
        title=_("Score by dimension, out of 100"),
        description=_("The member against the median of its tier."),
        axes=[Axis(named[code], address(sheet.dimensions[code])) for code in shown],
        series=series,
        maximum=HUNDRED,
        lang=lang(),
        width=WIDTH,
    )


def _value(figure: KeptFigure | None) -> Decimal | None:
    return figure.value if figure else None
