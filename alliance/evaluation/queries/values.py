"""What a scoring of a period rests on: the values that the lines of a scheme take, and who supports whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alliance.core.figure import Figure
from alliance.core.period import Period
from alliance.evaluation.queries.schemes import SchemeInfo
from alliance.evaluation.rules.linked import Link, Support
from alliance.evaluation.rules.scheme import Scheme
from alliance.evaluation.rules.scores import Label, Scoring
from alliance.indicators import queries as indicators
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Basis:
    """The readings behind a scoring, at hand to be asked again with other readings; nothing is kept.

    `supported` are the members whose values a linked line takes, by (supporter, indicator).
    """

    when: Period
    scheme: Scheme
    info: SchemeInfo
    filed: indicators.Filed
    support: Support
    supported: Mapping[tuple[str, str], Sequence[str]]

    def scoring(self, found: indicators.Found, ratings: Mapping[tuple[str, str], Figure]) -> Scoring:
        """The scoring of these values with the results of rater groups."""
        known = self.filed.known
        labels = {
            code: Label(
                one.name.zh, one.name.en, one.dimension, one.tags, (one.unit.zh, one.unit.en), one.places
            )
            for code, one in known.indicators.items()
        }  # fmt: skip
        dimensions = {one.code: Label(one.name.zh, one.name.en) for one in known.dimensions}
        return Scoring(
            self.scheme, self.info.reference, self.when.code, labels, dimensions, found.values, ratings,
            references=found.references, support=self.support, cases=found.cases,
        )  # fmt: skip


def basis(
    alliance: int,
    when: Period,
    info: SchemeInfo,
    scheme: Scheme,
    people: Sequence[members.MemberInfo],
    months: frozenset[int] | None = None,
) -> Basis:
    """What the scores of some members rest on: from accepted readings or, of some months, from all that was submitted.
    Who supports whom holds as of the period's last day. Refused: an indicator that is not defined for the period."""
    own = {one.code: [line.indicator for line in scheme.tier_lines(one.tier) if not line.linked] for one in people}
    beside = {one.code: [line.external for line in scheme.tier_lines(one.tier) if line.external] for one in people}
    support, supported = Support(), dict[tuple[str, str], list[str]]()
    if any(line.linked for line in scheme.lines):
        support = _support(alliance, when)
        supported = _supported(alliance, when, scheme, people, support)
    weighed: dict[str, list[str]] = {}
    for (_, indicator), codes in supported.items():
        for code in codes:
            weighed.setdefault(code, []).append(indicator)
    wanted = {
        code: list(dict.fromkeys([*own.get(code, ()), *weighed.get(code, ())])) for code in own.keys() | weighed.keys()
    }
    return Basis(
        when, scheme, info, indicators.filed(alliance, when.code, wanted, beside, weighed, months), support, supported
    )


def _support(alliance: int, when: Period) -> Support:
    return Support([
        Link(one.supporter, one.supported, one.specialty, one.share, one.start)
        for one in members.links(alliance, when.last)
    ])  # fmt: skip


def _supported(
    alliance: int, when: Period, scheme: Scheme, people: Sequence[members.MemberInfo], support: Support
) -> dict[tuple[str, str], list[str]]:
    """The members whose values linked lines take: those supported, of a tier in which the indicator applies.

    An indicator that is not defined is asked of the supporter itself, to be refused like any other.
    """
    known = indicators.library(alliance, when.last).indicators
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    found: dict[tuple[str, str], list[str]] = {}
    for one in people:
        for line in scheme.tier_lines(one.tier):
            if line.linked and line.indicator in known:
                applies = known[line.indicator].tiers
                codes = [code for code, _ in support.of(one.code, line.linked) if tiers.get(code) in applies]
                found[one.code, line.indicator] = codes
            elif line.linked:
                found[one.code, line.indicator] = [one.code]
    return found
