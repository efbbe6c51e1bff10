"""The chart of a fund: where its money comes from and to whom it goes; the numbers stand in the tables beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import url_for
from flask_babel import gettext as _

from alliance.audit.queries import KeptFigure
from alliance.charts import Flow, Node, sankey
from alliance.core.tiers import TIERS
from alliance.funds.queries import FundInfo, ShareInfo
from alliance.i18n import amount, label, lang, period, tier
from alliance.members.queries import MemberInfo

WIDE, NARROW = 960.0, 360.0  # user units: for desks with every member, for phones by tier


@dataclass(frozen=True, slots=True)
class Stream:
    """An amount in cents from one place to another, both in words."""

    source: str
    target: str
    cents: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, wide and narrow, its caption, and the streams by tier behind it."""

    caption: str
    svg: str
    narrow: str
    streams: Sequence[Stream]


def picture(
    fund: FundInfo,
    shares: Sequence[ShareInfo],
    names: Mapping[str, MemberInfo],
    figures: Mapping[str, KeptFigure],
    other: int,
) -> Picture:
    """Paid in by tier and other sources, the pool, the tiers with their members, the reserve."""
    key = f"fund/{fund.period}/"
    tiers = [one for one in TIERS if any(_tier(share, names) == one for share in shares)]
    nodes = {"pool": _node("pool", _("Fund"), fund.pool, _figure(figures.get(key + "pool")), accent=True)}
    flows: list[Flow] = []

    def flow(code: str, text: str, cents: int, href: str, *, comes: bool) -> None:
        nodes[code] = _node(code, text, cents, href)
        ends = (code, "pool") if comes else ("pool", code)
        flows.append(Flow(*ends, Decimal(cents).scaleb(-2), amount(cents), href))

    for one in tiers:
        paid = sum(share.paid_in for share in shares if _tier(share, names) == one)
        flow(f"in/{one}", _("Paid in: %(tier)s", tier=tier(one)), paid, "#shares", comes=True)
    if other:
        flow("other", _("Other sources"), other, url_for("funds.list_totals", period=fund.period), comes=True)
    for one in tiers:
        got = sum(share.received for share in shares if _tier(share, names) == one)
        flow(f"out/{one}", tier(one), got, "#shares", comes=False)
    flow("reserve", _("Reserve"), fund.reserve, _figure(figures.get(key + "reserve")), comes=False)
    streams = [Stream(nodes[one.source].label, nodes[one.target].label, int((one.value or 0) * 100)) for one in flows]
    caption = _("The fund of %(period)s: from whom it comes and to whom it goes, in CNY", period=period(fund.period))
    described = _("A band for each amount, as thick as it is large. The numbers stand in the table.")
    narrow = sankey(
        title=caption, description=described, nodes=list(nodes.values()), flows=flows, lang=lang(), width=NARROW
    )
    for share in shares:
        code = share.institution
        if share.received:
            href = url_for("funds.read_statement", number=fund.run_id, institution=code)
            nodes[code] = _node(code, _short(names, code), share.received, href)
            value = Decimal(share.received).scaleb(-2)
            flows.append(Flow(f"out/{_tier(share, names)}", code, value, amount(share.received), href))
    svg = sankey(title=caption, description=described, nodes=list(nodes.values()), flows=flows, lang=lang(), width=WIDE)
    return Picture(caption, svg, narrow, streams)


def _node(code: str, text: str, cents: int, href: str, *, accent: bool = False) -> Node:
    return Node(code, text, amount(cents), accent, href)


def _tier(share: ShareInfo, names: Mapping[str, MemberInfo]) -> str:
    return names[share.institution].tier


def _short(names: Mapping[str, MemberInfo], code: str) -> str:
    one = names[code]
    return (one.short_zh if lang() == "zh" else one.short_en) or label(one)


def _figure(figure: KeptFigure | None) -> str:
    return url_for("desk.read_figure", run=figure.run_id, number=figure.number) if figure else ""
