"""What scores would be with other readings: worked out anew for those concerned, with nothing kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from alliance.core.figure import Figure
from alliance.core.period import Period, PeriodKind
from alliance.evaluation.queries.ratings import rating_figures, veto_figures
from alliance.evaluation.queries.runs import official_run
from alliance.evaluation.queries.schemes import parsed, scheme_in_force, scheme_info
from alliance.evaluation.queries.values import Basis, basis
from alliance.evaluation.rules.scores import Card, Member, Scoring
from alliance.indicators import queries as indicators
from alliance.members import queries as members

Changes = Mapping[tuple[str, str, str], Decimal | None]  # member, element, period → another value; None: missing


@dataclass(frozen=True, slots=True)
class ScoreIf:
    """A member's results in a what-if: as its score sheet has them."""

    institution: str
    score: Decimal | None
    collaboration: Decimal | None
    vetoed: bool


@dataclass
class Ground:
    """What the scores of a period rest on, at hand to be asked what other readings would do.

    `official`: by what is accepted; otherwise provisional, by everything that was submitted.
    """

    period: str
    official: bool
    basis: Basis
    people: Mapping[str, members.MemberInfo]
    ratings: Mapping[tuple[str, str], Figure]
    vetoes: Mapping[str, Figure]

    @property
    def filed(self) -> indicators.Filed:
        return self.basis.filed

    @cached_property
    def found(self) -> indicators.Found:
        """Values, references and cases, as everything stands."""
        return self.filed.values()

    @cached_property
    def resting(self) -> dict[str, frozenset[str]]:
        """The scheme's indicators by the elements that they rest on."""
        return self.filed.resting()

    @cached_property
    def external(self) -> frozenset[str]:
        """The elements that lines compare with."""
        return frozenset(line.external for line in self.basis.scheme.lines if line.external)

    def touches(self, member: str, element: str) -> bool:
        """Whether any score rests on a figure of a member."""
        return element in self.external or (member in self.people and element in self.resting)

    @cached_property
    def _scoring(self) -> Scoring:
        return self.basis.scoring(self.found, self.ratings)

    @cached_property
    def _cards(self) -> dict[str, Card]:
        """The cards of everybody, as everything stands."""
        return {card.member.code: card for card in self._scored(self._scoring)}

    def _scored(self, scoring: Scoring) -> list[Card]:
        cards, _medians = scoring.score(
            [Member(one.code, one.tier, self.vetoes.get(one.code)) for one in self.people.values()]
        )
        return cards

    def scores(self, changes: Changes | None = None) -> dict[str, ScoreIf]:
        """The results of all members, with some readings in the place of others."""
        base = {code: _result(card) for code, card in self._cards.items()}
        places = [(who, element) for who, element, _ in changes or () if self.touches(who, element)]
        if not changes or not places:
            return base
        changed = {place: self.filed.other(place, value) for place, value in changes.items()}
        if any(element in self.external for _, element in places):
            found = self.filed.values(changed)
            cards = self._scored(self._with(found))
        else:
            only = self._recomputed(places)
            found = self.filed.values(changed, only)
            cards = self._with(found).score_again(self._cards, self._rescored(only))
        return base | {card.member.code: _result(card) for card in cards}

    def _with(self, found: indicators.Found) -> Scoring:
        """The scoring with some values in the place of others."""
        return replace(
            self._scoring, values={**self.found.values, **found.values}, cases={**self.found.cases, **found.cases},
            references={**self.found.references, **found.references},
        )  # fmt: skip

    def _rescored(self, only: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
        """The lines, by member, whose values are others when some indicators of some members are: their own, and those
        linked to them."""
        found = {who: list(codes) for who, codes in only.items()}
        for (supporter, indicator), there in self.basis.supported.items():
            if any(indicator in only.get(who, ()) for who in there):
                found.setdefault(supporter, []).append(indicator)
        return found

    def _recomputed(self, places: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """The indicators, by member, whose values rest on the figures at some places; those in which others agree with
        the lead rest on its figures too."""
        known = self.filed.known.indicators
        found: dict[str, set[str]] = {}
        for who, element in places:
            codes = self.resting[element]
            found.setdefault(who, set()).update(codes)
            if who == self.filed.lead:
                shared = {one for one in codes if known[one].kind == "agreement_with_lead"}
                for other in self.people if shared else ():
                    found.setdefault(other, set()).update(shared)
        kept = {who: [one for one in self.filed.wanted[who] if one in codes] for who, codes in found.items()}
        return {who: codes for who, codes in kept.items() if codes}


def _result(card: Card) -> ScoreIf:
    return ScoreIf(
        card.member.code,
        card.score.value if card.score else None,
        card.collaboration.value if card.collaboration else None,
        card.member.veto is not None,
    )


def scored_period(alliance: int, code: str) -> str:
    """The period of the scheme in force in which a period lies, "" where none is in force or it is longer."""
    when = Period.parse(code)
    info = scheme_in_force(alliance, when.last)
    kind = parsed(alliance, info, when.last).period if info else PeriodKind.QUARTER
    around = when.around(kind)
    return around.code if info and around.first <= when.first and when.until <= around.until else ""


def scores_if(alliance: int, period: str, month: str, now: datetime) -> Ground | None:
    """What the scores of a period rest on: as for its official run where there is one, else provisional, with the month
    at hand counted although it may still be open. None while no scheme is in force."""
    when, run = Period.parse(period), official_run(alliance, period)
    if run is not None:
        code, _, version = run.scheme.rpartition("/")
        info = scheme_info(alliance, code, int(version))
    else:
        info = scheme_in_force(alliance, when.last)
    if info is None:
        return None
    scheme = parsed(alliance, info, when.last)
    people = {one.code: one for one in members.members(alliance, when.last)}
    months = None
    if run is None:
        months = indicators.months_counted(alliance, when, now) | Period.parse(month).months_in(when)
    return Ground(
        period, run is not None, basis(alliance, when, info, scheme, list(people.values()), months), people,
        rating_figures(alliance, period), veto_figures(alliance, period),
    )  # fmt: skip
