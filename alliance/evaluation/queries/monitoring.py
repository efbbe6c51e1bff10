"""The data score of a month, worked out for monitoring: nothing is kept here, and nobody is paid by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from alliance.core.figure import Figure, Kind, State, given
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Refused, mark
from alliance.evaluation.queries.runs import Result
from alliance.evaluation.queries.schemes import SchemeInfo, parsed, scheme_in_force
from alliance.evaluation.queries.scores import ScoreInfo, ranking
from alliance.evaluation.queries.values import basis
from alliance.evaluation.rules.scheme import Scheme
from alliance.evaluation.rules.scores import Card, Member
from alliance.members import queries as members

COUNTED = "sum"  # the kind of indicators that count over a period: their targets are those of the scheme's period


def monitor(alliance: int, month: str) -> Result:
    """Score a month by the data alone, under the scheme in force, from what is accepted now.

    Indicators that only count (patients seen, visits made) do not apply, as their targets are set for the whole period
    of the scheme; their weight goes to the others. Neither raters' results nor vetoes enter. Refused: no scheme in
    force, a period that is no month, a month of which nothing is accepted.
    """
    when = Period.parse(month)
    info = scheme_in_force(alliance, when.last)
    if when.kind is not PeriodKind.MONTH:
        raise Refused(mark("%(period)s is no month: only months are monitored."), period=month)
    if info is None:
        raise Refused(mark("No scheme is in force for %(period)s; the committee decides on one first."), period=month)
    scheme = parsed(alliance, info, when.last)
    cards, medians = _scoring(alliance, when, info, scheme)
    shares = [share for card in cards for share in card.shares.values() if share.value is not None]
    if all(share.kind.code == "share:missing" for share in shares):
        raise Refused(mark("Nothing accepted was filed for %(period)s: there is nothing to monitor."), period=month)
    not_filed = {card.member.code: len(lacking(card)) for card in cards}
    return Result(cards, medians, info, month, not_filed)


def _scoring(alliance: int, when: Period, info: SchemeInfo, scheme: Scheme) -> tuple[list[Card], dict[str, Figure]]:
    people = members.members(alliance, when.last)
    ground = basis(alliance, when, info, scheme, people)
    found, known = ground.filed.values(), ground.filed.known
    kinds = {
        code: Kind(
            f"unmonitored:{code}", f"{one.name.zh}（按考核周期计分）", f"{one.name.en} (scored by whole periods)"
        )
        for code, one in known.indicators.items()
        if one.kind == COUNTED and scheme.period is not when.kind
    }
    unmonitored = {
        (member, code): given(
            figure.key, kinds[code], None, f"scheme:{info.reference}#{code}", owner=figure.owner,
            state=State.NOT_APPLICABLE,
        )
        for (member, code), figure in found.values.items()
        if code in kinds
    }  # fmt: skip
    scoring = ground.scoring(replace(found, values={**found.values, **unmonitored}), {})
    return scoring.score([Member(one.code, one.tier) for one in people])


def results(found: Result) -> list[ScoreInfo]:
    """The results of a scoring that is not kept, as those of a run: by tier, ranked first."""
    counts: dict[str, int] = {}
    for card in found.cards:
        counts[card.member.tier] = counts.get(card.member.tier, 0) + (card.rank is not None)
    return ranking([_result(card, counts[card.member.tier]) for card in found.cards])


def _result(card: Card, ranked: int) -> ScoreInfo:
    rank = None if card.rank is None or card.rank.value is None else int(card.rank.value)
    dimensions = {code: one.value for code, one in card.dimensions.items() if one.value is not None}
    return ScoreInfo(
        card.member.code, card.member.tier, value_of(card.score), value_of(card.data), value_of(card.collaboration),
        rank, ranked, card.member.veto is not None, len(lacking(card)), dimensions,
    )  # fmt: skip


def value_of(figure: Figure | None) -> Decimal | None:
    return figure.value if figure else None


def lacking(card: Card) -> list[str]:
    """The indicators of a member that were due and not filed."""
    return sorted(code for code, share in card.shares.items() if share.kind.code == "share:missing")


def points(found: Result) -> Mapping[str, Mapping[str, Decimal | None]]:
    """The points of every member by indicator."""
    return {card.member.code: {code: one.value for code, one in card.points.items()} for card in found.cards}
