"""Accepted readings as figures, and the values of indicators made from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from alliance.core.figure import Figure, State, given
from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.indicators.models import Submission
from alliance.indicators.queries.libraries import library
from alliance.indicators.queries.periods import periods
from alliance.indicators.queries.readings import READING, current_columns
from alliance.indicators.rules.cases import cases_behind
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Progress
from alliance.indicators.rules.kinds import Bench, Place, element_kind, owner_of, reading_periods
from alliance.indicators.rules.versions import needed
from alliance.members import queries as members

OFFICIAL = (Progress.ACCEPTED,)
SUBMITTED = (Progress.SUBMITTED, Progress.REVIEW, Progress.RETURNED, Progress.ACCEPTED)


def figures_of_readings(
    alliance: int,
    known: Library,
    codes: Collection[str],
    draft: str | None = None,
    only: Collection[str] | None = None,
    standing: Collection[Progress] = OFFICIAL,
) -> dict[Place, Figure]:
    """The current readings of some periods as figures; of members, those in submissions of such a standing. With
    `draft`, those of this member alone, accepted or not; with `only`, those of some elements."""
    accepted = _submitted(alliance, codes, standing) if draft is None else {(draft, code) for code in codes}
    rows = current_columns(alliance, codes, "institution", "element", "period", "revision", "value", "state")
    if draft is not None:
        rows = rows.where(READING.institution.in_([draft, ""]))
    if only is not None:
        rows = rows.where(READING.element.in_(sorted(only)))
    asked = known.elements if only is None else only
    kinds = {code: element_kind(known.elements[code]) for code in asked}
    found: dict[Place, Figure] = {}
    for institution, element, code, revision, value, state in db.session.execute(rows):
        if element not in kinds or (institution and (institution, code) not in accepted):
            continue
        key = f"{institution}/{element}/{code}"
        found[institution, element, code] = given(
            key,
            kinds[element],
            Decimal(value) if value else None,
            f"reading:{key}@{revision}",
            owner=owner_of(institution),
            state=State(state),
        )
    return found


def _submitted(alliance: int, codes: Collection[str], standing: Collection[Progress]) -> set[tuple[str, str]]:
    rows = db.session.execute(
        select(Submission.institution, Submission.period).where(
            Submission.alliance_id == alliance,
            Submission.period.in_(list(codes)),
            Submission.state.in_([one.value for one in standing]),
        )
    )
    return {(institution, code) for institution, code in rows}


def submitted(alliance: int, code: str) -> frozenset[str]:
    """The members whose filing of a period was submitted, whatever became of it since."""
    return frozenset(institution for institution, _ in _submitted(alliance, [code], SUBMITTED))


def months_counted(alliance: int, period: Period, now: datetime) -> frozenset[int]:
    """The months of a period, by their number from its beginning, that count so far: those whose filing is closed, or
    of which every member has submitted what lies in them; none behind the first that is still open."""
    found: frozenset[int] = frozenset()
    for one in sorted(periods(alliance), key=lambda one: Period.parse(one.code)):
        months = Period.parse(one.code).months_in(period)
        if months and one.due_at > now and not _everybody(alliance, one.code) <= submitted(alliance, one.code):
            break
        found |= months
    return found


def _everybody(alliance: int, code: str) -> set[str]:
    return {one.code for one in members.members(alliance, Period.parse(code).last)}


@dataclass(frozen=True, slots=True)
class Found:
    """Values of a period as figures: of indicators and the cases behind them by (member, indicator), None where one
    rests on no cases; of elements as references by (member, element)."""

    values: Mapping[tuple[str, str], Figure]
    references: Mapping[tuple[str, str], Figure]
    cases: Mapping[tuple[str, str], Figure | None]


@dataclass(frozen=True, slots=True)
class Filed:
    """The readings behind the values of a period, at hand to be asked again with other readings; nothing is kept.

    `readings` are those that count; `wanted` are the indicators of each member, `beside` the elements that stand beside
    them as references, `weighed` the indicators wanted whose cases are asked too; `months`, by their number, are those
    that count, from everything that was submitted; None: all, from what is accepted.
    """

    known: Library
    when: Period
    readings: Mapping[Place, Figure]
    wanted: Mapping[str, Collection[str]]
    beside: Mapping[str, Collection[str]]
    lead: str
    months: frozenset[int] | None
    weighed: Mapping[str, Collection[str]] = field(default_factory=dict)

    def values(
        self, changed: Mapping[Place, Figure] | None = None, only: Mapping[str, Collection[str]] | None = None
    ) -> Found:
        """The values, with some readings in the place of others; of some indicators of some members, when they are
        named, and then no references."""
        readings = {**self.readings, **changed} if changed else self.readings
        bench = Bench(self.known, self.when, readings, lead=self.lead, months=self.months)
        wanted = self.wanted if only is None else only
        beside = self.beside if only is None else {}
        return Found(
            {(member, one): bench.value(member, one) for member, codes in wanted.items() for one in codes},
            {(member, one): bench.total(member, one, self.when) for member, codes in beside.items() for one in codes},
            {
                (member, one): cases_behind(bench, member, one)
                for member, codes in wanted.items()
                for one in codes
                if one in self.weighed.get(member, ())
            },
        )

    def other(self, place: Place, value: Decimal | None) -> Figure:
        """A reading as it would be with another value, None for missing; only to be asked with, never kept."""
        element = self.known.elements[place[1]]
        key = "/".join(place)
        state = State.MISSING if value is None else State.VALUE
        return given(
            key, element_kind(element), value, f"reading:{key}@0", owner=owner_of(place[0]), state=state,
        )  # fmt: skip

    def resting(self) -> dict[str, frozenset[str]]:
        """The indicators wanted of anybody that rest on an element, by element."""
        found: dict[str, set[str]] = {}
        for code in {one for codes in self.wanted.values() for one in codes}:
            for element in needed(self.known, [code])[1]:
                found.setdefault(element, set()).add(code)
        return {element: frozenset(there) for element, there in found.items()}


def filed(
    alliance: int,
    code: str,
    wanted: Mapping[str, Collection[str]],
    beside: Mapping[str, Collection[str]],
    weighed: Mapping[str, Collection[str]],
    months: frozenset[int] | None = None,
) -> Filed:
    """The readings behind the values of a period: of the indicators wanted of each member, of the cases behind some of
    them, and of the elements that stand beside them as references. Refused: an indicator that is not defined for the
    period."""
    when, known = Period.parse(code), library(alliance, Period.parse(code).last)
    asked = sorted({one for codes in wanted.values() for one in codes} - known.indicators.keys())
    if asked:
        raise Refused(
            "%(count)s indicators are asked for that are not defined for %(period)s.",
            count=len(asked),
            period=code,
            problems=[Problem(one, one, mark("no indicator has this code")) for one in asked],
        )
    codes = reading_periods(known, {one for codes in wanted.values() for one in codes}, when)
    elements = {known.elements[one] for codes in beside.values() for one in codes}
    codes |= {part.code for element in elements for part in when.parts(element.frequency)}
    readings = figures_of_readings(alliance, known, codes, standing=OFFICIAL if months is None else SUBMITTED)
    return Filed(known, when, readings, wanted, beside, members.lead(alliance, when.last), months, weighed)
