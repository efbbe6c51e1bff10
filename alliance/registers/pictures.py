"""The chart of referrals: from whom to whom patients go in a month; the numbers stand in the table beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.charts import Flow, Node, sankey
from alliance.core.tiers import TIERS
from alliance.i18n import label, lang, period, tier
from alliance.members.queries import MemberInfo

WIDE, NARROW = 960.0, 360.0  # user units: for desks member by member, for phones by tier
MOST = 24  # nodes on a side that can still be told apart


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG text, wide and narrow, under its caption."""

    caption: str
    svg: str
    narrow: str


def picture(month: str, found: Mapping[tuple[str, str], int], names: Mapping[str, MemberInfo]) -> Picture:
    """From senders on the left to receivers on the right, as thick as there are cases; many members go by tier."""
    caption = _("Referrals seen in %(month)s: from whom and to whom, in cases", month=period(month))
    by_tier = Counter[tuple[str, str]]()
    for (sender, receiver), count in found.items():
        by_tier[_tier(sender, names), _tier(receiver, names)] += count
    few = max(len({sender for sender, _to in found}), len({receiver for _from, receiver in found})) <= MOST
    tiers = {one: tier(one) for one in TIERS}
    members = {code: label(one) for code, one in names.items()}

    def cases(sender: str = "", receiver: str = "") -> str:
        return cases_url(month, sender, receiver)

    def table(_sender: str = "", _receiver: str = "") -> str:
        return "#flows"

    wide = _draw(found, members, caption, WIDE, cases) if few else _draw(by_tier, tiers, caption, WIDE, table)
    return Picture(caption, wide, _draw(by_tier, tiers, caption, NARROW, table))


def cases_url(month: str, sender: str = "", receiver: str = "", direction: str = "") -> str:
    """The page of the cases that a flow counts."""
    asked = {"sender": sender, "receiver": receiver, "direction": direction}
    wanted: dict[str, Any] = {name: code for name, code in asked.items() if code}
    return url_for("registers.list_referrals", month=month, figures="counted", **wanted)


def _tier(code: str, names: Mapping[str, MemberInfo]) -> str:
    return names[code].tier if code in names else TIERS[-1]


def _draw(
    found: Mapping[tuple[str, str], int], names: Mapping[str, str], caption: str, width: float, link: Callable[..., str]
) -> str:
    sent, taken = Counter[str](), Counter[str]()
    for (sender, receiver), count in found.items():
        sent[sender] += count
        taken[receiver] += count
    order = list(names)
    nodes = [
        Node(f"{side}/{code}", names[code], _cases(sums[code]), href=link(code) if side == "from" else link("", code))
        for side, sums in (("from", sent), ("to", taken)) for code in order if sums[code]
    ]  # fmt: skip
    flows = [
        Flow(f"from/{sender}", f"to/{receiver}", Decimal(count), _cases(count), link(sender, receiver))
        for (sender, receiver), count in sorted(found.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
    ]
    described = _(
        "A band from each sender to each receiver, as thick as there are cases. The numbers stand in the table."
    )
    return sankey(title=caption, description=described, nodes=nodes, flows=flows, lang=lang(), width=width)


def _cases(count: int) -> str:
    return str(ngettext("%(num)s case", "%(num)s cases", count))
