"""What experts found, as figures for the score of each member: of closed panels only, from what closing has kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from alliance.core.figure import Figure, Kind, Level, Name, State, derived, given
from alliance.core.period import Period
from alliance.core.refused import Both
from alliance.members import queries as members
from alliance.ratings.queries.panels import MarkInfo, PanelInfo, marks, panel, panels, rubric_of, scores
from alliance.ratings.queries.results import GROUPS, Asked, Group
from alliance.ratings.rules.panels import LOCKED

THIRD_PARTY = "third_party"
KIND = Kind(
    f"group:{THIRD_PARTY}", "第三方评估", "Third-party evaluation", "分", "points",
    "sum(weight * mark) / sum(weight)", "2", "groups",
    names=(
        Name("weight", "条目权重", "weight of the item"),
        Name("mark", "条目得分", "mark of the item"),
        Name("without", "未计入的条目", "items left out"),
    ),
)  # fmt: skip


def results(asked: Asked) -> Mapping[str, Figure]:
    """The result of each member in a closed panel: the weighted mean of its items, those without a mark left out."""
    one = panel(asked.alliance, asked.period)
    if one is None or one.closed_at is None:
        return {}
    by_member: dict[str, list[MarkInfo]] = {}
    for row in marks(one):
        by_member.setdefault(row.institution, []).append(row)
    items = rubric_of(asked.alliance, one).items
    names = {item.code: item.name for item in items}
    order = {item.code: place for place, item in enumerate(items)}
    tiers = {info.code: info.tier for info in members.members(asked.alliance, Period.parse(asked.period).last)}
    weights: dict[tuple[str, str], Figure] = {}
    found = {}
    for who, rows in by_member.items():
        inputs: list[tuple[str, Figure]] = []
        for row in sorted(rows, key=lambda row: order[row.item]):
            kind = Kind(f"expert:{row.item}", names[row.item].zh, names[row.item].en, "分", "points", clause="groups")
            mark = given(
                f"{who}/expert/{row.item}", kind, row.value, f"panel:{one.period}/{who}#{row.item}",
                owner=f"institution:{who}", state=State.NOT_APPLICABLE if row.value is None else None,
            )  # fmt: skip
            if row.value is None:
                inputs.append(("without", mark))
                continue
            place = (tiers.get(who, ""), row.item)
            if place not in weights:
                weights[place] = _weight(one, place[0], row, names[row.item])
            inputs += [("weight", weights[place]), ("mark", mark)]
        found[who] = derived(f"{who}/group/{THIRD_PARTY}", KIND, _exact(rows), inputs, owner=f"institution:{who}")
    return found


def _weight(one: PanelInfo, tier: str, row: MarkInfo, name: Both) -> Figure:
    kind = Kind(
        f"rubric:{row.item}", f"{name.zh}的权重", f"Weight of “{name.en}”", "%", "%", clause="groups",
        level=Level.ALLIANCE,
    )  # fmt: skip
    source = f"rubric:{one.code}/{one.version}#{tier}.{row.item}"
    return given(f"{tier}/rubric/{row.item}/weight", kind, row.weight, source)


def _exact(rows: Iterable[MarkInfo]) -> Fraction | None:
    there = [(Fraction(row.weight), Fraction(row.value)) for row in rows if row.value is not None]
    whole = sum((weight for weight, _ in there), Fraction(0))
    return sum((weight * value for weight, value in there), Fraction(0)) / whole if whole else None


def spoke(asked: Asked) -> Mapping[str, int]:
    """How many experts scored each member in a closed panel: those whose scores count for some item."""
    one = panel(asked.alliance, asked.period)
    if one is None or one.closed_at is None:
        return {}
    people: dict[str, set[str]] = {}
    for row in scores(asked.alliance, one, one.closed_at):
        if row.state == LOCKED and row.score is not None:
            people.setdefault(row.institution, set()).add(row.account)
    return {who: len(there) for who, there in people.items()}


def collected(alliance: int, period: str) -> bool:
    """Whether a panel was opened for a period: from then on nothing is typed in beside it."""
    return panel(alliance, period) is not None


def known(alliance: int) -> Iterable[object]:
    """Changes whenever a panel is opened or closed."""
    return [(one.period, one.closed_at) for one in panels(alliance)]


GROUPS[THIRD_PARTY] = Group(results, spoke, collected, known)
