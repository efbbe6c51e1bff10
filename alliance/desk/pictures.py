"""The charts of the board and of a member's page, each wide and narrow; their numbers stand in the tables beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.audit import queries as audit
from alliance.charts import (
    Axis,
    Bar,
    Cell,
    Flow,
    Head,
    Node,
    Reference,
    Series,
    heat_map,
    radar,
    ranked_bars,
    sankey,
    trend,
    waterfall,
)
from alliance.core.figure import State
from alliance.core.period import Period, PeriodKind
from alliance.core.tiers import TIERS
from alliance.desk.queries import Board, Standing
from alliance.evaluation import queries as evaluation
from alliance.i18n import label, lang, number, period, tier, words
from alliance.indicators.queries import library
from alliance.members.queries import MemberInfo

HUNDRED = Decimal(100)
WIDE, NARROW = 640.0, 360.0  # user units: for desks, for phones
BROAD = 960.0  # of the heat map, which a phone scrolls
SHOWN_DIMENSIONS = 7


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, wide and narrow, and its caption."""

    caption: str
    svg: str
    narrow: str


def _both(caption: str, draw: Callable[[float], str]) -> Picture:
    return Picture(caption, draw(WIDE), draw(NARROW))


def _figure(run: int, key: str) -> str:
    return url_for("desk.find_figure", run=run, key=key)


def _value(figure: audit.KeptFigure | None) -> Decimal | None:
    return figure.value if figure else None


def signed(value: Decimal) -> str:
    """A change with its sign, in two places."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value), 2)}"


def board_pictures(board: Board, names: Mapping[str, MemberInfo], dimensions: Mapping[str, str]) -> dict[str, Picture]:
    """The charts of a board by name, without those that have nothing to show."""
    found = {
        "bars": _ranking(board, names),
        "radar": _radar(board, dimensions),
        "synergy": _synergy(board),
        "trend": _medians(board),
    }
    return {name: picture for name, picture in found.items() if picture is not None}


def _ranking(board: Board, names: Mapping[str, MemberInfo]) -> Picture:
    middle = _value(board.medians.get(board.tier))
    caption = _("%(tier)s: score out of 100, highest first", tier=tier(board.tier))
    bars = [
        Bar(
            short(names, row.institution), None if row.vetoed else row.score,
            _("vetoed") if row.vetoed else number(row.score, 2),
            href=url_for("desk.read_standing", institution=row.institution, period=board.run.period),
        )
        for row in board.rows
    ]  # fmt: skip
    mark = Reference(middle, _("median %(value)s", value=number(middle, 2))) if middle is not None else None
    described = _("A bar for each member, from nought. The numbers stand in the table.")
    unit = _("points")
    return _both(
        caption,
        lambda width: ranked_bars(
            title=caption, description=described, bars=bars, unit=unit, reference=mark, lang=lang(), width=width
        ),
    )


def _radar(board: Board, dimensions: Mapping[str, str]) -> Picture | None:
    shown = [code for code in dimensions if any(code in own for own in board.dimension_medians.values())]
    shown = shown[:SHOWN_DIMENSIONS]
    if len(shown) < 3:
        return None
    caption = _("Score by dimension: median of each tier, out of 100")
    series = [
        Series(tier(code), [_value(own.get(one)) for one in shown], accent=code == board.tier, href=_tier(board, code))
        for code, own in board.dimension_medians.items()
    ]
    own = board.dimension_medians.get(board.tier, {})
    axes = [Axis(dimensions[one], _figure(own[one].run_id, own[one].key) if one in own else "") for one in shown]
    described = _("Each axis is a dimension; further out is better. The numbers stand in the table.")
    return _both(
        caption,
        lambda width: radar(
            title=caption, description=described, axes=axes, series=series, maximum=HUNDRED, lang=lang(), width=width
        ),
    )


def _tier(board: Board, code: str) -> str:
    return url_for("desk.read_board", period=board.run.period, tier=code)


def synergy_names() -> dict[str, str]:
    """The kinds of synergy in the reader's language."""
    return {
        "resource": _("Shared resources"), "service": _("Joined services"), "information": _("Linked information"),
        "management": _("Joint management"),
    }  # fmt: skip


def _synergy(board: Board) -> Picture | None:
    if not board.synergies:
        return None
    caption = _("%(tier)s: points reached by kind of synergy, as a percentage of the full mark", tier=tier(board.tier))
    named = synergy_names()
    bars = [Bar(named[code], value, f"{number(value, 2)}%", href="#heat") for code, value in board.synergies.items()]
    bars.sort(key=lambda bar: -(bar.value or 0))
    described = _("A bar for each kind of synergy, from nought. The numbers stand in the table.")
    return _both(
        caption,
        lambda width: ranked_bars(title=caption, description=described, bars=bars, unit="%", lang=lang(), width=width),
    )


def _medians(board: Board) -> Picture | None:
    codes = [code for code in board.tiers if any(code in medians for _period, medians in board.trend)]
    if len(board.trend) < 2 or not codes:
        return None
    caption = _("Median score of each tier by period, out of 100")
    series = [
        Series(
            tier(code), [_value(medians.get(code)) for _period, medians in board.trend], accent=code == board.tier,
            href=_tier(board, code),
            hrefs=[_median(medians.get(code)) for _period, medians in board.trend],
        )
        for code in codes
    ]  # fmt: skip
    heads, unit = [period(one) for one, _medians in board.trend], _("points")
    described = _("A line for each tier over the periods. The numbers stand in the table.")
    return _both(
        caption,
        lambda width: trend(
            title=caption, description=described, periods=heads, series=series, unit=unit, lang=lang(), width=width
        ),
    )


def _median(figure: audit.KeptFigure | None) -> str:
    return url_for("desk.read_figure", run=figure.run_id, number=figure.number) if figure else ""


def referral_flow(cases: Mapping[tuple[str, str], int], when: Period) -> Picture | None:
    """From which tier to which patients went in a period; the months and members stand on the page of flows."""
    if not cases:
        return None
    caption = _("Referrals seen in %(period)s: from which tier and to which, in cases", period=period(when.code))
    page = url_for("registers.read_flow", month=when.parts(PeriodKind.MONTH)[-1].code)
    sums: dict[str, int] = {}
    for (sender, receiver), count in cases.items():
        for node in (f"from/{sender}", f"to/{receiver}"):
            sums[node] = sums.get(node, 0) + count
    order = [f"{side}/{code}" for side in ("from", "to") for code in TIERS]
    nodes = [
        Node(node, tier(node.partition("/")[2]), _in_cases(sums[node]), href=page) for node in order if node in sums
    ]
    flows = [
        Flow(f"from/{sender}", f"to/{receiver}", Decimal(count), _in_cases(count), page)
        for (sender, receiver), count in cases.items()
    ]
    described = _("A band from each tier to each tier, as thick as there are cases. The numbers stand in the table.")
    return _both(
        caption,
        lambda width: sankey(title=caption, description=described, nodes=nodes, flows=flows, lang=lang(), width=width),
    )


def _in_cases(count: int) -> str:
    return str(ngettext("%(num)s case", "%(num)s cases", count))


def heat(board: Board, names: Mapping[str, MemberInfo], indicators: Mapping[str, str]) -> Picture:
    """Members by indicators, in % of the full mark; each cell opens into its explanation."""
    caption = _("%(tier)s: share of the full mark by indicator and member, in percent", tier=tier(board.tier))
    columns = [
        Head(
            short(names, row.institution),
            url_for("desk.read_standing", institution=row.institution, period=board.run.period),
        )
        for row in board.rows
    ]
    rows = [
        (
            Head(indicators[code], url_for("indicators.read_indicator", code=code)),
            [_cell(board.shares.get((row.institution, code))) for row in board.rows],
        )
        for code in board.lines
    ]
    described = _("A darker cell is a larger share; a cross is a value that was due and not filed.")
    svg = heat_map(title=caption, description=described, columns=columns, rows=rows, unit="%", lang=lang(), width=BROAD)
    return Picture(caption, svg, svg)


def _cell(share: audit.KeptFigure | None) -> Cell:
    if share is None:
        return Cell(None)
    href = url_for("desk.read_figure", run=share.run_id, number=share.number)
    if share.value is None or share.kind.code == "share:missing":
        return Cell(None, href=href, applies=share.state is not State.NOT_APPLICABLE)
    return Cell(share.value * 100, number(share.value * 100, 0), href)


def short(names: Mapping[str, MemberInfo], code: str) -> str:
    """The short name of a member."""
    found = names.get(code)
    return code if found is None else (found.short_zh if lang() == "zh" else found.short_en) or label(found)


def standing_pictures(found: Standing, dimensions: Mapping[str, str], name: str) -> dict[str, Picture]:
    """The charts of a member's page by name, without those that have nothing to show."""
    drawn = {
        "waterfall": _change(found, dimensions),
        "trend": _course(found, name),
        "radar": _web(found, dimensions, name),
    }
    return {key: picture for key, picture in drawn.items() if picture is not None}


def _change(found: Standing, dimensions: Mapping[str, str]) -> Picture | None:
    before, now = found.earlier.data if found.earlier else None, found.row.data
    if found.before is None or before is None or now is None:
        return None
    caption = _("Data score from %(before)s to %(now)s, by dimension", before=period(found.before.period),
                now=period(found.run.period))  # fmt: skip
    steps = [
        Bar(
            dimensions.get(code, code) if code else _("Reallocated weights and rounding"), value, signed(value),
            href=_dimension(found, code),
        )
        for code, value in found.steps.items()
    ]  # fmt: skip
    start = Bar(period(found.before.period), before, number(before, 2),
                href=_figure(found.before.run_id, f"{found.member.code}/data_score"))  # fmt: skip
    end = Bar(period(found.run.period), now, number(now, 2), accent=True,
              href=_figure(found.run.run_id, f"{found.member.code}/data_score"))  # fmt: skip
    described, unit = _("A row for each dimension: full what rose, hollow what fell."), _("points")
    return _both(
        caption,
        lambda width: waterfall(
            title=caption, description=described, start=start, steps=steps, end=end, unit=unit, lang=lang(), width=width
        ),
    )


def _dimension(found: Standing, code: str) -> str:
    figure = found.sheet.dimensions.get(code)
    return url_for("desk.read_figure", run=found.run.run_id, number=figure.number) if figure else ""


def _course(found: Standing, name: str) -> Picture | None:
    if len([value for _period, value in found.trend if value is not None]) < 2:
        return None
    caption = _("Score by period, out of 100")
    values = [None if value is None else round(value, 2) for _period, value in found.trend]
    sheet = url_for("evaluation.read_score", number=found.run.run_id, institution=found.member.code)
    pages = [url_for("desk.read_standing", institution=found.member.code, period=one) for one, _value in found.trend]
    series = [Series(name, values, accent=True, href=sheet, hrefs=pages)]
    heads, described, unit = [period(one) for one, _value in found.trend], _("The member's score."), _("points")
    return _both(
        caption,
        lambda width: trend(
            title=caption, description=described, periods=heads, series=series, unit=unit, lang=lang(), width=width
        ),
    )


def _web(found: Standing, dimensions: Mapping[str, str], name: str) -> Picture | None:
    shown = [code for code in dimensions if code in found.sheet.dimensions][:SHOWN_DIMENSIONS]
    if len(shown) < 3:
        return None
    caption = _("Score by dimension, out of 100")
    series = [Series(name, [found.row.dimensions.get(code) for code in shown], accent=True)]
    if found.sheet.tier_medians:
        medians = [_value(found.sheet.tier_medians.get(code)) for code in shown]
        series.append(Series(_("Median of the tier"), medians))
    axes = [Axis(dimensions[code], _dimension(found, code)) for code in shown]
    described = _("The member against the median of its tier.")
    return _both(
        caption,
        lambda width: radar(
            title=caption, description=described, axes=axes, series=series, maximum=HUNDRED, lang=lang(), width=width
        ),
    )


def labels(alliance: int, run: evaluation.RunInfo) -> tuple[dict[str, str], dict[str, str]]:
    """The dimensions and the indicators of a run's library, in the reader's language."""
    known = library(alliance, Period.parse(run.period).last)
    return (
        {one.code: words(one.name) for one in known.dimensions},
        {code: words(one.name) for code, one in known.indicators.items()},
    )
