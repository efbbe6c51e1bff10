"""The charts of a bulletin from its content: the same drawings on the page and on paper."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from flask_babel import gettext as _

from alliance.bulletins.queries import MONITORING, BulletinInfo
from alliance.charts import Axis, Bar, Reference, Series, radar, ranked_bars, trend
from alliance.i18n import day, number, period, tier
from alliance.pages import Step

HUNDRED = Decimal(100)
SHOWN_DIMENSIONS = 7
WIDE, NARROW = 640.0, 360.0  # user units: for paper and desks, for phones
LONGEST = 30  # bars of one picture: more would not stand on a page
BESIDE = 10  # bars of one picture on paper: more stand in two columns, or the page before them stays half empty
FEW = 3  # a tier with fewer members has no median, no rank and no chart


@dataclass(frozen=True, slots=True)
class Column:
    """The numbers of one series behind a chart, in the order of the picture's heads."""

    name: str
    values: Sequence[Decimal | None]

    @property
    def heading(self) -> tuple[str, str]:
        """The head of the column, as house/macros.html takes it."""
        return self.name, "num"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, wide and narrow, its caption, and the numbers behind it: their heads, a column a series."""

    caption: str
    svg: str
    narrow: str
    heads: Sequence[str] = ()
    columns: Sequence[Column] = ()
    more: Sequence[Picture] = ()  # the rest of a ranking that is too long for one
    halves: Sequence[str] = ()  # a long ranking for paper, as two pictures side by side

    @property
    def parts(self) -> list[Picture]:
        """This picture and those that go on with it."""
        return [self, *self.more]

    @property
    def lines(self) -> list[tuple[str, list[Decimal | None]]]:
        """The numbers behind the chart line by line."""
        return [(head, [column.values[place] for column in self.columns]) for place, head in enumerate(self.heads)]


def pictures(
    matter: Mapping[str, Any], language: str, own: Collection[str] = (), link: Callable[[str], str] | None = None
) -> dict[str, Picture]:
    """The charts by name: radar, trend, and bars-<tier>; without those that have nothing to show.

    `matter` is a content as queries.matter gives it; `own` are the codes of members to stand out; `link`
    gives the page of a member's score, where the reader can follow it.
    """
    found = {"radar": _radar(matter, language), "trend": _trend(matter, language)}
    for one in matter["tiers"]:
        code = one["code"]
        rows = [row for row in matter["rows"] if row["tier"] == code]
        rows = [{**row, "href": link(row["code"])} for row in rows] if link else rows
        caption = _caption(code, matter["kind"])
        found[f"bars-{code}"] = _ranking(rows, caption, one["median"], language, own) if len(rows) >= FEW else None
    return {name: picture for name, picture in found.items() if picture is not None}


def _radar(matter: Mapping[str, Any], language: str) -> Picture | None:
    """The median of each tier by dimension, of the tiers that have one."""
    shown = matter["dimensions"][:SHOWN_DIMENSIONS]
    columns = [
        Column(tier(one["code"]), [one["dimensions"].get(dimension["code"]) for dimension in shown])
        for one in matter["tiers"]
        if one["dimensions"]
    ]
    if len(shown) < 3 or not columns:
        return None
    caption = _("Score by dimension: median of each tier, out of 100")
    heads = [dimension[language] for dimension in shown]
    wide, narrow = (
        radar(
            title=caption,
            description=_("Each axis is a dimension; further out is better. The numbers stand in the table."),
            axes=[Axis(head) for head in heads],
            series=[Series(one.name, one.values, accent=one is columns[-1]) for one in columns],
            maximum=HUNDRED,
            lang=language,
            width=width,
        )
        for width in (WIDE, NARROW)
    )
    return Picture(caption, wide, narrow, heads, columns)


def _caption(code: str, kind: str) -> str:
    if kind == MONITORING:
        return _("%(tier)s: data score out of 100, highest first", tier=tier(code))
    return _("%(tier)s: score out of 100, highest first", tier=tier(code))


def _ranking(
    rows: Sequence[Mapping[str, Any]], caption: str, middle: Decimal | None, language: str, own: Collection[str]
) -> Picture:
    """The members of a tier in the order of the table, vetoed ones last and without a bar; of a large tier in several
    pictures of one scale."""
    count = len(rows)
    if count <= LONGEST:
        return _bars(rows, caption, middle, language, own)
    highest = max((row["score"] for row in rows if not row["vetoed"]), default=None)
    parts = -(-count // LONGEST)
    ends = [count * part // parts for part in range(parts + 1)]
    first, *more = (
        _bars(
            rows[start:end],
            _part(caption, start + 1, end, count),
            middle, language, own, highest,
        )
        for start, end in pairwise(ends)
    )  # fmt: skip
    return replace(first, more=more)


def _bars(
    rows: Sequence[Mapping[str, Any]], caption: str, middle: Decimal | None, language: str, own: Collection[str],
    highest: Decimal | None = None,
) -> Picture:  # fmt: skip
    """One picture of a ranking; of a long one also its halves."""
    label = _("median %(value)s", value=number(middle, 2))

    every = [_bar(row, language, own) for row in rows]

    def drawn(bars: Sequence[Bar], title: str, width: float) -> str:
        return ranked_bars(
            title=title,
            description=_("A bar for each member, from nought. The numbers stand in the table."),
            bars=bars,
            unit=_("points"),
            reference=Reference(middle, label) if middle is not None else None,
            highest=highest,
            beside=every,
            lang=language,
            width=width,
        )

    wide, narrow = (drawn(every, caption, width) for width in (WIDE, NARROW))
    if len(rows) <= BESIDE:
        return Picture(caption, wide, narrow)
    middle_row = -(-len(rows) // 2)
    halves = [
        drawn(every[start:end], _part(caption, start + 1, end, len(rows)), NARROW)
        for start, end in ((0, middle_row), (middle_row, len(rows)))
    ]
    return Picture(caption, wide, narrow, halves=halves)


def _bar(row: Mapping[str, Any], language: str, own: Collection[str]) -> Bar:
    """The bar of a member; vetoed ones have a word in its place."""
    name = row[f"short_{language}"] or row[f"name_{language}"]
    accent, href = row["code"] in own, row.get("href", "")
    if row["vetoed"]:
        return Bar(name, None, _("vetoed"), accent, href)
    return Bar(name, row["score"], number(row["score"], 2), accent, href)


def _part(caption: str, first: int, last: int, count: int) -> str:
    return _("%(caption)s; %(first)s to %(last)s of %(count)s", caption=caption, first=first, last=last, count=count)


def _trend(matter: Mapping[str, Any], language: str) -> Picture | None:
    """How the medians of the tiers moved; None before the second period."""
    points = matter["trend"]
    codes = [one["code"] for one in matter["tiers"] if any(point["medians"].get(one["code"]) for point in points)]
    if not codes or len(points) < 2:
        return None
    caption = _("Median score of each tier by period, out of 100")
    heads = [period(point["period"]) for point in points]
    columns = [Column(tier(code), [point["medians"].get(code) for point in points]) for code in codes]
    wide, narrow = (
        trend(
            title=caption,
            description=_("A line for each tier over the periods. The numbers stand in the table."),
            periods=heads,
            series=[Series(one.name, one.values, accent=one is columns[-1]) for one in columns],
            unit=_("points"),
            lang=language,
            width=width,
        )
        for width in (WIDE, NARROW)
    )
    return Picture(caption, wide, narrow, heads, columns)


def steps(bulletin: BulletinInfo) -> list[Step]:
    """Composed, approved, issued: how far the bulletin has come."""
    made = [
        (_("Composed"), bulletin.composed_on), (_("Decided by the committee"), bulletin.decided_on),
        (_("Issued to all members"), bulletin.issued_on),
    ]  # fmt: skip
    current = next((label for label, on in made if on is None), "")
    return [
        Step(label, "done" if on else "current" if label == current else "todo", day(on) if on else "")
        for label, on in made
    ]
